// One entry in neutral words, for code that handles single entries: what the engine writes and
// reads, without a walk. The level is part of the type, since bits mean different things at each.
#pragma once

#include <concepts>
#include <cstdint>

#include "api.hpp"
#include "format.hpp"
#include "geometry.hpp"
#include "path.hpp"
#include "result.hpp"

namespace twinwalk {

// What every format's entries offer.
template <class P>
concept GenericPTE = requires(P entry, P const value, PhysAddr address, MappingFlags flags) {
  { value.bits() } -> std::same_as<std::uint64_t>;
  { value.paddr() } -> std::same_as<PhysAddr>;
  { value.flags() } -> std::same_as<MappingFlags>;
  { value.is_present() } -> std::same_as<bool>;
  { value.is_huge() } -> std::same_as<bool>;
  { value.is_unused() } -> std::same_as<bool>;
  { entry.set_paddr(address) } -> std::same_as<bool>;
  { entry.set_flags(flags) } -> std::same_as<bool>;
  entry.clear();
};

// An entry of `F` at `Level`, 8 bytes. What an entry cannot hold is refused, never truncated; what
// it can depends on the machine, whose options the refusing calls take (default: 52 physical bits,
// NX, 1G pages, no protection keys).
template <class F, int Level>
class NeutralEntry {
 public:
  using Options = typename F::template Options<std::uint64_t>;

  static constexpr int level = Level;
  static constexpr bool may_be_page = Level <= F::leaf_level_max;
  static constexpr bool may_be_table = Level > 1;

  // A hole.
  constexpr NeutralEntry() = default;
  constexpr explicit NeutralEntry(std::uint64_t bits) : bits_(bits) {}

  // Maps the page at `address`. UnsupportedPageSize, InvalidAddress, NotAligned or
  // UnrepresentableFlags; there is no address in the failure.
  static constexpr Result<NeutralEntry, std::uint64_t> new_page(PhysAddr address,
                                                                MappingFlags flags,
                                                                Options const& options = Options())
    requires may_be_page
  {
    constexpr PageSize size = Geometry<F>::page_size(Level);
    if (!F::supports(options, size)) return refuse(PagingError::UnsupportedPageSize);
    if (!fits(address, bytes(size), options)) return refuse(PagingError::InvalidAddress);
    if ((address.value & (bytes(size) - 1)) != 0) return refuse(PagingError::NotAligned);
    if (!F::representable(options, flags)) return refuse(PagingError::UnrepresentableFlags);
    return NeutralEntry(F::leaf(Level, address.value, F::encode(options, flags)));
  }

  // Leads to the table at `address`. InvalidAddress or NotAligned.
  static constexpr Result<NeutralEntry, std::uint64_t> new_table(PhysAddr address,
                                                                 Options const& options = Options())
    requires may_be_table
  {
    if (!fits(address, table_bytes, options)) return refuse(PagingError::InvalidAddress);
    if ((address.value & (table_bytes - 1)) != 0) return refuse(PagingError::NotAligned);
    return NeutralEntry(F::table(address.value));
  }

  constexpr std::uint64_t bits() const { return bits_; }

  // Whether the MMU follows it; the other bits of one that it does not are nobody's.
  constexpr bool is_present(Options const& options = Options()) const {
    return F::present(options, Level, bits_);
  }
  // Whether it maps a page larger than the smallest.
  constexpr bool is_huge(Options const& options = Options()) const {
    return Level > 1 && is_page(options);
  }
  // Whether nothing at all is written here. `map` needs no more than that it is not present.
  constexpr bool is_unused(Options const& options = Options()) const {
    return bits_ == F::hole(options, Level);
  }
  constexpr bool is_page(Options const& options = Options()) const {
    return is_present(options) && is_leaf<F, std::uint64_t>(Level, bits_);
  }
  constexpr bool is_table(Options const& options = Options()) const {
    return is_present(options) && !is_page(options);
  }

  // Where the page or table lies; 0 for a hole.
  constexpr PhysAddr paddr(Options const& options = Options()) const {
    if (is_page(options)) return PhysAddr(F::leaf_address(Level, bits_));
    return PhysAddr(is_table(options) ? F::table_address(bits_) : 0);
  }
  // What the page grants; none for a table, as rights live in leaves, and for a hole.
  constexpr MappingFlags flags(Options const& options = Options()) const {
    return is_page(options) ? F::decode(options, Level, bits_) : MappingFlags();
  }

  // Both say false and change nothing when the entry cannot hold the value, or is a hole;
  // accessed, dirty and software bits survive. Not atomic: for an entry that an MMU may look at,
  // compare-exchange `bits()`.
  [[nodiscard]] constexpr bool set_paddr(PhysAddr address, Options const& options = Options()) {
    if (!is_present(options)) return false;
    std::uint64_t const size = is_page(options) ? Geometry<F>::span(Level) : table_bytes;
    if (!fits(address, size, options) || (address.value & (size - 1)) != 0) return false;
    bits_ = (bits_ & ~paddr_field(options)) | (address.value >> F::address_shift);
    return true;
  }
  // Replaces rights, memory type, key and GLOBAL of a page; the software bits of `flags` are not
  // looked at.
  [[nodiscard]] constexpr bool set_flags(MappingFlags flags, Options const& options = Options()) {
    MappingFlags const wanted = flags.without_software();
    if (!is_page(options) || !F::representable(options, wanted)) return false;
    bits_ = F::with_attributes(Level, bits_, F::encode(options, wanted));
    return true;
  }
  // Makes it a hole.
  constexpr void clear(Options const& options = Options()) { bits_ = F::hole(options, Level); }

  friend constexpr bool operator==(NeutralEntry, NeutralEntry) = default;

 private:
  static constexpr std::uint64_t table_bytes =
      bit(may_be_table ? Geometry<F>::table_size_log2(Level - 1) : F::page_log2);

  static constexpr BasicFailure<std::uint64_t> refuse(PagingError error) {
    return {error, VirtAddr()};
  }
  static constexpr bool fits(PhysAddr first, std::uint64_t length, Options const& options) {
    return F::physical_range_fits(options, first.value, first.value + length - 1);
  }
  // Where an address may have bits in this entry.
  constexpr std::uint64_t paddr_field(Options const& options) const {
    std::uint64_t const all = ~std::uint64_t{0};
    std::uint64_t const address =
        is_page(options) ? F::leaf_address(Level, all) : F::table_address(all);
    return address >> F::address_shift;
  }

  std::uint64_t bits_ = F::hole(Options(), Level);
};

}  // namespace twinwalk
