// What the manual says, over symbols: the spec of a format in models/spec/, its tables and rules
// read on words that stand for every value at once. Theorems speak to this interface and to nothing
// of the engine's formats.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "engine/api.hpp"
#include "proofs/machine_symbols.hpp"
#include "proofs/symbols.hpp"

namespace twinwalk::proofs {

inline constexpr int levels_max = 5;

using SymFlags = BasicMappingFlags<SymWord>;
using SymLeaf = BasicLeaf<SymWord>;
using SymScope = BasicFlushScope<SymWord>;

// What a walk meets at one level.
struct WalkLevel {
  SymWord table;
  SymWord slot;
  SymWord entry;
  // Whether the walk comes here; the rest holds only then.
  SymBool reached;
  SymBool is_leaf;
  SymBool is_table;
  SymBool is_malformed;
};

// The walk of the hardware from a root, for one address.
struct Walk {
  SymWord root;
  SymWord address;
  SymBool canonical;
  std::array<WalkLevel, levels_max + 1> at;  // by level; the root's is the highest

  SymBool found;      // it ends at a leaf, and what follows holds then
  SymBool malformed;  // it ends at a reserved bit
  SymWord physical;   // of the byte
  SymWord page_size_log2;
  SymWord flags;    // what the whole path grants, in neutral flags
  SymWord fetches;  // and of that, each kind of fetch that a processor tells apart
  SymWord entry;    // the leaf
  SymWord first;    // physical address of the page
  SymWord accessed;
  SymWord dirty;

  WalkLevel const& operator[](int level) const { return at[static_cast<std::size_t>(level)]; }
};

class Spec {
 public:
  virtual ~Spec() = default;

  virtual std::string_view name() const = 0;
  virtual int levels() const = 0;
  virtual int largest_leaf_level() const = 0;
  virtual int address_bits() const = 0;
  virtual int level_shift(int level) const = 0;
  virtual MachineSymbols const& machine() const = 0;

  // ---- Entries ----
  virtual SymBool is_hole(int level, SymWord const& entry) const = 0;
  virtual SymBool is_table(int level, SymWord const& entry) const = 0;
  virtual SymWord table_address(int level, SymWord const& entry) const = 0;
  virtual SymBool grants_everything(int level, SymWord const& entry) const = 0;
  // The bits that hardware may set by itself in an entry, and which of them are accessed and dirty.
  virtual SymWord hardware_may_set(int level, SymWord const& entry) const = 0;
  virtual SymWord accessed(int level, SymWord const& entry) const = 0;
  virtual SymWord dirty(int level, SymWord const& entry) const = 0;
  // The key field of a leaf, whether the machine looks at it or not.
  virtual SymWord key(int level, SymWord const& entry) const = 0;
  // An entry in words: its kind and those of its fields that are not 0, as the manual names them.
  virtual std::string decode(int level, std::uint64_t entry) const = 0;
  // What the engine writes into a hole.
  virtual SymWord hole_word(int level) const = 0;

  // ---- Addresses and flags ----
  virtual SymBool canonical(SymWord const& address) const = 0;
  virtual SymWord sign_extend(SymWord const& address) const = 0;
  virtual SymWord index(int level, SymWord const& address) const = 0;
  virtual SymBool representable(SymFlags const& flags) const = 0;
  virtual SymFlags normalise(SymFlags const& flags) const = 0;

  // ---- The walk ----
  // `read(reached, slot)` yields what stands in a slot, where `reached` holds.
  using Reader = std::function<SymWord(SymBool const& reached, SymWord const& slot)>;
  // Down to the entry of level `lowest` at most.
  virtual Walk walk(Reader const& read, SymWord const& root, SymWord const& address,
                    int lowest) const = 0;

  // ---- The machine ----
  // Whether it has leaves of this level.
  virtual SymBool supports(int level) const = 0;
  // Whether a clean page is another than a dirty one: hardware sets dirty, or a store faults until
  // software has.
  virtual SymBool tells_clean_from_dirty() const = 0;
  // Whether a processor may keep that nothing is mapped.
  virtual bool new_entries_owe_fence() const = 0;

  // ---- Derived ----
  // Accessed, and dirty of a writable leaf, from the start on: where the machine sets neither.
  SymWord preset_accessed() const { return as_word(!machine()[MachineSwitch::accessed_and_dirty]); }
  SymWord preset_dirty(SymFlags const& flags) const {
    SymWord const write = (flags.bits >> 1) & SymWord(1);
    return preset_accessed() & write;
  }
  // The bytes that a slot of a level spans, less one.
  SymWord offset_mask(int level) const {
    return SymWord((std::uint64_t{1} << level_shift(level)) - 1);
  }
  // Where in the tree the table of a level stands on the way to an address: never 0.
  SymWord place(int level, SymWord const& address) const {
    SymWord const name(static_cast<std::uint64_t>(level) << 60);
    if (level == levels()) return name;
    int const shift = level_shift(level + 1);
    std::uint64_t const prefix = (std::uint64_t{1} << (address_bits() - shift)) - 1;
    return name | ((address >> shift) & SymWord(prefix));
  }
};

// Whether two walks give every access the same answer, and meet the same leaf.
inline SymBool same_answer(Walk const& a, Walk const& b) {
  SymBool const leaf = both(both(a.physical == b.physical, a.page_size_log2 == b.page_size_log2),
                            both(a.flags == b.flags, a.entry == b.entry));
  return both(both(same(a.found, b.found), same(a.malformed, b.malformed)), implies(a.found, leaf));
}

// Whether flags hold no right at all: nobody can use such a leaf, and the engine makes none.
inline SymBool grants_nothing(SymWord const& flags) {
  constexpr std::uint64_t rights = static_cast<std::uint64_t>(Flag::READ) |
                                   static_cast<std::uint64_t>(Flag::WRITE) |
                                   static_cast<std::uint64_t>(Flag::EXECUTE);
  return (flags & SymWord(rights)) == SymWord(0);
}

}  // namespace twinwalk::proofs
