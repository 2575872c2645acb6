// Bit layouts as a manual prints them: high bit first, the whole word named once, reserved and
// ignored ranges included. Whatever else the models know about an entry is computed from here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "models/spec/word.hpp"

namespace twinwalk::models {

// What the MMU makes of a field. Roles that depend on the machine are named by what decides, so
// that one table serves every machine.
enum class Role : std::uint8_t {
  present,              // the entry is used
  readable,             // grants reads
  writable,             // grants writes
  executable,           // grants fetches
  executable_user,      // grants fetches from addresses of user mode, where they are told apart
  not_executable,       // denies fetches; reserved where the machine has no such right
  not_executable_user,  // the same for user mode, where they are told apart
  read_only,            // denies writes
  write_managed,    // hardware lets a write through and notes it by the bit that decides on writes
  limits_below,     // takes a right from every leaf below
  user,             // grants user mode
  privilege,        // the least privileged level that may use it
  exact_privilege,  // denies every other level
  not_readable,     // denies reads
  write_through,    // bit 0 of a memory type index
  cache_disable,    // bit 1 of a memory type index
  memory_type,      // the rest of a memory type index, or the whole type
  accessed,         // set by hardware when used
  dirty,            // set by hardware when written
  dirty_kept,       // software's note that it was written, where the other was taken back
  page_size,        // set in a leaf above the last level
  page_size_optional,  // the same, reserved where the machine has no page of that size
  global,              // the translation holds in every address space
  not_global,          // … in one alone
  shareability,        // who sees its contents alike
  leads_on,            // tells a table from a block, and at the last level a page from nothing
  address,             // frame or next table; reserved beyond the machine's physical width
  key,                 // protection key
  address_space,       // tag of a root register
  control,             // anything else a root register holds
  contiguous,          // one of several entries that map a larger page together
  software,            // ignored by hardware and promised to software
  software_optional,   // the same where the machine promises it, reserved where it does not
  ignored,             // ignored by hardware
  reserved,            // must be zero
  reserved_on_amd,     // must be zero on AMD, ignored on Intel
};

constexpr std::string_view role_name(Role role) {
  constexpr std::array<std::string_view, 36> names{"present",
                                                   "readable",
                                                   "writable",
                                                   "executable",
                                                   "executable_user",
                                                   "not_executable",
                                                   "not_executable_user",
                                                   "read_only",
                                                   "write_managed",
                                                   "limits_below",
                                                   "user",
                                                   "privilege",
                                                   "exact_privilege",
                                                   "not_readable",
                                                   "write_through",
                                                   "cache_disable",
                                                   "memory_type",
                                                   "accessed",
                                                   "dirty",
                                                   "dirty_kept",
                                                   "page_size",
                                                   "page_size_optional",
                                                   "global",
                                                   "not_global",
                                                   "shareability",
                                                   "leads_on",
                                                   "address",
                                                   "key",
                                                   "address_space",
                                                   "control",
                                                   "contiguous",
                                                   "software",
                                                   "software_optional",
                                                   "ignored",
                                                   "reserved",
                                                   "reserved_on_amd"};
  return names[static_cast<std::size_t>(role)];
}

// Bits hi to lo, both inclusive, with the place in the manual that says so.
struct Field {
  std::string_view name;
  int hi;
  int lo;
  Role role;
  std::string_view cite;
};

constexpr std::uint64_t mask(Field const& field) { return mask(field.hi, field.lo); }

// The field's value in an entry, moved down to bit 0.
template <class Word>
constexpr Word value(Field const& field, Word entry) {
  return extract(entry, field.hi, field.lo);
}

// Whether the fields name every bit of a 64-bit word once, high bit first.
constexpr bool partitions_word(std::span<Field const> fields) {
  int next = 63;
  for (Field const& field : fields) {
    if (field.hi != next || field.lo > field.hi || field.lo < 0) return false;
    next = field.lo - 1;
  }
  return next == -1;
}

// Every bit of the table that plays this role; 0 when none does.
constexpr std::uint64_t mask_of(std::span<Field const> fields, Role role) {
  std::uint64_t bits = 0;
  for (Field const& field : fields) {
    if (field.role == role) bits |= mask(field);
  }
  return bits;
}

// The first field that plays this role, or a null pointer.
constexpr Field const* find(std::span<Field const> fields, Role role) {
  for (Field const& field : fields) {
    if (field.role == role) return &field;
  }
  return nullptr;
}

// What an entry is to the MMU. The four exclude each other and cover every 64-bit value.
enum class EntryKind : std::uint8_t {
  hole,       // not present: every other bit is nobody's
  table,      // refers to another table
  leaf,       // maps a page
  malformed,  // present, and a reserved bit is set
};

constexpr std::string_view kind_name(EntryKind kind) {
  constexpr std::array<std::string_view, 4> names{"hole", "table", "leaf", "malformed"};
  return names[static_cast<std::size_t>(kind)];
}

// One table of a manual: an entry of one level and kind, or a root register.
struct FieldTable {
  std::string_view name;  // the manual's name of the structure: "PML4E", "PDE, 2-MByte page"
  int level;              // 1 is the last level; 0 stands for a root register
  EntryKind kind;         // table or leaf; meaningless for a root register
  std::string_view cite;
  std::span<Field const> fields;
};

}  // namespace twinwalk::models
