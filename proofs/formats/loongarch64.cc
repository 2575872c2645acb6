// The proofs about LoongArch64: of entries and addresses. That what is kept of a hole has a size is
// not in the theorems about calls yet.
#include "proofs/formats/loongarch64.hpp"

#include "proofs/formats/registry.hpp"
#include "proofs/jobs_of.hpp"

namespace twinwalk::proofs {

std::vector<Job> loongarch64_jobs() {
  std::vector<Job> jobs;
  add_layout_jobs<LoongArch64, models::LoongArchSpec>(jobs);
  return jobs;
}

}  // namespace twinwalk::proofs
