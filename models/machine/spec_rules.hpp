// What the machine asks of a format, said in terms of a spec (models/spec/) on one machine: how to
// read an entry, what may be cached of it, and what a processor does wrong that still uses an older
// one. One adapter serves every format.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/api.hpp"
#include "models/spec/access.hpp"
#include "models/spec/field.hpp"

namespace twinwalk::models {

constexpr StaleEffect worse(StaleEffect a, StaleEffect b) { return a < b ? b : a; }

// Levels count from 1, the one with the smallest pages, to `levels`, the root. Inputs are addresses
// without their sign extension.
template <class Spec>
class SpecRules {
 public:
  using Settings = typename Spec::Settings;
  static constexpr int levels = Spec::levels;
  static constexpr int input_bits = Spec::address_bits;
  static constexpr std::uint64_t input_mask =
      input_bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << input_bits) - 1;

  explicit SpecRules(MachineOptions const& options)
      : options_(options), settings_(Spec::settings(options)) {}

  Settings const& settings() const { return settings_; }
  MachineOptions const& options() const { return options_; }

  // log2 of the bytes that an entry of a level serves; one above the root, of the whole input.
  static constexpr int shift(int level) {
    return level > levels ? input_bits : Spec::level_shift(level);
  }
  // How many entries a table of a level has.
  static constexpr std::size_t slots(int level) {
    return std::size_t{1} << (shift(level + 1) - shift(level));
  }
  static constexpr std::size_t slot(std::uint64_t input, int level) {
    return static_cast<std::size_t>(input >> shift(level)) % slots(level);
  }

  EntryKind kind(std::uint64_t entry, int level) const {
    return Spec::classify(settings_, level, entry);
  }
  // Whether a processor keeps that there is nothing, and the level whose pages it keeps that as.
  static constexpr bool keeps_holes = requires { Spec::level_of_hole(1, std::uint64_t{0}); };
  static int level_of_hole(std::uint64_t hole, int level) {
    return Spec::level_of_hole(level, hole);
  }
  // Whether a hole is what the engine should have written there.
  bool is_clean_hole(std::uint64_t hole, int level) const {
    if constexpr (keeps_holes) {
      if (hole == Spec::passing_hole(level)) return true;
    }
    if constexpr (requires { Spec::hole_word(settings_, level); }) {
      return hole == Spec::hole_word(settings_, level);
    }
    return true;
  }
  // Whether an entry to a table leaves all rights and attributes to the leaves.
  static bool grants_everything(std::uint64_t table, int level) {
    if constexpr (requires { Spec::grants_everything(level, table); })
      return Spec::grants_everything(level, table);
    return true;
  }
  std::uint64_t next_table(std::uint64_t entry, int level) const {
    return Spec::table_address(level, entry);
  }
  std::uint64_t output(std::uint64_t leaf, int level, std::uint64_t input) const {
    return Spec::output(level, leaf, input);
  }
  bool global(std::uint64_t entry, int level) const {
    return Spec::cached_as_global(settings_, level, entry);
  }
  bool may_cache(std::uint64_t entry, int level) const {
    return Spec::cacheable(settings_, level, entry);
  }

  // A processor holds `old` of a slot in which `now` stands, both of one level.
  StaleEffect stale_entry(std::uint64_t old, std::uint64_t now, int level) const {
    return Spec::stale_effect(settings_, level, old, now).effect;
  }
  // A processor holds the leaf `old` of `level`, and for `input` the tables end in `now`, which is
  // no table entry, at `now_level`.
  StaleEffect stale_leaf(std::uint64_t old, int level, std::uint64_t now, int now_level,
                         std::uint64_t input) const {
    if (level == now_level) return stale_entry(old, now, level);
    // Pages of two sizes: the sheet tolerates identical translations and nothing else.
    bool const alike = kind(now, now_level) == EntryKind::leaf &&
                       output(old, level, input) == output(now, now_level, input) &&
                       attributes(old, level) == attributes(now, now_level) &&
                       Spec::dirty(level, old) <= Spec::dirty(now_level, now);
    return alike ? StaleEffect::harmless : StaleEffect::must_invalidate;
  }
  // Whether the manual asks for a hole and a flush between two entries of one slot. What it means
  // that a leaf becomes a table is judged by the translations, not here.
  bool demands_break(std::uint64_t old, std::uint64_t now, int level) const {
    if constexpr (requires { Spec::demands_break(settings_, level, old, now); })
      return Spec::demands_break(settings_, level, old, now);
    else
      return false;
  }

 private:
  // What the neutral flags say of a leaf, whatever its level; software bits translate nothing.
  MappingFlags attributes(std::uint64_t leaf, int level) const {
    constexpr std::uint64_t software = MappingFlags::software_mask << MappingFlags::software_shift;
    return MappingFlags(Spec::template flags_of_leaf<std::uint64_t>(options_, level, leaf).bits &
                        ~software);
  }

  MachineOptions options_;
  Settings settings_;
};

}  // namespace twinwalk::models
