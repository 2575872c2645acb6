// Every format the engine ships. A new architecture adds its header and its line; its spec is
// listed in models/specs.hpp under the same name, and whoever needs both joins them by that name.
#pragma once

#include <type_traits>

#include "formats/aarch64.hpp"
#include "formats/ept.hpp"
#include "formats/loongarch64.hpp"
#include "formats/npt.hpp"
#include "formats/riscv.hpp"
#include "formats/x86_64.hpp"

namespace twinwalk {

template <class... Formats>
struct FormatTypes {
  static constexpr int size = sizeof...(Formats);

  // Calls visitor(std::type_identity<Format>{}) for each, in order.
  template <class Visitor>
  static constexpr void for_each(Visitor&& visitor) {
    (visitor(std::type_identity<Formats>{}), ...);
  }
};

using AllFormats = FormatTypes<                 //
    X86_64<4>, X86_64<5>, Ept<4>, Ept<5>, Npt,  //
    Riscv<3>, Riscv<4>, Riscv<5>,               //
    Riscv<3, RiscvStage::second>, Riscv<4, RiscvStage::second>, Riscv<5, RiscvStage::second>,
    Aarch64Stage1<Aarch64Range::lower>, Aarch64Stage1<Aarch64Range::upper>,
    Aarch64Stage1<Aarch64Range::el2>, Aarch64Stage2<48>, Aarch64Stage2<40>,  //
    LoongArch64>;

}  // namespace twinwalk
