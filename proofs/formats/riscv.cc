// The proofs about RISC-V paging.
#include "proofs/formats/riscv.hpp"

#include "proofs/formats/registry.hpp"
#include "proofs/jobs_of.hpp"

namespace twinwalk::proofs {
namespace {

template <int Levels>
using FirstStage = models::RiscvSpec<Levels, models::RiscvStage::first>;

}  // namespace

std::vector<Job> riscv_jobs() {
  std::vector<Job> jobs;
  add_jobs<Riscv<3>, FirstStage<3>>(jobs);
  add_jobs<Riscv<4>, FirstStage<4>>(jobs);
  add_jobs<Riscv<5>, FirstStage<5>>(jobs);
  return jobs;
}

}  // namespace twinwalk::proofs
