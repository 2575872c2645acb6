// What the settings and results of a LoongArch64 vector table mean.
//
// Access: r, w, x (or read, write, fetch …). Settings, numbers where it is said: va (the address);
// plv (0..3: CRMD.PLV); dwpl (MISC.DWPL, three bits); hptw (a hardware walker); prose or qemu (the
// order in which the wrongs are looked for, if not that of the pseudocode); void (what an empty
// directory entry holds). Defaults: 0x8040201abc, plv 0, and everything else 0; no word is an empty
// directory entry. Results: OK physical-address page-size MAT G, or the exception: PIL, PIS, PIF,
// PME, PNR, PNX, PPI, ADEF, ADEM.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "models/spec/access.hpp"
#include "models/spec/loongarch64/format.hpp"
#include "models/spec/vector_row.hpp"
#include "models/walker.hpp"

namespace twinwalk::models {

class LoongArchVectors : public VectorRunner<LoongArchVectors> {
  friend VectorRunner;

 public:
  static constexpr std::string_view arch = LoongArchSpec::arch;

  // The walk of a row whose expectation nobody asks for.
  static VectorWalkOutcome walk_row(VectorRow const& row) {
    LoongArchVectors self;
    if (auto const error = self.read(row)) return *error;
    if (row.entries.size() > LoongArchSpec::levels) {
      return VectorRowError{row.entries_column, "more entries than levels"};
    }
    return self.walk(row);
  }

 private:
  std::optional<VectorRowError> read(VectorRow const& row) {
    std::optional<AccessKind> const kind = access_named(row.access);
    if (!kind) return VectorRowError{row.access_column, "unknown access '" + row.access + "'"};
    access_.kind = *kind;
    for (VectorSetting const& setting : row.settings) {
      std::array<VectorSwitch, 7> const switches{
          {{"va", &address_, ~std::uint64_t{0}},
           {"plv", &level_, 3},
           {"dwpl", &control_.writes_unasked, 7},
           {"hptw", &machine_.hardware_walks},
           {"prose", &prose_},
           {"qemu", &qemu_},
           {"void", &machine_.void_entry, ~std::uint64_t{0}}}};
      if (auto const error = set_switch(switches, setting.name, setting)) return error;
    }
    access_.user = level_ == 3;
    control_.kernel_level = level_ == 3 ? 0 : level_;
    if (prose_ != 0) control_.order = LoongArchOrder::prose;
    if (qemu_ != 0) control_.order = LoongArchOrder::qemu;
    return std::nullopt;
  }

  static std::optional<VectorRowError> judge_expected(VectorRow const& row) {
    constexpr std::array<std::string_view, 9> faults{"PIL", "PIS", "PIF",  "PME", "PNR",
                                                     "PNX", "PPI", "ADEF", "ADEM"};
    std::string const head = row.expected.empty() ? "" : row.expected.front().name;
    bool const fault = std::find(faults.begin(), faults.end(), head) != faults.end();
    if (row.expected.size() == (fault ? 1U : 5U) && (fault || head == "OK")) return std::nullopt;
    return VectorRowError{row.expected_column,
                          "expected result is neither OK with an address, a page size, a MAT and "
                          "a G, nor an exception of a walk"};
  }

  VectorWalk walk(VectorRow const& row) const {
    VectorWalk walked;
    auto const result = models::walk<LoongArchSpec>(lay_out<LoongArchSpec>(row.entries, address_),
                                                    LoongArchSettings(machine_, control_),
                                                    VectorMemory::root, address_, access_);
    walked.path.assign(result.translation.path.begin(), result.translation.path.end());
    if (!result.ok()) {
      walked.result = {VectorToken::word(result.fault.name)};
      return walked;
    }
    walked.result = {VectorToken::word("OK"), VectorToken::value(result.translation.physical),
                     VectorToken::value(bytes(result.translation.size)),
                     VectorToken::value(result.translation.memory_type),
                     VectorToken::value(result.translation.global ? 1 : 0)};
    return walked;
  }

  Access access_{};
  std::uint64_t address_ = 0x8040201abc;
  std::uint64_t level_ = 0;
  std::uint64_t prose_ = 0;
  std::uint64_t qemu_ = 0;
  LoongArchMachine machine_{};
  LoongArchControl control_{};
};

}  // namespace twinwalk::models
