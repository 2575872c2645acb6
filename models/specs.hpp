// Every format that the models know. Commands, tests and fuzz targets iterate this list; a new
// architecture adds its header and its line.
#pragma once

#include <string_view>
#include <type_traits>

#include "models/spec/aarch64.hpp"
#include "models/spec/ept.hpp"
#include "models/spec/loongarch64.hpp"
#include "models/spec/npt.hpp"
#include "models/spec/riscv.hpp"
#include "models/spec/x86_64.hpp"

namespace twinwalk::models {

template <class... Specs>
struct SpecList {
  static constexpr int size = sizeof...(Specs);

  // Calls visitor(std::type_identity<Spec>{}) for each, in order.
  template <class Visitor>
  static constexpr void for_each(Visitor&& visitor) {
    (visitor(std::type_identity<Specs>{}), ...);
  }

  // The same for the spec of this name alone; false when there is none.
  template <class Visitor>
  static constexpr bool with(std::string_view name, Visitor&& visitor) {
    return ((Specs::name == name && (visitor(std::type_identity<Specs>{}), true)) || ...);
  }
};

using AllSpecs = SpecList<                                          //
    X86_64Spec<4>, X86_64Spec<5>, EptSpec<4>, EptSpec<5>, NptSpec,  //
    RiscvSpec<3, RiscvStage::first>, RiscvSpec<4, RiscvStage::first>,
    RiscvSpec<5, RiscvStage::first>,  //
    RiscvSpec<3, RiscvStage::second>, RiscvSpec<4, RiscvStage::second>,
    RiscvSpec<5, RiscvStage::second>,  //
    Aarch64LowerSpec, Aarch64UpperSpec, Aarch64El2Spec, Aarch64Stage2Spec<48>,
    Aarch64Stage2Spec<40>,  //
    LoongArchSpec>;

}  // namespace twinwalk::models
