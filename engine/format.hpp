// What a format gives the engine: the contract between engine/formats/*.hpp and everything else.
#pragma once

#include <concepts>
#include <cstdint>

#include "api.hpp"
#include "word.hpp"

namespace twinwalk {

// The bits of the attributes of one leaf, valid for any level; made once by a format's `encode`
// and passed to as many calls as like.
template <Word W>
struct Attributes {
  W bits{0};
};

// `Options` is what the machine is, as the format needs it, made from MachineOptions.
template <class F, class W = std::uint64_t>
concept Format =
    Word<W> && requires(typename F::template Options<W> const& options, W word, W other, int level,
                        PageSize size, BasicMappingFlags<W> flags, Attributes<W> attributes) {
      // Its name on every command line.
      { F::name } -> std::convertible_to<char const*>;
      // Geometry: levels, bytes of the smallest page, index bits of a table and of the root, the
      // highest level with leaves, significant bits of an input address, and whether the bits above
      // repeat the highest of these (so that the space has two halves) or are zero.
      { F::levels } -> std::convertible_to<int>;
      { F::page_log2 } -> std::convertible_to<int>;
      { F::index_bits } -> std::convertible_to<int>;
      { F::root_index_bits } -> std::convertible_to<int>;
      { F::leaf_level_max } -> std::convertible_to<int>;
      { F::address_bits } -> std::convertible_to<int>;
      { F::sign_extended } -> std::convertible_to<bool>;
      // The widest physical addresses that an entry has room for.
      { F::physical_bits_max } -> std::convertible_to<int>;
      // How many bits lower an address stands in an entry than in a word.
      { F::address_shift } -> std::convertible_to<int>;
      // Whether a processor may keep that nothing is mapped, so that new entries owe a fence.
      { F::new_entries_owe_fence } -> std::convertible_to<bool>;
      // Whether a walk may see new entries only after a barrier.
      { F::new_entries_owe_barrier } -> std::convertible_to<bool>;

      // Whether this machine has leaves of a size.
      { F::supports(options, size) } -> std::same_as<bool>;
      // Whether an input address is extended to 64 bits as the MMU demands.
      bool(F::canonical(word));
      // Whether output addresses first to last are within the machine's width; they may have
      // wrapped.
      bool(F::physical_range_fits(options, word, other));
      // Whether a leaf can hold exactly these flags.
      bool(F::representable(options, flags));

      // Flags to attributes, accessed and dirty preset in them where the machine does not set them
      // by itself; and a leaf at a level back to flags.
      { F::encode(options, flags) } -> std::same_as<Attributes<W>>;
      { F::decode(options, level, word) } -> std::same_as<BasicMappingFlags<W>>;

      // The entries: a hole, a leaf (address, attributes), a table; and what an entry is.
      { F::hole(options, level) } -> std::same_as<W>;
      { F::leaf(level, word, attributes) } -> std::same_as<W>;
      { F::table(word) } -> std::same_as<W>;
      bool(F::present(options, level, word));
      bool(F::large(word));
      { F::leaf_address(level, word) } -> std::same_as<W>;
      { F::table_address(word) } -> std::same_as<W>;
      // The first of the leaves that a split of the leaf at `level` gives.
      { F::first_piece(level, word) } -> std::same_as<W>;
      { F::with_attributes(level, word, attributes) } -> std::same_as<W>;
      { F::with_software_of(word, attributes) } -> std::same_as<Attributes<W>>;

      // Accessed and dirty as 0 or 1, and the leaf with or without them; whether a leaf at a level
      // is global.
      { F::accessed(word) } -> std::same_as<W>;
      { F::dirty(word) } -> std::same_as<W>;
      { F::with_accessed(word) } -> std::same_as<W>;
      { F::with_dirty(word) } -> std::same_as<W>;
      { F::without_accessed(word) } -> std::same_as<W>;
      { F::without_dirty(word) } -> std::same_as<W>;
      bool(F::global(level, word));
      // Whether of several leaves it is enough to know their bits together: one is global where a
      // bit is set in any, and must_invalidate judges each bit by itself.
      { F::bits_add_up } -> std::convertible_to<bool>;

      // Whether a processor holding `word` must forget it once the leaf is `other`.
      bool(F::must_invalidate(options, level, word, other));
    };

// A format whose manual forbids that some leaves become others in one store: a hole must stand in
// between, and a flush. demands_break(level, before, after) says which.
template <class F>
concept BreaksBeforeMaking =
    requires(int level, std::uint64_t word) { bool(F::demands_break(level, word, word)); };

// A format whose processors keep that nothing is mapped, and with which page size. They keep a hole
// of a directory as smallest pages, but vacant(level), or what else is large(), as one of the
// level's. Where another size comes it has to be broken.
template <class F>
concept KeepsHoles = BreaksBeforeMaking<F> && requires(int level) {
  { F::vacant(level) } -> std::same_as<std::uint64_t>;
};

}  // namespace twinwalk
