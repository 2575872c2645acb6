// What the settings and results of a RISC-V vector table mean.
//
// Access: r, w, x (or read, write, fetch …). Settings, each 0 or 1 unless said otherwise:
//   levels (3, 4, 5); g (the second stage); va or gpa (the address); m (physical bits, 32..56);
//   user; sum, mxr; adue, pbmte, svnapot, rsw (Svrsw60t59b); walk (of a guest's own tables).
// Defaults: Sv39's first stage, 0x40201abc (with more levels a 1 at each index), 56 physical bits,
// the supervisor's access, everything else 0.
// Results: OK physical-address page-size PBMT new-PTE, or - where nothing is set; PF-LOAD,
// PF-STORE, PF-FETCH; the same with GPF in the second stage.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "models/spec/access.hpp"
#include "models/spec/riscv/format.hpp"
#include "models/spec/vector_row.hpp"
#include "models/walker.hpp"

namespace twinwalk::models {

class RiscvVectors : public VectorRunner<RiscvVectors> {
  friend VectorRunner;

 public:
  static constexpr std::string_view arch = RiscvSpec<3, RiscvStage::first>::arch;

  // The walk of a row whose expectation nobody asks for.
  static VectorWalkOutcome walk_row(VectorRow const& row) {
    RiscvVectors self;
    if (auto const error = self.read(row)) return *error;
    if (row.entries.size() > self.levels_) {
      return VectorRowError{row.entries_column, "more entries than levels"};
    }
    return self.second_ != 0 ? self.walk_stage<RiscvStage::second>(row)
                             : self.walk_stage<RiscvStage::first>(row);
  }

 private:
  std::optional<VectorRowError> read(VectorRow const& row) {
    std::optional<AccessKind> const kind = access_named(row.access);
    if (!kind) return VectorRowError{row.access_column, "unknown access '" + row.access + "'"};
    access_.kind = *kind;
    for (VectorSetting const& setting : row.settings) {
      if (auto const error = read_setting(setting)) return error;
    }
    if (levels_ < 3) return VectorRowError{row.access_column, "levels is none of 3, 4 and 5"};
    if (physical_bits_ < 32) return VectorRowError{row.access_column, "m is below 32"};
    access_.user = user_ != 0;
    if (walk_ != 0) {
      // A walk reads, whatever it is made for.
      access_.guest_walk = true;
      access_.on_behalf = access_.kind;
      access_.kind = AccessKind::read;
    }
    return std::nullopt;
  }

  std::optional<VectorRowError> read_setting(VectorSetting const& setting) {
    if (setting.name == "va" || setting.name == "gpa" || setting.name == "address") {
      address_ = setting.value;
      return std::nullopt;
    }
    std::array<VectorSwitch, 11> const switches{{{"levels", &levels_, riscv::level_max},
                                                 {"m", &physical_bits_, 56},
                                                 {"g", &second_},
                                                 {"user", &user_},
                                                 {"walk", &walk_},
                                                 {"sum", &control_.sum},
                                                 {"mxr", &control_.mxr},
                                                 {"adue", &machine_.updates},
                                                 {"pbmte", &machine_.svpbmt},
                                                 {"svnapot", &machine_.svnapot},
                                                 {"rsw", &machine_.svrsw60t59b}}};
    return set_switch(switches, setting.name, setting);
  }

  static std::optional<VectorRowError> judge_expected(VectorRow const& row) {
    std::string const head = row.expected.empty() ? "" : row.expected.front().name;
    bool const faults = head.starts_with("PF-") || head.starts_with("GPF-");
    if (row.expected.size() == (faults ? 1U : 5U) && (faults || head == "OK")) return std::nullopt;
    return VectorRowError{row.expected_column,
                          "expected result is neither OK with an address, a page size, a PBMT and "
                          "the new PTE or -, nor a page fault of an access"};
  }

  template <RiscvStage Stage>
  VectorWalk walk_stage(VectorRow const& row) const {
    if (levels_ == 3) return walk_with<RiscvSpec<3, Stage>>(row);
    if (levels_ == 4) return walk_with<RiscvSpec<4, Stage>>(row);
    return walk_with<RiscvSpec<5, Stage>>(row);
  }

  // A 1 at each index, and 0xabc.
  std::uint64_t ordinary_address() const {
    std::uint64_t address = 0xabc;
    for (std::uint64_t level = 0; level < levels_; ++level) {
      address |= std::uint64_t{1} << (12 + 9 * level);
    }
    return address;
  }

  MachineOptions machine() const {
    MachineOptions machine;
    machine.physical_bits = static_cast<std::uint8_t>(physical_bits_);
    machine.page_memory_types = machine_.svpbmt != 0;
    machine.hardware_updates =
        machine_.updates != 0 ? HardwareUpdates::accessed_and_dirty : HardwareUpdates::none;
    return machine;
  }

  template <class Spec>
  VectorWalk walk_with(VectorRow const& row) const {
    std::uint64_t const address = address_.value_or(ordinary_address());
    VectorWalk walked;
    walked.machine = machine();
    RiscvMachine hart = machine_;
    hart.physical_mask = mask(static_cast<int>(physical_bits_) - 1, 0);
    // Where the second stage may have its root too.
    constexpr std::uint64_t root = Spec::root_bits == 12 ? VectorMemory::root : 0x10000;
    auto const result = walk<Spec>(lay_out<Spec>(row.entries, address, root),
                                   RiscvSettings(hart, control_), root, address, access_);
    walked.path.assign(result.translation.path.begin(), result.translation.path.end());
    if (!result.ok()) {
      walked.result = {VectorToken::word(result.fault.name)};
      return walked;
    }
    std::uint64_t set = 0;
    for (Update const& update : result) set |= update.mask;
    walked.result = {
        VectorToken::word("OK"), VectorToken::value(result.translation.physical),
        VectorToken::value(bytes(result.translation.size)),
        VectorToken::value(result.translation.memory_type),
        set != 0 ? VectorToken::value(result.translation.entry | set) : VectorToken::word("-")};
    return walked;
  }

  Access access_{};
  std::optional<std::uint64_t> address_;
  std::uint64_t levels_ = 3;
  std::uint64_t physical_bits_ = 56;
  std::uint64_t second_ = 0;
  std::uint64_t user_ = 0;
  std::uint64_t walk_ = 0;
  RiscvMachine machine_{};
  RiscvControl control_{};
};

}  // namespace twinwalk::models
