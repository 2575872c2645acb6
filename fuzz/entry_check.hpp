// One raw entry, read, changed, split and judged by the engine and by the manual's field tables;
// and one set of flags, written by the engine and read back by the tables. Every function of a
// format that knows a bit is asked. Stateless, so every input is a handful of comparisons.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/api.hpp"
#include "engine/path.hpp"
#include "fuzz/words.hpp"
#include "models/spec/access.hpp"
#include "models/spec/field.hpp"

namespace twinwalk::fuzz {

struct EntryCase {
  MachineOptions machine;
  int level = 1;  // 1 is the last level
  std::uint64_t entry = 0;
  MappingFlags flags;
  PhysAddr pa;              // of the leaf or table that is written
  std::uint64_t other = 0;  // what the entry becomes, but for its address; or an input address
};

template <class Format, class Spec>
class EntryCheck {
 public:
  explicit EntryCheck(EntryCase const& c)
      : case_(c), settings_(Spec::settings(c.machine)), options_(c.machine) {}

  // What engine and spec say differently about the case, or nothing.
  std::optional<std::string> run() const {
    if (auto wrong = check_reading()) return wrong;
    if (auto wrong = check_written_table()) return wrong;
    if (auto wrong = check_flags()) return wrong;
    if (!is_leaf_now(case_.level, case_.entry)) return std::nullopt;
    if (auto wrong = check_bits()) return wrong;
    if (auto wrong = check_pieces()) return wrong;
    return check_invalidation();
  }

 private:
  using Complaint = std::optional<std::string>;
  using Word = std::uint64_t;
  using Kind = models::EntryKind;

  static constexpr Word software_field = MappingFlags::software_mask
                                         << MappingFlags::software_shift;

  // ---- What an entry is ------------------------------------------------------------------------

  Complaint check_reading() const {
    int const level = case_.level;
    Word const entry = case_.entry;
    Kind const kind = Spec::classify(settings_, level, entry);
    bool const present = bool(Format::present(options_, level, entry));
    if (present != (kind != Kind::hole)) return said("present", entry);
    if (bool(Format::canonical(case_.other)) != bool(Spec::canonical(case_.other))) {
      return said("canonical", case_.other);
    }
    if (kind == Kind::table || kind == Kind::leaf) {
      bool const leaf = is_leaf<Format, Word>(level, entry);
      if (leaf != (kind == Kind::leaf)) return said("leaf or table", entry);
    }
    if (kind == Kind::table && Format::table_address(entry) != Spec::table_address(level, entry)) {
      return said("table address", entry);
    }
    if (kind != Kind::leaf) return std::nullopt;
    if (Format::leaf_address(level, entry) != address(level, entry)) {
      return said("leaf address", entry);
    }
    if (Format::decode(options_, level, entry) != flags(level, entry)) return said("flags", entry);
    if (Format::accessed(entry) != Spec::accessed(level, entry)) return said("accessed", entry);
    if (Format::dirty(entry) != Spec::dirty(level, entry)) return said("dirty", entry);
    if (bool(Format::global(level, entry)) != Spec::cached_as_global(settings_, level, entry)) {
      return said("global", entry);
    }
    return std::nullopt;
  }

  // ---- Tables and holes that are written -------------------------------------------------------

  Complaint check_written_table() const {
    int const level = case_.level;
    Word const hole = Format::hole(options_, level);
    if (Spec::classify(settings_, level, hole) != Kind::hole) return said("no hole", hole);
    if constexpr (requires { Spec::hole_word(settings_, level); }) {
      if (hole != Spec::hole_word(settings_, level)) return said("a hole that is not clean", hole);
    }
    if (level == 1) return std::nullopt;

    Word const frame = case_.pa.value & ~(bytes(PageSize::Size4K) - 1);
    if (!Spec::physical_range_fits(case_.machine, frame, frame)) return std::nullopt;
    // Nobody is given the void frame for a table.
    if (Format::table(frame) == hole) return std::nullopt;
    Word const table = Format::table(frame);
    if (Spec::classify(settings_, level, table) != Kind::table) return said("no table", table);
    if (Spec::table_address(level, table) != frame) return said("a table elsewhere", table);
    if (Spec::own_rights(level, table) != typename Spec::Rights{}) {
      return said("a table that takes rights", table);
    }
    if constexpr (requires { Spec::grants_everything(level, table); }) {
      if (!Spec::grants_everything(level, table)) return said("a table with attributes", table);
    }
    return std::nullopt;
  }

  // ---- Flags -----------------------------------------------------------------------------------

  Complaint check_flags() const {
    MachineOptions const& machine = case_.machine;
    bool const representable = bool(Format::representable(options_, case_.flags));
    if (representable != bool(Spec::representable(machine, case_.flags))) {
      return wrote("representable", 0);
    }
    PageSize const size = static_cast<PageSize>(Spec::level_shift(case_.level));
    bool const supported = Spec::supports(machine, size);
    if (Format::supports(options_, size) != supported) return wrote("supported size", 0);
    Word const pa = case_.pa.value & ~(bytes(size) - 1);
    Word const last = pa + (bytes(size) - 1);
    bool const fits = Spec::physical_range_fits(machine, pa, last);
    if (bool(Format::physical_range_fits(options_, pa, last)) != fits) {
      return wrote("address width", pa);
    }
    if (!representable || !supported) return std::nullopt;
    if (fits) {
      if (auto wrong = check_written_leaf(pa)) return wrong;
    }
    return is_leaf_now(case_.level, case_.entry) ? check_new_attributes() : std::nullopt;
  }

  Complaint check_written_leaf(Word pa) const {
    int const level = case_.level;
    auto const attributes = Format::encode(options_, case_.flags);
    Word const leaf = Format::leaf(level, pa, attributes);
    if (!is_leaf_now(level, leaf)) return wrote("no leaf", leaf);
    if (address(level, leaf) != pa) return wrote("address", leaf);
    if (flags(level, leaf) != normalised()) return wrote("flags read back", leaf);
    if (Spec::key(level, leaf) != case_.flags.key()) return wrote("key", leaf);
    if (Spec::accessed(level, leaf) != preset_accessed()) return wrote("accessed", leaf);
    if (Spec::dirty(level, leaf) != preset_dirty()) return wrote("dirty", leaf);

    if (!is_leaf_now(level, case_.entry)) return std::nullopt;
    Word const heir = Format::leaf(level, pa, Format::with_software_of(case_.entry, attributes));
    if (!is_leaf_now(level, heir) || address(level, heir) != pa) return wrote("heir", heir);
    if (flags(level, heir) != normalised_but_for_software()) return wrote("flags of heir", heir);
    return std::nullopt;
  }

  // The leaf keeps all but what the flags say.
  Complaint check_new_attributes() const {
    int const level = case_.level;
    Word const before = case_.entry;
    Word const after =
        Format::with_attributes(level, before, Format::encode(options_, case_.flags));
    if (!is_leaf_now(level, after)) return wrote("changed to no leaf", after);
    if (address(level, after) != address(level, before)) return wrote("moved", after);
    if (flags(level, after) != normalised_but_for_software()) return wrote("new flags", after);
    if (Spec::key(level, after) != case_.flags.key()) return wrote("new key", after);
    if (Spec::accessed(level, after) != Spec::accessed(level, before)) {
      return wrote("accessed changed", after);
    }
    Word const newly_dirty = flags(level, before).has(Flag::WRITE) ? 0 : preset_dirty();
    if (Spec::dirty(level, after) != (Spec::dirty(level, before) | newly_dirty)) {
      return wrote("dirty changed", after);
    }
    return std::nullopt;
  }
  // What the machine does not set is there from the start, or from when WRITE is.
  Word preset_accessed() const {
    return Spec::hardware_updates(case_.machine) == HardwareUpdates::none ? 1 : 0;
  }
  Word preset_dirty() const {
    bool const by_hardware =
        Spec::hardware_updates(case_.machine) == HardwareUpdates::accessed_and_dirty;
    return !by_hardware && case_.flags.has(Flag::WRITE) ? 1 : 0;
  }

  // ---- Leaves that change ----------------------------------------------------------------------

  // Accessed and dirty, set and cleared, each leave all else as it was.
  Complaint check_bits() const {
    Word const entry = case_.entry;
    if (!is_accessed_alone(Format::with_accessed(entry), 1)) return said("with accessed", entry);
    if (!is_accessed_alone(Format::without_accessed(entry), 0)) {
      return said("without accessed", entry);
    }
    if (!is_dirty_alone(Format::with_dirty(entry), 1)) return said("with dirty", entry);
    if (!is_dirty_alone(Format::without_dirty(entry), 0)) return said("without dirty", entry);
    return std::nullopt;
  }
  // Whether a leaf is the case's own but for this state of accessed.
  bool is_accessed_alone(Word leaf, Word accessed) const {
    int const level = case_.level;
    Word const field = [&] {
      if constexpr (requires { Spec::accessed_field(level); })
        return Spec::accessed_field(level);
      else
        return Spec::accessed_mask(level);
    }();
    return ((leaf ^ case_.entry) & ~field) == 0 && is_leaf_now(level, leaf) &&
           Spec::accessed(level, leaf) == accessed;
  }
  // Whether a leaf is the case's own but for this state of dirty.
  bool is_dirty_alone(Word leaf, Word dirty) const {
    int const level = case_.level;
    Word const field = [&] {
      if constexpr (requires { Spec::dirty_field(level); })
        return Spec::dirty_field(level);
      else
        return Spec::dirty_mask(level);
    }();
    return ((leaf ^ case_.entry) & ~field) == 0 && Spec::dirty(level, leaf) == dirty &&
           flags(level, leaf) == flags(level, case_.entry);
  }

  // A split leaf's pieces translate as it does: the first, the last and one between.
  Complaint check_pieces() const {
    int const level = case_.level;
    Word const entry = case_.entry;
    // The engine makes no page that ends beyond the machine's memory.
    Word const last = address(level, entry) | ((Word{1} << Spec::level_shift(level)) - 1);
    bool const in_memory = Spec::physical_range_fits(case_.machine, address(level, entry), last);
    if (level == 1 || !in_memory) return std::nullopt;
    int const below = level - 1;
    Word const first = Format::first_piece(level, entry);
    Word const span = Word{1} << Spec::level_shift(below);
    Word const count = Word{1} << Spec::index_bits;
    for (Word const k : {Word{0}, case_.other % count, count - 1}) {
      Word const piece = first + ((k * span) >> Format::address_shift);
      if (!is_leaf_now(below, piece)) return said("a piece that is no leaf", piece);
      if (address(below, piece) != address(level, entry) + k * span) {
        return said("a piece elsewhere", piece);
      }
      bool const alike = flags(below, piece) == flags(level, entry) &&
                         Spec::key(below, piece) == Spec::key(level, entry) &&
                         Spec::accessed(below, piece) == Spec::accessed(level, entry) &&
                         Spec::dirty(below, piece) == Spec::dirty(level, entry);
      if (!alike) return said("a piece unlike its leaf", piece);
    }
    return std::nullopt;
  }

  // The same page with other attributes: whether a processor must be made to forget the old one.
  Complaint check_invalidation() const {
    int const level = case_.level;
    Word const before = case_.entry;
    Word const frame_bits = models::mask_of(Spec::fields(level, before), models::Role::address);
    Word const after = (before & frame_bits) | (case_.other & ~frame_bits);
    if (!is_leaf_now(level, after)) return std::nullopt;
    bool const forgets = bool(Format::must_invalidate(options_, level, before, after));
    auto const effect = Spec::stale_effect(settings_, level, before, after).effect;
    if (effect == models::StaleEffect::must_invalidate) {
      if (!forgets) return said("kept, and no longer granted by " + hex(after), before);
      return std::nullopt;
    }
    // A leaf that becomes global leaves copies under the names of spaces, harmless for now; they
    // are invalidated then, since only that change says that they are everywhere.
    bool const renamed = Spec::cached_as_global(settings_, level, before) !=
                         Spec::cached_as_global(settings_, level, after);
    // Where keys are off no leaf has one.
    bool const keyed =
        !case_.machine.protection_keys && Spec::key(level, before) != Spec::key(level, after);
    // A leaf that grants nothing is none that the engine makes.
    MappingFlags const flags = Spec::flags_of_leaf(case_.machine, level, before);
    bool const useless =
        !flags.has(Flag::READ) && !flags.has(Flag::WRITE) && !flags.has(Flag::EXECUTE);
    if (forgets && !renamed && !keyed && !useless) {
      return said("flushed for nothing by " + hex(after), before);
    }
    return std::nullopt;
  }

  // ---- What the spec says of a leaf ------------------------------------------------------------

  bool is_leaf_now(int level, Word entry) const {
    return Spec::classify(settings_, level, entry) == Kind::leaf;
  }
  static Word address(int level, Word leaf) { return Spec::output(level, leaf, Word{0}); }
  MappingFlags flags(int level, Word leaf) const {
    return Spec::template flags_of_leaf<Word>(case_.machine, level, leaf);
  }
  MappingFlags normalised() const { return Spec::normalise(case_.machine, case_.flags); }
  MappingFlags normalised_but_for_software() const {
    return normalised().without(MappingFlags(software_field)) |
           (flags(case_.level, case_.entry) & MappingFlags(software_field));
  }

  std::string said(std::string const& what, Word entry) const {
    return what + ": level " + std::to_string(case_.level) + " entry " + hex(case_.entry) +
           (entry == case_.entry ? "" : ": " + hex(entry));
  }
  std::string wrote(std::string const& what, Word entry) const {
    return what + ": level " + std::to_string(case_.level) + " flags " + hex(case_.flags.bits) +
           " written as " + hex(entry);
  }

  EntryCase const& case_;
  typename Spec::Settings settings_;
  typename Format::template Options<Word> options_;
};

template <class Format, class Spec>
std::optional<std::string> check_entry(EntryCase const& c) {
  return EntryCheck<Format, Spec>(c).run();
}

}  // namespace twinwalk::fuzz
