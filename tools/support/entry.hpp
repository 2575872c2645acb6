// One page-table entry explained: every field as the manual names it, and what the spec and the
// engine make of the whole.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/api.hpp"
#include "models/spec/field.hpp"
#include "tools/support/json.hpp"

namespace twinwalk::tools {

// What one side reads in an entry. Of a hole only the kind holds, of a table the address too.
struct EntryReading {
  models::EntryKind kind = models::EntryKind::hole;
  std::uint64_t address = 0;  // of the next table, or of the first byte of the page
  PageSize size = PageSize::Size4K;
  MappingFlags flags;  // of the entry alone
  bool accessed = false;
  bool dirty = false;

  friend bool operator==(EntryReading const&, EntryReading const&) = default;
};

struct FieldValue {
  models::Field field;
  std::uint64_t value;  // moved down to bit 0
  bool forbidden;       // a bit of it is reserved on this machine, and set
};

struct EntryReport {
  std::string_view format;
  int level = 0;
  std::uint64_t entry = 0;
  std::string_view table;  // the manual's name of such an entry; empty for a hole
  std::string_view cite;
  std::vector<FieldValue> fields;  // high bit first
  EntryReading spec;
  EntryReading engine;  // never malformed: the engine reads what it has written itself

  // What the manual calls malformed, the engine never meets.
  bool agree() const { return spec.kind == models::EntryKind::malformed || spec == engine; }
};

// How many levels a format has; 1 is the last.
int level_count(std::uint8_t format);

// `format` is an index into fuzz::known_formats(), `level` one of its levels.
EntryReport explain_entry(std::uint8_t format, MachineOptions const& machine, int level,
                          std::uint64_t entry);

// The word that the engine writes for a leaf, or why it refuses.
std::variant<std::uint64_t, PagingError> engine_leaf(std::uint8_t format,
                                                     MachineOptions const& machine, PageSize size,
                                                     std::uint64_t address, MappingFlags flags);

// The level that holds leaves of a size.
constexpr int level_of(PageSize size) { return (size_log2(size) - 12) / 9 + 1; }

// "leaf at 0x5000, 4K rw-u, accessed"
std::string in_words(EntryReading const& reading);
// The entry's kind and its fields, a line each; and with both readings at the end.
std::string print_fields(EntryReport const& report, std::string_view indent = {});
std::string print_entry(EntryReport const& report, std::string_view indent = {});
Json entry_json(EntryReport const& report);

}  // namespace twinwalk::tools
