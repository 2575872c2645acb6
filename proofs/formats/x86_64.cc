// The proofs about x86-64.
#include "proofs/formats/x86_64.hpp"

#include "proofs/formats/registry.hpp"
#include "proofs/jobs_of.hpp"

namespace twinwalk::proofs {

std::vector<Job> x86_64_jobs() {
  std::vector<Job> jobs;
  add_jobs<X86_64<4>, models::X86_64Spec<4>>(jobs);
  add_jobs<X86_64<5>, models::X86_64Spec<5>>(jobs);
  return jobs;
}

}  // namespace twinwalk::proofs
