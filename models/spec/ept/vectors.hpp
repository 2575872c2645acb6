// What the settings and results of an EPT vector table mean.
//
// Access: r, w, x (or read, write, fetch …). Settings, each 0 or 1 unless said otherwise:
//   levels (4, 5); gpa (the address); m (MAXPHYADDR, 32..52); gb1, xonly (capabilities); mbec, ad
//   (controls); user_lin (the linear address is one of user mode); walk, final (kind of access);
//   gla_valid.
// Defaults: 4 levels, 0x8040201abc (bit 48 set with 5 levels), MAXPHYADDR 46, both capabilities,
// neither control, the final access of a known linear address.
// Results: OK physical-address page-size memory-type ignore-PAT, VIOLATION qualification,
// MISCONFIG.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "models/spec/access.hpp"
#include "models/spec/ept/format.hpp"
#include "models/spec/vector_row.hpp"
#include "models/spec/word.hpp"
#include "models/walker.hpp"

namespace twinwalk::models {

class EptVectors : public VectorRunner<EptVectors> {
  friend VectorRunner;

 public:
  static constexpr std::string_view arch = EptSpec<4>::arch;

  // The walk of a row whose expectation nobody asks for.
  static VectorWalkOutcome walk_row(VectorRow const& row) {
    EptVectors self;
    if (auto const error = self.read(row)) return *error;
    if (static_cast<std::uint64_t>(row.entries.size()) > self.levels_) {
      return VectorRowError{row.entries_column, "more entries than levels"};
    }
    return self.levels_ == 5 ? self.walk_with<EptSpec<5>>(row.entries)
                             : self.walk_with<EptSpec<4>>(row.entries);
  }

 private:
  std::optional<VectorRowError> read(VectorRow const& row) {
    std::optional<AccessKind> const kind = access_named(row.access);
    if (!kind) return VectorRowError{row.access_column, "unknown access '" + row.access + "'"};
    kind_ = *kind;
    for (VectorSetting const& setting : row.settings) {
      if (auto const error = read_setting(setting)) return error;
    }
    if (levels_ != 4 && levels_ != 5) {
      return VectorRowError{row.access_column, "levels is neither 4 nor 5"};
    }
    if (physical_bits_ < 32) return VectorRowError{row.access_column, "m is below 32"};
    return std::nullopt;
  }

  std::optional<VectorRowError> read_setting(VectorSetting const& setting) {
    if (setting.name == "gpa" || setting.name == "va" || setting.name == "address") {
      address_ = setting.value;
      return std::nullopt;
    }
    if (setting.name == "final") {
      guest_walk_ = setting.value == 0 ? 1 : 0;
      return std::nullopt;
    }
    return set_switch(switches(), setting.name, setting);
  }

  std::array<VectorSwitch, 14> switches() {
    constexpr std::uint64_t width = ept::physical_bits_max;
    return {{{"levels", &levels_, 5},
             {"m", &physical_bits_, width},
             {"maxphyaddr", &physical_bits_, width},
             {"physicalbits", &physical_bits_, width},
             {"gb1", &gigabyte_pages_},
             {"has1g", &gigabyte_pages_},
             {"xonly", &execute_only_},
             {"executeonly", &execute_only_},
             {"mbec", &mode_based_execute_},
             {"ad", &accessed_dirty_},
             {"userlin", &user_},
             {"user", &user_},
             {"walk", &guest_walk_},
             {"glavalid", &linear_}}};
  }

  static std::optional<VectorRowError> judge_expected(VectorRow const& row) {
    if (row.expected.empty()) return VectorRowError{row.expected_column, "no expected result"};
    std::string const& head = row.expected.front().name;
    int const column = row.expected.front().column;
    if (head != "OK" && head != "VIOLATION" && head != "MISCONFIG") {
      return VectorRowError{column, "expected result is none of OK, VIOLATION and MISCONFIG"};
    }
    std::size_t const numbers = head == "OK" ? 4 : head == "VIOLATION" ? 1 : 0;
    if (row.expected.size() != numbers + 1) {
      return VectorRowError{column,
                            "OK takes an address, a page size, a memory type and ignore-PAT; "
                            "VIOLATION a qualification; MISCONFIG nothing"};
    }
    for (std::size_t i = 1; i < row.expected.size(); ++i) {
      if (!row.expected[i].is_number()) {
        return VectorRowError{row.expected[i].column,
                              "'" + row.expected[i].name + "' is no number"};
      }
    }
    return std::nullopt;
  }

  MachineOptions machine() const {
    MachineOptions machine;
    machine.physical_bits = static_cast<std::uint8_t>(physical_bits_);
    machine.gigabyte_pages = gigabyte_pages_ != 0;
    machine.execute_only = execute_only_ != 0;
    machine.mode_based_execute = mode_based_execute_ != 0;
    machine.hardware_updates =
        accessed_dirty_ != 0 ? HardwareUpdates::accessed_and_dirty : HardwareUpdates::none;
    return machine;
  }

  template <class Spec>
  VectorWalk walk_with(std::vector<std::uint64_t> const& entries) const {
    std::uint64_t const ordinary = 0x8040201abc;
    std::uint64_t const top = Spec::levels == 5 ? std::uint64_t{1} << Spec::level_shift(5) : 0;
    std::uint64_t const address = address_.value_or(ordinary | top);
    VectorWalk walked;
    walked.machine = machine();
    EptSettings const settings = Spec::settings(walked.machine);
    Access access;
    access.kind = kind_;
    access.user = user_ != 0;
    access.guest_walk = guest_walk_ != 0;
    access.linear = linear_ != 0;
    WalkResult<Spec> const result =
        walk<Spec>(lay_out<Spec>(entries, address), settings, VectorMemory::root, address, access);
    walked.path.assign(result.translation.path.begin(), result.translation.path.end());
    if (result.ok()) {
      std::uint64_t const leaf = result.translation.entry;
      walked.result = {VectorToken::word("OK"), VectorToken::value(result.translation.physical),
                       VectorToken::value(bytes(result.translation.size)),
                       VectorToken::value(result.translation.memory_type),
                       VectorToken::value(Spec::ignore_pat(result.translation.level, leaf))};
    } else {
      walked.result = {VectorToken::word(result.fault.name)};
      if (result.fault.refusal != Refusal::malformed) {
        walked.result.push_back(VectorToken::value(result.fault.code, result.fault.unspecified));
      }
    }
    return walked;
  }

  AccessKind kind_ = AccessKind::read;
  std::optional<std::uint64_t> address_;
  std::uint64_t levels_ = 4;
  std::uint64_t physical_bits_ = 46;
  std::uint64_t gigabyte_pages_ = 1;
  std::uint64_t execute_only_ = 1;
  std::uint64_t mode_based_execute_ = 0;
  std::uint64_t accessed_dirty_ = 0;
  std::uint64_t user_ = 0;
  std::uint64_t guest_walk_ = 0;
  std::uint64_t linear_ = 1;
};

}  // namespace twinwalk::models
