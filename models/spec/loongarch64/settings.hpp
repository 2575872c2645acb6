// What a walk of LoongArch64 tables depends on, as words: 0 and 1 on a real machine, and free where
// a solver leaves them open.
#pragma once

#include <cstdint>

#include "models/spec/word.hpp"

namespace twinwalk::models {

template <class Word>
struct BasicLoongArchMachine {
  Word hardware_walks{0};  // PWCH.HPTW_En: hardware takes P for V and W for D, and sets those two
  // What stands in a directory where there is nothing; all ones where software has no such word.
  Word void_entry{~std::uint64_t{0}};
};

// Which of two wrongs is told where an access has both: the sources differ.
enum class LoongArchOrder : std::uint8_t {
  pseudocode,  // NX, PLV, NR, D: the manual's
  prose,       // PLV before NX and NR: the manual's too
  qemu,        // NX, NR, PLV, D
};

template <class Word>
struct BasicLoongArchControl {
  Word kernel_level{0};    // CRMD.PLV, of an access that is not user mode's: 0, 1 or 2
  Word writes_unasked{0};  // MISC.DWPL: bit n lets level n write where D is 0
  LoongArchOrder order = LoongArchOrder::pseudocode;
};

template <class Word>
class BasicLoongArchSettings {
 public:
  constexpr explicit BasicLoongArchSettings(BasicLoongArchMachine<Word> const& machine,
                                            BasicLoongArchControl<Word> const& state = {})
      : control(state), machine_(machine) {}

  constexpr BasicLoongArchMachine<Word> const& machine() const { return machine_; }

  BasicLoongArchControl<Word> control;

 private:
  BasicLoongArchMachine<Word> machine_;
};

using LoongArchMachine = BasicLoongArchMachine<std::uint64_t>;
using LoongArchControl = BasicLoongArchControl<std::uint64_t>;
using LoongArchSettings = BasicLoongArchSettings<std::uint64_t>;

}  // namespace twinwalk::models
