// Raw memory taken for page tables. Where every entry on a path is well formed and every table on
// it grants everything, as the engine keeps it in its own tables, its query and its walk must equal
// the hardware's; anywhere else they must end. Everywhere they write nothing, and read only slots
// that the range leads to, in tables that entries read before have named.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "engine/api.hpp"
#include "engine/page_table.hpp"
#include "fuzz/words.hpp"
#include "models/walker.hpp"

namespace twinwalk::fuzz {

// Memory that folds every physical address onto a few frames, so that hostile pointers lead
// somewhere. It notes that something was written, and what was read where, before folding.
class HostileMemory {
 public:
  using Word = std::uint64_t;
  static constexpr std::size_t frame_count = 8;
  static constexpr std::size_t frame_words = 512;
  // More reads than this are counted and not kept; no check asks for a range that needs so many.
  static constexpr std::size_t reads_max = 4096;

  struct Read {
    std::uint64_t slot;
    std::uint64_t entry;
  };

  void fill_from(std::span<std::uint8_t const> data);

  std::uint64_t load(std::uint64_t slot) const { return words_[index(slot)]; }
  std::uint64_t live_count(std::uint64_t) const { return 1; }
  std::uint64_t link(std::uint64_t) const { return 0; }
  // What the engine has read since the last `forget_reads`, oldest first.
  std::span<Read const> reads() const {
    return std::span(reads_).first(loads_ < reads_max ? loads_ : reads_max);
  }
  std::size_t loads() const { return loads_; }
  void forget_reads() { loads_ = 0; }
  bool written() const { return written_; }

  // The rest of a handler: all of it would change something.
  std::uint64_t load(std::uint64_t slot) {
    std::uint64_t const entry = words_[index(slot)];
    if (loads_ < reads_max) reads_[loads_] = {slot, entry};
    ++loads_;
    return entry;
  }
  void store(std::uint64_t, std::uint64_t) { written_ = true; }
  std::uint64_t exchange(std::uint64_t slot, std::uint64_t) {
    written_ = true;
    return words_[index(slot)];
  }
  std::uint64_t compare_exchange(std::uint64_t slot, std::uint64_t, std::uint64_t) {
    return exchange(slot, 0);
  }
  bool alloc_frames(int, std::uint64_t&) { return false; }
  void dealloc_frames(std::uint64_t, int) { written_ = true; }
  void set_live_count(std::uint64_t, std::uint64_t) { written_ = true; }
  void set_link(std::uint64_t, std::uint64_t) { written_ = true; }
  void fill(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t) { written_ = true; }
  template <class Live>
  std::uint64_t find_live(std::uint64_t, std::uint64_t count, Live) {
    return count;
  }
  template <class Live>
  std::uint64_t count_live(std::uint64_t, std::uint64_t, Live) {
    return 0;
  }
  template <class Live>
  RunChange clear(std::uint64_t, std::uint64_t, std::uint64_t, Live) {
    written_ = true;
    return {};
  }
  template <class Function>
  RunChange rewrite(std::uint64_t, std::uint64_t, Function) {
    written_ = true;
    return {};
  }
  void invalidate(FlushScope const&) { written_ = true; }

 private:
  static std::size_t index(std::uint64_t slot) { return (slot >> 3) % (frame_count * frame_words); }

  std::array<std::uint64_t, frame_count * frame_words> words_{};
  std::array<Read, reads_max> reads_{};
  std::size_t loads_ = 0;
  bool written_ = false;
};

// The tables that may be read for a range of addresses: the root, and what entries name that were
// read before.
template <class Spec>
class NamedTables {
 public:
  NamedTables(typename Spec::Settings const& settings, std::uint64_t root, std::uint64_t first,
              std::uint64_t last)
      : settings_(settings), first_(first), last_(last) {
    add(Spec::root_table(root), Spec::levels);
  }

  // Takes note of one read. False when no address of the range leads to that slot.
  bool allow(HostileMemory::Read const& read) {
    bool allowed = false;
    // What the entry names joins the end of the list; it may be its own table one level down.
    for (std::size_t i = 0, known = count_; i < known; ++i) {
      Table const table = tables_[i];
      if (!leads_to(table, read.slot)) continue;
      allowed = true;
      // A reserved bit hides from the engine whether it is a leaf, and the table it names is read.
      models::EntryKind const kind = Spec::classify(settings_, table.level, read.entry);
      bool const names = kind == models::EntryKind::table || kind == models::EntryKind::malformed;
      if (names && table.level > 1) {
        add(Spec::table_address(table.level, read.entry), table.level - 1);
      }
    }
    return allowed;
  }

 private:
  // Twice what a range of a few leaf tables can have, so one that is left out was one too many.
  static constexpr std::size_t tables_max = 4 * Spec::levels;

  struct Table {
    std::uint64_t address = 0;
    int level = 0;
  };

  void add(std::uint64_t address, int level) {
    for (std::size_t i = 0; i < count_; ++i) {
      if (tables_[i].address == address && tables_[i].level == level) return;
    }
    if (count_ < tables_max) tables_[count_++] = {address, level};
  }
  bool leads_to(Table const& table, std::uint64_t slot) const {
    std::uint64_t const offset = slot - table.address;
    if (slot < table.address || offset % 8 != 0) return false;
    int const above = Spec::level_shift(table.level) + Spec::index_bits;
    bool const whole = above < 64 && first_ >> above != last_ >> above;
    std::uint64_t const low = whole ? 0 : Spec::index(table.level, first_);
    std::uint64_t const high =
        whole ? (std::uint64_t{1} << Spec::index_bits) - 1 : Spec::index(table.level, last_);
    return low <= offset / 8 && offset / 8 <= high;
  }

  typename Spec::Settings const& settings_;
  std::uint64_t first_;
  std::uint64_t last_;
  std::array<Table, tables_max> tables_{};
  std::size_t count_ = 0;
};

// Whether the engine keeps its invariant on the path, as far as it is about entries.
template <class Spec>
bool is_kept(models::Translation<Spec> const& translation) {
  if (translation.refusal == models::Refusal::malformed) return false;
  for (models::WalkStep const& step : translation.path) {
    if (step.kind != models::EntryKind::table) continue;
    if (Spec::own_rights(step.level, step.entry) != typename Spec::Rights{}) return false;
  }
  return true;
}

// Compares the leaves that a walk visits, one by one, with what hardware finds in the range.
template <class Spec>
class VisitJudge {
 public:
  VisitJudge(HostileMemory const& memory, MachineOptions const& machine,
             typename Spec::Settings const& settings, std::uint64_t first, std::uint64_t last)
      : memory_(memory), machine_(machine), settings_(settings), at_(first), last_(last) {}

  // False when the walk should stop: something is wrong.
  bool visit(Leaf const& leaf) {
    std::uint64_t const end = leaf.virt.value + (bytes(leaf.size) - 1);
    if (end < at_ || (visited_ && leaf.virt.value <= latest_)) return complain("again", leaf);
    visited_ = true;
    latest_ = leaf.virt.value;
    while (!done_) {
      Stretch const next = stretch();
      if (next.leaf && leaf != *next.leaf) return complain("other than " + words(*next.leaf), leaf);
      bool const here = leaf.virt.value <= next.last;
      if (here && next.kept && !next.leaf) return complain("in a hole", leaf);
      // Where entries are hostile, one may be taken for many small leaves.
      if (here && !next.kept) return true;
      advance_beyond(next.last);
      if (here) return true;
    }
    return complain("beyond the range", leaf);
  }
  // The walk is over: what it has left out, or what was wrong before.
  std::optional<std::string> finish() {
    while (!wrong_ && !done_) {
      Stretch const next = stretch();
      if (next.leaf) wrong_ = "a walk leaves out " + words(*next.leaf);
      advance_beyond(next.last);
    }
    return wrong_;
  }

 private:
  // The addresses from `at_` on that one entry decides about.
  struct Stretch {
    std::uint64_t last = 0;
    bool kept = false;
    std::optional<Leaf> leaf;  // where the invariant is kept
  };

  Stretch stretch() const {
    auto const found = models::translate<Spec>(memory_, settings_, 0, at_);
    Stretch result;
    result.last = at_ | ((std::uint64_t{1} << Spec::level_shift(found.level)) - 1);
    result.kept = is_kept<Spec>(found);
    if (!result.kept || !found.found()) return result;
    std::uint64_t const start = at_ & ~(bytes(found.size) - 1);
    result.leaf = Leaf{VirtAddr(start),
                       PhysAddr(found.frame()),
                       found.size,
                       found.effective_flags(machine_),
                       found.accessed ? 1U : 0U,
                       found.dirty ? 1U : 0U};
    return result;
  }
  void advance_beyond(std::uint64_t last) {
    done_ = last >= last_;
    at_ = last + 1;
  }
  bool complain(std::string const& what, Leaf const& leaf) {
    wrong_ = "a walk visits " + words(leaf) + " " + what;
    return false;
  }

  HostileMemory const& memory_;
  MachineOptions const& machine_;
  typename Spec::Settings const& settings_;
  std::uint64_t at_;
  std::uint64_t last_;
  std::uint64_t latest_ = 0;
  bool visited_ = false;
  bool done_ = false;
  std::optional<std::string> wrong_;
};

// What is wrong with the reads of one call on the range, or nothing.
template <class Spec>
std::optional<std::string> check_reads(HostileMemory const& memory,
                                       typename Spec::Settings const& settings, std::uint64_t first,
                                       std::uint64_t last) {
  // Of each page one entry, and the way down to each leaf table.
  std::uint64_t const pages = (last >> Spec::page_shift) - (first >> Spec::page_shift) + 1;
  std::uint64_t const leaf_tables = (pages >> Spec::index_bits) + 1;
  if (memory.loads() > pages - 1 + leaf_tables * Spec::levels) return "too many entries are read";
  NamedTables<Spec> tables(settings, 0, first, last);
  for (HostileMemory::Read const& read : memory.reads()) {
    if (!tables.allow(read)) {
      return "a read at " + hex(read.slot) + ", where no entry leads for " + hex(first);
    }
  }
  return std::nullopt;
}

// What is wrong, or nothing. `data` becomes the memory, the root its first frame.
template <class Format, class Spec>
std::optional<std::string> check_memory(MachineOptions const& machine,
                                        std::span<std::uint8_t const> data, VirtAddr va) {
  using Table = PageTable<Format, HostileMemory>;
  static thread_local HostileMemory memory;
  HostileMemory const& readable = memory;
  memory.fill_from(data);
  Table const table(memory, 0, typename Table::Options(machine));
  auto const settings = Spec::settings(machine);

  auto answer = table.query(va);
  if (auto wrong = check_reads<Spec>(memory, settings, va.value, va.value)) {
    return "query: " + *wrong;
  }
  auto const walked = models::translate<Spec>(readable, settings, 0, va.value);
  if (is_kept<Spec>(walked)) {
    if (bool(answer) != walked.found()) return "found: query of " + hex(va.value);
    if (answer) {
      Leaf const expected{va,
                          PhysAddr(walked.physical),
                          walked.size,
                          walked.effective_flags(machine),
                          walked.accessed ? 1U : 0U,
                          walked.dirty ? 1U : 0U};
      if (*answer != expected) return "engine: " + words(*answer) + "; walker: " + words(expected);
    }
  }

  // A walk over a few leaf tables.
  std::uint64_t constexpr length = std::uint64_t{1} << 23;
  std::uint64_t const first = va.value & ~(length - 1);
  std::uint64_t const last = first + (length - 1);
  memory.forget_reads();
  VisitJudge<Spec> judge(readable, machine, settings, first, last);
  auto const ended =
      table.walk(VirtAddr(first), length, [&](Leaf const& leaf) { return judge.visit(leaf); });
  if (bool(ended) != bool(Spec::canonical(first))) return "walk from " + hex(first);
  if (auto wrong = check_reads<Spec>(memory, settings, first, last)) return "walk: " + *wrong;
  if (ended) {
    if (auto wrong = judge.finish()) return wrong;
  }
  if (memory.written()) return "something was written for " + hex(va.value);
  return std::nullopt;
}

}  // namespace twinwalk::fuzz
