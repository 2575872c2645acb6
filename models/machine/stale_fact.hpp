// What some processors may hold although the tables moved on, and how a flush takes it from them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/api.hpp"
#include "models/spec/access.hpp"

namespace twinwalk::models {

inline constexpr int processors_max = 4;
inline constexpr int spaces_max = 16;

// Who holds something: one bit for each pair of a processor and an address space.
using Holders = std::uint64_t;
// Sets of processors and of spaces, one bit each.
constexpr Holders holders(std::uint32_t processors, std::uint32_t spaces) {
  Holders all = 0;
  for (int p = 0; p < processors_max; ++p)
    if ((processors >> p & 1) != 0) all |= Holders{spaces & 0xffffU} << (spaces_max * p);
  return all;
}
constexpr std::uint32_t spaces_of(Holders who) {
  return static_cast<std::uint32_t>((who | who >> 16 | who >> 32 | who >> 48) & 0xffff);
}

// A run of old entries of one level, or one old pointer to a table. Addresses are inputs without
// their sign extension.
struct StaleFact {
  enum class Kind : std::uint8_t {
    leaf,      // `count` leaves: the k-th had the value `value + k * step`
    contents,  // leaves of an unlinked table, somewhere in the run; its frame still shows them
    table,     // a pointer to `table`, read at `level` (levels + 1: the root register)
    absent,    // `count` pages that are not valid, of the size of `level`
  };

  Kind kind = Kind::leaf;
  std::uint8_t level = 1;   // of the entry that was read
  std::uint8_t shift = 12;  // log2 of the bytes that one entry of this level serves
  bool global = false;      // may be held under no space's name
  bool split = false;       // leaves that tables with the same translations took the place of
  bool judged = false;      // `effect` is up to date with the tables
  StaleEffect effect = StaleEffect::must_invalidate;
  std::uint64_t first = 0;  // first input address
  std::uint64_t count = 1;  // entries in the run
  std::uint64_t value = 0;
  std::uint64_t step = 0;
  std::uint64_t table = 0;  // physical address of the table pointed to, or of the unlinked one
  Holders who = 0;

  std::uint64_t last() const { return first + (count << shift) - 1; }
  bool touches(std::uint64_t low, std::uint64_t high) const {
    return first <= high && low <= last();
  }
  bool contains(std::uint64_t input) const { return touches(input, input); }
  std::uint64_t value_of(std::uint64_t k) const { return value + k * step; }

  // The entries from the k-th on, `n` of them.
  StaleFact part(std::uint64_t k, std::uint64_t n) const {
    StaleFact piece = *this;
    piece.first = first + (k << shift);
    piece.value = value_of(k);
    piece.count = n;
    return piece;
  }
};

// A flush with its addresses made inputs, and whose entries it reaches.
struct Reach {
  FlushScope const* scope;
  std::uint64_t input_mask;  // takes the sign extension off
  Holders who;               // entries held under these names
  Holders who_global;        // global entries: every name, on the processors reached
};

// The entries of a fact that a range of a flush hits: `count` of them from index `from` on, none
// when count is 0. An entry is hit when some multiple of the stride, counted from the first
// address, lies in it; with a stride larger than the entry only the first hit at or after `start`
// is told.
struct Hit {
  std::uint64_t from = 0;
  std::uint64_t count = 0;
};
inline Hit hit_by(StaleFact const& fact, std::uint64_t first, std::uint64_t last, int stride_log2) {
  if (first > last || !fact.touches(first, last)) return {};
  std::uint64_t const stride = std::uint64_t{1} << stride_log2;
  std::uint64_t probe = first;
  if (fact.first > first)
    probe = first + (((fact.first - first + stride - 1) >> stride_log2) << stride_log2);
  if (probe < first || probe > last || probe > fact.last()) return {};
  std::uint64_t const from = (probe - fact.first) >> fact.shift;
  if (stride_log2 > fact.shift) return {from, 1};
  std::uint64_t const final_probe = last - ((last - first) & (stride - 1));
  std::uint64_t const to = (std::min(final_probe, fact.last()) - fact.first) >> fact.shift;
  return {from, to - from + 1};
}

// Takes from `facts` what one flush covers: holders are removed, runs are cut where a range ends,
// facts without a holder vanish.
inline void carry_out(std::vector<StaleFact>& facts, Reach const& reach) {
  FlushScope const& scope = *reach.scope;
  auto reached = [&](StaleFact const& fact) -> Holders {
    if (fact.global) return scope.global ? fact.who & reach.who_global : 0;
    return fact.who & reach.who;
  };
  for (std::size_t i = 0; i < facts.size(); ++i) {
    Holders const gone = reached(facts[i]);
    if (gone == 0) continue;
    if (scope.everything) {
      facts[i].who &= ~gone;
      continue;
    }
    if (facts[i].kind == StaleFact::Kind::table) {
      bool covered = false;
      for (int r = 0; r < scope.range_count && !covered; ++r)
        covered = hit_by(facts[i], scope.ranges[r].first & reach.input_mask,
                         scope.ranges[r].last & reach.input_mask, size_log2(scope.ranges[r].stride))
                      .count != 0;
      if (covered && scope.table_changed) facts[i].who &= ~gone;
      continue;
    }
    for (int r = 0; r < scope.range_count; ++r) {
      StaleFact const whole = facts[i];
      Hit const hit =
          hit_by(whole, scope.ranges[r].first & reach.input_mask,
                 scope.ranges[r].last & reach.input_mask, size_log2(scope.ranges[r].stride));
      if (hit.count == 0) continue;
      // What lies beside the hit joins the end of the list and meets the other ranges there.
      std::uint64_t const after = hit.from + hit.count;
      if (hit.from != 0) facts.push_back(whole.part(0, hit.from));
      if (after != whole.count) facts.push_back(whole.part(after, whole.count - after));
      facts[i] = whole.part(hit.from, hit.count);
      facts[i].who &= ~gone;
      break;
    }
  }
  std::erase_if(facts, [](StaleFact const& fact) { return fact.who == 0; });
}

}  // namespace twinwalk::models
