// One row of a vector table, between the reader that knows the table's form (models/vectors.hpp)
// and the architecture that knows what its settings and results mean.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/api.hpp"
#include "models/spec/access.hpp"
#include "models/walker.hpp"

namespace twinwalk::models {

// A setting, its name lower case and without '_', '-' and a register's prefix ("CR4.SMEP" is
// "smep"). A bare name has the value 1.
struct VectorSetting {
  std::string name;
  std::uint64_t value = 1;
  int column = 0;
};

// One word of a result: a name, upper case, or a number. Bits in `open` are not compared.
struct VectorToken {
  std::string name;
  std::uint64_t number = 0;
  std::uint64_t open = 0;
  int column = 0;

  static VectorToken word(std::string_view text) { return {std::string(text), 0, 0, 0}; }
  static VectorToken value(std::uint64_t number, std::uint64_t open = 0) {
    return {{}, number, open, 0};
  }
  bool is_number() const { return name.empty(); }
};

struct VectorRow {
  std::string number;
  std::string title;
  std::vector<std::uint64_t> entries;  // top level first
  std::string access;                  // the first word of its cell, lower case
  std::vector<VectorSetting> settings;
  std::vector<VectorToken> expected;
  int line = 0;
  int access_column = 0;
  int entries_column = 0;
  int expected_column = 0;
};

// Something in a row that the architecture cannot read.
struct VectorRowError {
  int column = 0;
  std::string message;
};

// A row walked, whatever it expects: on which machine, each entry that was read, and the result.
struct VectorWalk {
  MachineOptions machine;
  std::vector<WalkStep> path;
  std::vector<VectorToken> result;
};
using VectorWalkOutcome = std::variant<VectorWalk, VectorRowError>;

// What an architecture makes of a row: the result it expects in the canonical form, and its own.
struct VectorAnswer {
  std::vector<VectorToken> expected;
  std::vector<VectorToken> actual;
};
using VectorOutcome = std::variant<VectorAnswer, VectorRowError>;

// The `run` of an architecture that compares what its table expects as it stands: `Own` has
// walk_row, the walk of a row whose expectation nobody asks for, and judge_expected.
template <class Own>
struct VectorRunner {
  static VectorOutcome run(VectorRow const& row) {
    VectorWalkOutcome const walked = Own::walk_row(row);
    if (auto const* error = std::get_if<VectorRowError>(&walked)) return *error;
    if (auto const error = Own::judge_expected(row)) return *error;
    return VectorAnswer{row.expected, std::get<VectorWalk>(walked).result};
  }
};

// The memory of a row: entry k in the table at 0x1000 * (k + 1), everything else 0.
class VectorMemory {
 public:
  static constexpr std::uint64_t root = 0x1000;

  void put(std::uint64_t slot, std::uint64_t entry) { slots_.emplace_back(slot, entry); }

  std::uint64_t load(std::uint64_t slot) const {
    for (auto const& [where, entry] : slots_) {
      if (where == slot) return entry;
    }
    return 0;
  }

 private:
  std::vector<std::pair<std::uint64_t, std::uint64_t>> slots_;
};

// Lays a row's entries out for a format of the spec's geometry. A root that is larger than the
// other tables stands elsewhere.
template <class Spec>
VectorMemory lay_out(std::vector<std::uint64_t> const& entries, std::uint64_t address,
                     std::uint64_t root = VectorMemory::root) {
  VectorMemory memory;
  int level = Spec::levels;
  std::uint64_t table = root;
  std::uint64_t next = VectorMemory::root;
  for (std::uint64_t entry : entries) {
    memory.put(Spec::template slot<std::uint64_t>(table, level, address), entry);
    table = next += std::uint64_t{1} << Spec::page_shift;
    --level;
  }
  return memory;
}

// A setting that is no more than a number in a variable.
struct VectorSwitch {
  std::string_view name;  // in the form that VectorSetting::name has
  std::uint64_t* value;
  std::uint64_t max = 1;
};

// Sets the switch of this name to a setting's value, which is what the setting is about.
template <class Switches>
std::optional<VectorRowError> set_switch(Switches const& switches, std::string_view name,
                                         VectorSetting const& setting) {
  for (VectorSwitch const& known : switches) {
    if (name != known.name) continue;
    if (setting.value > known.max) {
      return VectorRowError{setting.column, "the value of '" + setting.name + "' is too large"};
    }
    *known.value = setting.value;
    return std::nullopt;
  }
  return VectorRowError{setting.column, "unknown setting '" + setting.name + "'"};
}

// The kind of access that a word of a table means.
inline std::optional<AccessKind> access_named(std::string_view word) {
  for (std::string_view name : {"r", "read", "load"}) {
    if (word == name) return AccessKind::read;
  }
  for (std::string_view name : {"w", "write", "store", "rw", "rmw"}) {
    if (word == name) return AccessKind::write;
  }
  for (std::string_view name : {"x", "f", "i", "fetch", "exec", "execute"}) {
    if (word == name) return AccessKind::fetch;
  }
  return std::nullopt;
}

}  // namespace twinwalk::models
