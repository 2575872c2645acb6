// The proofs about extended page tables.
#include "proofs/formats/ept.hpp"

#include "proofs/formats/registry.hpp"
#include "proofs/jobs_of.hpp"

namespace twinwalk::proofs {

std::vector<Job> ept_jobs() {
  std::vector<Job> jobs;
  add_jobs<Ept<4>, models::EptSpec<4>>(jobs);
  add_jobs<Ept<5>, models::EptSpec<5>>(jobs);
  return jobs;
}

}  // namespace twinwalk::proofs
