// The proofs about RISC-V paging: of the second stages those about entries and addresses, for their
// roots are larger than the frames that the other theorems know.
#include "proofs/formats/riscv.hpp"

#include "proofs/formats/registry.hpp"
#include "proofs/jobs_of.hpp"

namespace twinwalk::proofs {
namespace {

template <int Levels>
using FirstStage = models::RiscvSpec<Levels, models::RiscvStage::first>;
template <int Levels>
using SecondStage = models::RiscvSpec<Levels, models::RiscvStage::second>;

}  // namespace

std::vector<Job> riscv_jobs() {
  std::vector<Job> jobs;
  add_jobs<Riscv<3>, FirstStage<3>>(jobs);
  add_jobs<Riscv<4>, FirstStage<4>>(jobs);
  add_jobs<Riscv<5>, FirstStage<5>>(jobs);
  add_layout_jobs<Riscv<3, RiscvStage::second>, SecondStage<3>>(jobs);
  add_layout_jobs<Riscv<4, RiscvStage::second>, SecondStage<4>>(jobs);
  add_layout_jobs<Riscv<5, RiscvStage::second>, SecondStage<5>>(jobs);
  return jobs;
}

}  // namespace twinwalk::proofs
