// What the settings and results of an AArch64 vector table mean.
//
// Access: r, w, x (or read, write, fetch …). Settings, each 0 or 1 unless said otherwise: ps (the
// width of an output address, 32..48); ha, hd; el0; and
//   stage 1: va (the address; with bit 55 set, of the upper range); el2 (a regime of one range);
//            pan, epan, wxn, hpd;
//   stage 2: ipa (the address); sl (the manual's level of the root: 0, or 1 for 40 bits); xnx, ptw;
//            walk (of stage 1's tables).
// Defaults: 0x8040201abc, 48 bits, FEAT_XNX, sl=1, and everything else 0: a kernel's access.
// Results: OK physical-address page-size level new-descriptor, or - where it does not change;
// TRANSLATION, ADDRSIZE, ACCESSFLAG or PERMISSION and the level. Levels are the manual's.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "models/spec/aarch64/format.hpp"
#include "models/spec/access.hpp"
#include "models/spec/vector_row.hpp"
#include "models/walker.hpp"

namespace twinwalk::models {

// What the tables of both stages have in common; `Own` adds its settings and picks the format.
template <class Own>
class Aarch64Vectors : public VectorRunner<Aarch64Vectors<Own>> {
  friend VectorRunner<Aarch64Vectors<Own>>;

 public:
  // The walk of a row whose expectation nobody asks for.
  static VectorWalkOutcome walk_row(VectorRow const& row) {
    Own self;
    if (auto const error = self.read(row)) return *error;
    if (row.entries.size() > self.levels()) {
      return VectorRowError{row.entries_column, "more entries than levels"};
    }
    return self.walk(row);
  }

 protected:
  template <class Spec>
  VectorWalk walk_with(VectorRow const& row) const {
    VectorWalk walked;
    walked.machine = machine();
    Aarch64Settings settings = Spec::settings(walked.machine);
    settings.control = control_;
    // A root of two tables is aligned to both.
    constexpr std::uint64_t root = Spec::root_bits == 12 ? VectorMemory::root : 0x10000;
    auto const result = models::walk<Spec>(lay_out<Spec>(row.entries, address_, root), settings,
                                           root, address_, access_);
    walked.path.assign(result.translation.path.begin(), result.translation.path.end());
    auto const level = [](int of) { return VectorToken::value(Spec::manual_level(of)); };
    if (!result.ok()) {
      walked.result = {VectorToken::word(result.fault.name), level(result.fault.level)};
      return walked;
    }
    std::uint64_t changed = 0;
    for (Update const& update : result) changed |= update.mask;
    walked.result = {VectorToken::word("OK"), VectorToken::value(result.translation.physical),
                     VectorToken::value(bytes(result.translation.size)),
                     level(result.translation.level),
                     changed != 0 ? VectorToken::value(result.translation.entry ^ changed)
                                  : VectorToken::word("-")};
    return walked;
  }

  Access access_{};
  std::uint64_t address_ = 0x8040201abc;
  std::uint64_t physical_bits_ = 48;
  std::uint64_t sets_accessed_ = 0;
  std::uint64_t sets_dirty_ = 0;
  std::uint64_t user_ = 0;
  Aarch64Control control_{};

 private:
  std::optional<VectorRowError> read(VectorRow const& row) {
    std::optional<AccessKind> const kind = access_named(row.access);
    if (!kind) return VectorRowError{row.access_column, "unknown access '" + row.access + "'"};
    access_.kind = *kind;
    for (VectorSetting const& setting : row.settings) {
      if (auto const error = read_setting(setting)) return error;
    }
    if (physical_bits_ < 32) return VectorRowError{row.access_column, "ps is below 32"};
    access_.user = user_ != 0;
    static_cast<Own*>(this)->settle();
    return std::nullopt;
  }
  std::optional<VectorRowError> read_setting(VectorSetting const& setting) {
    std::array<VectorSwitch, 4> const common{{{"ps", &physical_bits_, 48},
                                              {"ha", &sets_accessed_},
                                              {"hd", &sets_dirty_},
                                              {"el0", &user_}}};
    for (VectorSwitch const& known : common) {
      if (setting.name == known.name) return set_switch(common, setting.name, setting);
    }
    return set_switch(static_cast<Own*>(this)->switches(), setting.name, setting);
  }
  static std::optional<VectorRowError> judge_expected(VectorRow const& row) {
    std::string const head = row.expected.empty() ? "" : row.expected.front().name;
    bool const faults =
        head == "TRANSLATION" || head == "ADDRSIZE" || head == "ACCESSFLAG" || head == "PERMISSION";
    if (row.expected.size() == (faults ? 2U : 5U) && (faults || head == "OK")) return std::nullopt;
    return VectorRowError{row.expected_column,
                          "expected result is neither OK with an address, a page size, a level and "
                          "the new descriptor or -, nor a fault with its level"};
  }

  MachineOptions machine() const {
    MachineOptions machine;
    machine.physical_bits = static_cast<std::uint8_t>(physical_bits_);
    machine.hardware_updates = sets_accessed_ == 0 ? HardwareUpdates::none
                               : sets_dirty_ == 0  ? HardwareUpdates::accessed
                                                   : HardwareUpdates::accessed_and_dirty;
    return machine;
  }
};

class Aarch64Stage1Vectors : public Aarch64Vectors<Aarch64Stage1Vectors> {
  friend Aarch64Vectors;

 public:
  static constexpr std::string_view arch = Aarch64LowerSpec::arch;

 private:
  static constexpr std::size_t levels() { return Aarch64LowerSpec::levels; }
  std::array<VectorSwitch, 6> switches() {
    return {{{"va", &address_, ~std::uint64_t{0}},
             {"el2", &one_range_},
             {"pan", &control_.pan},
             {"epan", &control_.epan},
             {"wxn", &control_.wxn},
             {"hpd", &control_.no_hierarchy}}};
  }
  static void settle() {}
  VectorWalk walk(VectorRow const& row) const {
    if (one_range_ != 0) return walk_with<Aarch64El2Spec>(row);
    return bit(address_, 55) != 0 ? walk_with<Aarch64UpperSpec>(row)
                                  : walk_with<Aarch64LowerSpec>(row);
  }

  std::uint64_t one_range_ = 0;
};

class Aarch64Stage2Vectors : public Aarch64Vectors<Aarch64Stage2Vectors> {
  friend Aarch64Vectors;

 public:
  static constexpr std::string_view arch = Aarch64Stage2Spec<48>::arch;

 private:
  std::size_t levels() const { return root_level_ == 0 ? 4 : 3; }
  std::array<VectorSwitch, 5> switches() {
    return {{{"ipa", &address_, ~std::uint64_t{0}},
             {"sl", &root_level_},
             {"xnx", &control_.execute_by_level},
             {"ptw", &control_.protected_walks},
             {"walk", &walk_}}};
  }
  void settle() {
    access_.guest_walk = walk_ != 0;
    access_.on_behalf = access_.kind;
  }
  VectorWalk walk(VectorRow const& row) const {
    return root_level_ == 0 ? walk_with<Aarch64Stage2Spec<48>>(row)
                            : walk_with<Aarch64Stage2Spec<40>>(row);
  }

  std::uint64_t root_level_ = 1;
  std::uint64_t walk_ = 0;
};

}  // namespace twinwalk::models
