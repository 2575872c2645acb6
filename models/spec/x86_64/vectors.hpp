// What the settings and results of an x86_64 vector table mean.
//
// Access: r, w, x (or read, write, fetch …). Settings, each 0 or 1 unless said otherwise:
//   levels (4, 5) or la57; va (the address); m (MAXPHYADDR, 32..52); nxe, wp, smep, smap, ac, pke,
//   pks, pge; pkru, pkrs (32 bits); has1g, amd; user, implicit, cpl (0..3).
// Defaults: 4 levels, 0x8040201abc (bit 48 set with 5 levels), MAXPHYADDR 46, NXE, WP and 1-GByte
// pages there, everything else 0: a supervisor's access on an Intel processor.
// Results: OK physical-address page-size PAT-index, PF error-code, GP [0].
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "models/spec/access.hpp"
#include "models/spec/vector_row.hpp"
#include "models/spec/word.hpp"
#include "models/spec/x86_64/format.hpp"
#include "models/walker.hpp"

namespace twinwalk::models {

class X86_64Vectors {
 public:
  static constexpr std::string_view arch = X86_64Spec<4>::arch;

  static VectorOutcome run(VectorRow const& row) {
    std::vector<VectorToken> expected = row.expected;
    VectorWalkOutcome const walked = walk_row(row);
    if (auto const* error = std::get_if<VectorRowError>(&walked)) return *error;
    if (auto const error = settle_expected(expected, row)) return *error;
    return VectorAnswer{expected, std::get<VectorWalk>(walked).result};
  }

  // The walk of a row whose expectation nobody asks for.
  static VectorWalkOutcome walk_row(VectorRow const& row) {
    X86_64Vectors self;
    if (auto const error = self.read(row)) return *error;
    if (static_cast<std::uint64_t>(row.entries.size()) > self.levels_) {
      return VectorRowError{row.entries_column, "more entries than levels"};
    }
    return self.levels_ == 5 ? self.walk_with<X86_64Spec<5>>(row.entries)
                             : self.walk_with<X86_64Spec<4>>(row.entries);
  }

 private:
  std::optional<VectorRowError> read(VectorRow const& row) {
    std::optional<AccessKind> const kind = access_named(row.access);
    if (!kind) return VectorRowError{row.access_column, "unknown access '" + row.access + "'"};
    kind_ = *kind;
    for (VectorSetting const& setting : row.settings) {
      std::optional<VectorRowError> error = read_setting(setting);
      if (error) return error;
    }
    if (levels_ != 4 && levels_ != 5) {
      return VectorRowError{row.access_column, "levels is neither 4 nor 5"};
    }
    if (physical_bits_ < 32) return VectorRowError{row.access_column, "m is below 32"};
    return std::nullopt;
  }

  std::optional<VectorRowError> read_setting(VectorSetting const& setting) {
    if (setting.name == "va" || setting.name == "address") {
      address_ = setting.value;
      return std::nullopt;
    }
    if (setting.name == "la57") {
      levels_ = setting.value != 0 ? 5 : 4;
      return std::nullopt;
    }
    if (setting.name == "intel") {
      amd_ = setting.value != 0 ? 0 : 1;
      return std::nullopt;
    }
    if (setting.name == "cpl") {
      user_ = setting.value == 3 ? 1 : 0;
      if (setting.value <= 3) return std::nullopt;
      return VectorRowError{setting.column, "cpl is above 3"};
    }
    std::string_view name = setting.name;
    if (names_gigabyte_pages(name)) name = "has1g";
    return set_switch(switches(), name, setting);
  }

  // The sheets and their readers spell this one in many ways: has1G, gb1, page1gb, gigabyte-pages
  static bool names_gigabyte_pages(std::string_view name) {
    return name.find("1g") != std::string_view::npos || name.starts_with("g1") ||
           name.starts_with("gb") || name.starts_with("giga");
  }

  std::array<VectorSwitch, 23> switches() {
    constexpr std::uint64_t word = mask(31, 0);
    constexpr std::uint64_t width = x86_64::physical_bits_max;
    return {{{"levels", &levels_, 5},
             {"m", &physical_bits_, width},
             {"maxphyaddr", &physical_bits_, width},
             {"physicalbits", &physical_bits_, width},
             {"nxe", &no_execute_},
             {"nx", &no_execute_},
             {"amd", &amd_},
             {"isamd", &amd_},
             {"wp", &control_.write_protect},
             {"smep", &control_.smep},
             {"smap", &control_.smap},
             {"ac", &control_.alignment_check},
             {"pke", &control_.user_keys},
             {"pku", &control_.user_keys},
             {"pkru", &control_.pkru, word},
             {"pks", &control_.supervisor_keys},
             {"pkrs", &control_.pkrs, word},
             {"pge", &control_.global_pages},
             {"user", &user_},
             {"us", &user_},
             {"implicit", &implicit_},
             {"impl", &implicit_},
             {"has1g", &gigabyte_pages_}}};
  }

  // Brings the expected result into the form of the answer: "#GP(0)" and a bare "GP" are "GP 0x0".
  static std::optional<VectorRowError> settle_expected(std::vector<VectorToken>& expected,
                                                       VectorRow const& row) {
    if (expected.empty()) return VectorRowError{row.expected_column, "no expected result"};
    std::string head = expected.front().name;
    if (head == "GPF" || head == "NONCANONICAL") head = expected.front().name = "GP";
    if (head == "GP" && expected.size() == 1) expected.push_back(VectorToken::value(0));
    std::size_t const numbers = head == "OK" ? 3 : 1;
    if (head != "OK" && head != "PF" && head != "GP") {
      return VectorRowError{expected.front().column, "expected result is none of OK, PF and GP"};
    }
    if (expected.size() != numbers + 1) {
      return VectorRowError{expected.front().column,
                            head == "OK" ? "OK takes an address, a page size and a PAT index"
                                         : head + " takes one error code"};
    }
    for (std::size_t i = 1; i < expected.size(); ++i) {
      if (!expected[i].is_number()) {
        return VectorRowError{expected[i].column, "'" + expected[i].name + "' is no number"};
      }
    }
    return std::nullopt;
  }

  MachineOptions machine() const {
    MachineOptions machine;
    machine.physical_bits = static_cast<std::uint8_t>(physical_bits_);
    machine.no_execute = no_execute_ != 0;
    machine.gigabyte_pages = gigabyte_pages_ != 0;
    machine.protection_keys = control_.user_keys != 0 || control_.supervisor_keys != 0;
    return machine;
  }

  template <class Spec>
  VectorWalk walk_with(std::vector<std::uint64_t> const& entries) const {
    std::uint64_t const ordinary = 0x8040201abc;
    std::uint64_t const top = Spec::levels == 5 ? std::uint64_t{1} << Spec::level_shift(5) : 0;
    std::uint64_t const address = address_.value_or(ordinary | top);
    X86_64Settings const settings({.physical_mask = mask(static_cast<int>(physical_bits_) - 1, 0),
                                   .no_execute = no_execute_,
                                   .gigabyte_pages = gigabyte_pages_,
                                   .amd = amd_},
                                  control_);
    WalkResult<Spec> const result =
        walk<Spec>(lay_out<Spec>(entries, address), settings, VectorMemory::root, address,
                   {kind_, user_ != 0, implicit_ != 0});
    VectorWalk walked;
    walked.machine = machine();
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

  AccessKind kind_ = AccessKind::read;
  std::optional<std::uint64_t> address_;
  std::uint64_t levels_ = 4;
  std::uint64_t physical_bits_ = 46;
  std::uint64_t no_execute_ = 1;
  std::uint64_t gigabyte_pages_ = 1;
  std::uint64_t amd_ = 0;
  std::uint64_t user_ = 0;
  std::uint64_t implicit_ = 0;
  X86_64Control control_{};
};

}  // namespace twinwalk::models
