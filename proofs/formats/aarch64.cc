// The proofs about AArch64: of entries and addresses. That a leaf goes through a hole to become
// another is not in the theorems about calls yet.
#include "proofs/formats/aarch64.hpp"

#include "proofs/formats/registry.hpp"
#include "proofs/jobs_of.hpp"

namespace twinwalk::proofs {

std::vector<Job> aarch64_jobs() {
  using models::Aarch64El2Spec, models::Aarch64LowerSpec, models::Aarch64UpperSpec;
  using enum Aarch64Range;
  std::vector<Job> jobs;
  add_layout_jobs<Aarch64Stage1<lower>, Aarch64LowerSpec>(jobs);
  add_layout_jobs<Aarch64Stage1<upper>, Aarch64UpperSpec>(jobs);
  add_layout_jobs<Aarch64Stage1<el2>, Aarch64El2Spec>(jobs);
  add_layout_jobs<Aarch64Stage2<48>, models::Aarch64Stage2Spec<48>>(jobs);
  add_layout_jobs<Aarch64Stage2<40>, models::Aarch64Stage2Spec<40>>(jobs);
  return jobs;
}

}  // namespace twinwalk::proofs
