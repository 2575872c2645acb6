// What a walk of AArch64 tables depends on, as words: 0 and 1 on a real machine, and free where a
// solver leaves them open.
#pragma once

#include <cstdint>

#include "models/spec/aarch64/tables.hpp"
#include "models/spec/word.hpp"

namespace twinwalk::models {

// What the processor is, and what TCR_ELx or VTCR_EL2 say for as long as the tables are used.
template <class Word>
struct BasicAarch64Machine {
  Word physical_mask;     // the output addresses that there are, at most 48 bits (PS)
  Word sets_accessed{0};  // HA
  Word sets_dirty{0};     // HD; counts only with HA
};

// What the control registers hold.
template <class Word>
struct BasicAarch64Control {
  Word pan{0};               // PSTATE.PAN
  Word epan{0};              // SCTLR_ELx.EPAN
  Word wxn{0};               // SCTLR_ELx.WXN
  Word no_hierarchy{0};      // TCR_ELx.HPD
  Word execute_by_level{1};  // stage 2: FEAT_XNX
  Word protected_walks{0};   // stage 2: HCR_EL2.PTW
};

template <class Word>
class BasicAarch64Settings {
 public:
  constexpr explicit BasicAarch64Settings(BasicAarch64Machine<Word> const& machine,
                                          BasicAarch64Control<Word> const& state = {})
      : control(state), machine_(machine) {}

  constexpr BasicAarch64Machine<Word> const& machine() const { return machine_; }

  // No bit is reserved but those of an address beyond the machine's, which raise an Address size
  // fault.
  constexpr Word reserved_in_table(int /*level*/) const {
    return Word(mask(47, 12)) & ~machine_.physical_mask;
  }
  constexpr Word reserved_in_leaf(int level) const {
    return Word(mask(47, 12 + 9 * (level - 1))) & ~machine_.physical_mask;
  }

  BasicAarch64Control<Word> control;

 private:
  BasicAarch64Machine<Word> machine_;
};

using Aarch64Machine = BasicAarch64Machine<std::uint64_t>;
using Aarch64Control = BasicAarch64Control<std::uint64_t>;
using Aarch64Settings = BasicAarch64Settings<std::uint64_t>;

}  // namespace twinwalk::models
