// The proofs about nested page tables.
#include "proofs/formats/npt.hpp"

#include "proofs/formats/registry.hpp"
#include "proofs/jobs_of.hpp"

namespace twinwalk::proofs {

std::vector<Job> npt_jobs() {
  std::vector<Job> jobs;
  add_jobs<Npt, models::NptSpec>(jobs);
  return jobs;
}

}  // namespace twinwalk::proofs
