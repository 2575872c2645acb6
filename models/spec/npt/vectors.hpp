// What the settings and results of an NPT vector table mean.
//
// Access: r, w, x (or read, write, fetch …). Settings, each 0 or 1 unless said otherwise:
//   gpa (the address); m (MAXPHYADDR, 32..52); nxe (the host's); gb1; walk, final (kind of access).
// Defaults: 0x8040201abc, MAXPHYADDR 46, NXE and 1-GByte pages, the final access.
// Results: OK physical-address page-size PAT-index, NPF EXITINFO1.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "models/spec/access.hpp"
#include "models/spec/npt/format.hpp"
#include "models/spec/vector_row.hpp"
#include "models/walker.hpp"

namespace twinwalk::models {

class NptVectors : public VectorRunner<NptVectors> {
  friend VectorRunner;

 public:
  static constexpr std::string_view arch = NptSpec::arch;

  // The walk of a row whose expectation nobody asks for.
  static VectorWalkOutcome walk_row(VectorRow const& row) {
    NptVectors self;
    if (auto const error = self.read(row)) return *error;
    if (row.entries.size() > NptSpec::levels) {
      return VectorRowError{row.entries_column, "more entries than levels"};
    }
    return self.walk_entries(row);
  }

 private:
  std::optional<VectorRowError> read(VectorRow const& row) {
    std::optional<AccessKind> const kind = access_named(row.access);
    if (!kind) return VectorRowError{row.access_column, "unknown access '" + row.access + "'"};
    access_.kind = *kind;
    for (VectorSetting const& setting : row.settings) {
      if (auto const error = read_setting(setting)) return error;
    }
    if (physical_bits_ < 32) return VectorRowError{row.access_column, "m is below 32"};
    return std::nullopt;
  }

  std::optional<VectorRowError> read_setting(VectorSetting const& setting) {
    if (setting.name == "gpa" || setting.name == "va" || setting.name == "address") {
      address_ = setting.value;
      return std::nullopt;
    }
    if (setting.name == "walk" || setting.name == "final") {
      access_.guest_walk = (setting.value != 0) == (setting.name == "walk");
      return std::nullopt;
    }
    constexpr std::uint64_t width = x86_64::physical_bits_max;
    std::array<VectorSwitch, 7> const switches{{{"levels", &levels_, NptSpec::levels},
                                                {"m", &physical_bits_, width},
                                                {"maxphyaddr", &physical_bits_, width},
                                                {"nxe", &no_execute_},
                                                {"nx", &no_execute_},
                                                {"gb1", &gigabyte_pages_},
                                                {"has1g", &gigabyte_pages_}}};
    return set_switch(switches, setting.name, setting);
  }

  static std::optional<VectorRowError> judge_expected(VectorRow const& row) {
    std::string const head = row.expected.empty() ? "" : row.expected.front().name;
    std::size_t const numbers = head == "OK" ? 3 : head == "NPF" ? 1 : 0;
    bool fits = numbers != 0 && row.expected.size() == numbers + 1;
    for (std::size_t i = 1; i < row.expected.size(); ++i)
      fits = fits && row.expected[i].is_number();
    if (fits) return std::nullopt;
    return VectorRowError{row.expected_column,
                          "expected result is neither OK with an address, a page size and a PAT "
                          "index, nor NPF with EXITINFO1"};
  }

  MachineOptions machine() const {
    MachineOptions machine;
    machine.physical_bits = static_cast<std::uint8_t>(physical_bits_);
    machine.no_execute = no_execute_ != 0;
    machine.gigabyte_pages = gigabyte_pages_ != 0;
    return machine;
  }

  VectorWalk walk_entries(VectorRow const& row) const {
    VectorWalk walked;
    walked.machine = machine();
    auto const result =
        walk<NptSpec>(lay_out<NptSpec>(row.entries, address_), NptSpec::settings(walked.machine),
                      VectorMemory::root, address_, access_);
    walked.path.assign(result.translation.path.begin(), result.translation.path.end());
    if (result.ok()) {
      walked.result = {VectorToken::word("OK"), VectorToken::value(result.translation.physical),
                       VectorToken::value(bytes(result.translation.size)),
                       VectorToken::value(result.translation.memory_type)};
    } else {
      walked.result = {VectorToken::word(result.fault.name),
                       VectorToken::value(result.fault.code, result.fault.unspecified)};
    }
    return walked;
  }

  Access access_{};
  std::uint64_t address_ = 0x8040201abc;
  std::uint64_t levels_ = 4;
  std::uint64_t physical_bits_ = 46;
  std::uint64_t no_execute_ = 1;
  std::uint64_t gigabyte_pages_ = 1;
};

}  // namespace twinwalk::models
