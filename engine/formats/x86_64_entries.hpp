// Typed entries of x86-64, one type for each level, with every field readable, settable and
// checked. A field exists only where it means something: PAT is bit 7 of a PTE and bit 12 of larger
// pages, and D, G and PAT are no fields of an entry that leads to a table. (Intel SDM vol. 3A,
// tables 4-14 to 4-20; AMD APM vol. 2, section 5.3.)
//
// These are values. For an entry that an MMU may look at, compare-exchange `bits()`.
//
// Each is a template over its word, so that the proofs read the shipped source; users name the
// ones over std::uint64_t, which the aliases below are.
#pragma once

#include <concepts>
#include <cstdint>

#include "../api.hpp"
#include "../assert.hpp"
#include "../maybe.hpp"
#include "../word.hpp"
#include "x86_64_fields.hpp"

namespace twinwalk {

// What `present_with` gives an entry besides its address: any of the flags of any entry. PAT is
// named as such here and placed by the entry; large_page is bit 7 above level 1.
template <Word W>
class BasicVirtualMemoryPageBits {
 public:
  using Self = BasicVirtualMemoryPageBits;
  using Bits = W;

  constexpr BasicVirtualMemoryPageBits() = default;
  TWINWALK_COMMON_FIELDS
  TWINWALK_PAGE_FIELDS(12)
  TWINWALK_FIELD(large_page, bool, 7, 7)

  // As they stand in a PDPTE or PDE.
  constexpr W bits() const { return bits_; }

 private:
  W bits_{0};
};

using VirtualMemoryPageBits = BasicVirtualMemoryPageBits<std::uint64_t>;

namespace x86 {

inline constexpr std::uint64_t page_only_flags = bit(12) | bit(8) | bit(6);  // PAT, G, D
inline constexpr std::uint64_t large_page_flag = bit(7);                     // PS
inline constexpr std::uint64_t present_flag = bit(0);

// The bits of an entry for a table. Flags that it has no place for are a programmer error.
template <Word W>
constexpr W table_bits(BasicVirtualMemoryPageBits<W> flags,
                       BasicPhysicalPage<PageSize::Size4K, W> table) {
  TWINWALK_ASSERT((flags.bits() & W(page_only_flags | large_page_flag)) == W(0));
  return flags.with_present(FieldValue<bool, W>(true)).bits() | table.base().value;
}

// An entry that leads to a table. PS is 0, which PML5E and PML4E demand.
template <int Level, Word W>
class BasicTableEntry {
 public:
  using Self = BasicTableEntry;
  using Bits = W;
  using Flags = BasicVirtualMemoryPageBits<W>;
  using Table = BasicPhysicalPage<PageSize::Size4K, W>;

  constexpr BasicTableEntry() = default;
  constexpr explicit BasicTableEntry(W bits) : bits_(bits) {}
  // A present entry for `table`. PS, PAT, G or D in `flags` are a programmer error.
  static constexpr Self present_with(Flags flags, Table table) {
    return Self(table_bits(flags, table));
  }

  TWINWALK_COMMON_FIELDS

  // The table it leads to, if it is present.
  constexpr Maybe<Table> next_table() const {
    if ((bits_ & W(present_flag)) == W(0)) return {};
    return physical_address();
  }
  constexpr Table physical_address() const {
    return Table::containing(BasicPhysAddr<W>(bits_ & W(mask(51, 12))));
  }
  constexpr void set_physical_address(Table table) {
    bits_ = (bits_ & W(~mask(51, 12))) | table.base().value;
  }
  [[nodiscard]] constexpr Self with_physical_address(Table table) const {
    Self changed = *this;
    changed.set_physical_address(table);
    return changed;
  }

  constexpr W bits() const { return bits_; }
  friend bool operator==(BasicTableEntry, BasicTableEntry)
    requires std::same_as<W, std::uint64_t>
  = default;

 private:
  W bits_{0};
};

// An entry that maps a page of `Size`. Above level 1 that is one with PS set.
template <PageSize Size, Word W>
class BasicPageEntry {
 public:
  using Self = BasicPageEntry;
  using Bits = W;
  using Flags = BasicVirtualMemoryPageBits<W>;
  using Page = BasicPhysicalPage<Size, W>;

  static constexpr int pat_bit = Size == PageSize::Size4K ? 7 : 12;

  // Not present, and otherwise clear but for PS.
  constexpr BasicPageEntry() = default;
  // Bits as a table holds them; PS is a programmer's promise above level 1.
  constexpr explicit BasicPageEntry(W bits) : bits_(bits) {
    TWINWALK_ASSERT((bits & W(size_flag)) == W(size_flag));
  }
  // A present entry for `page`. PS in `flags` says nothing: the type does, and at level 1 there is
  // none, so there it is a programmer error.
  static constexpr Self present_with(Flags flags, Page page) {
    using Switch = FieldValue<bool, W>;
    if constexpr (size_flag == 0) {
      TWINWALK_ASSERT((flags.bits() & W(large_page_flag)) == W(0));
    }
    W const common = flags.with_present(Switch(true)).with_pat(Switch(false)).bits();
    return Self(common | W(size_flag) | page.base().value).with_pat(flags.pat());
  }

  TWINWALK_COMMON_FIELDS
  TWINWALK_PAGE_FIELDS(pat_bit)

  constexpr Page physical_address() const {
    return Page::containing(BasicPhysAddr<W>(bits_ & W(address_field)));
  }
  constexpr void set_physical_address(Page page) {
    bits_ = (bits_ & W(~address_field)) | page.base().value;
  }
  [[nodiscard]] constexpr Self with_physical_address(Page page) const {
    Self changed = *this;
    changed.set_physical_address(page);
    return changed;
  }

  constexpr W bits() const { return bits_; }
  friend bool operator==(BasicPageEntry, BasicPageEntry)
    requires std::same_as<W, std::uint64_t>
  = default;

 private:
  static constexpr std::uint64_t address_field = mask(51, size_log2(Size));
  static constexpr std::uint64_t size_flag = Size == PageSize::Size4K ? 0 : large_page_flag;

  W bits_{size_flag};
};

// An entry of a level whose entries lead to a table or map a page of `Size`, as PS says.
template <int Level, PageSize Size, Word W>
class BasicEitherEntry {
 public:
  using Self = BasicEitherEntry;
  using Bits = W;
  using Flags = BasicVirtualMemoryPageBits<W>;
  using Table = BasicTableEntry<Level, W>;
  using Page = BasicPageEntry<Size, W>;

  constexpr BasicEitherEntry() = default;
  constexpr explicit BasicEitherEntry(W bits) : bits_(bits) {}
  // Implicit on purpose: either form is such an entry.
  constexpr BasicEitherEntry(Table table) : bits_(table.bits()) {}
  constexpr BasicEitherEntry(Page page) : bits_(page.bits()) {}
  // A present entry; the kind of page says which form.
  static constexpr Self present_with(Flags flags, typename Table::Table table) {
    return Table::present_with(flags, table);
  }
  static constexpr Self present_with(Flags flags, typename Page::Page page) {
    return Page::present_with(flags, page);
  }

  TWINWALK_COMMON_FIELDS
  // PS: it maps a page. What the other bits mean changes with it; `table` and `page` know.
  TWINWALK_FIELD(large_page, bool, 7, 7)

  // The same bits in the form they have, whether present or not.
  constexpr Maybe<Table> table() const {
    if (maps_page()) return {};
    return Table(bits_);
  }
  constexpr Maybe<Page> page() const {
    if (!maps_page()) return {};
    return Page(bits_);
  }
  // The table it leads to, if it is present and does.
  constexpr Maybe<typename Table::Table> next_table() const {
    if (maps_page()) return {};
    return Table(bits_).next_table();
  }

  constexpr W bits() const { return bits_; }
  friend bool operator==(BasicEitherEntry, BasicEitherEntry)
    requires std::same_as<W, std::uint64_t>
  = default;

 private:
  // PS as a condition, over any word.
  constexpr auto maps_page() const { return (bits_ & W(large_page_flag)) != W(0); }

  W bits_{0};
};

template <int Level>
using TableEntry = BasicTableEntry<Level, std::uint64_t>;
template <PageSize Size>
using PageEntry = BasicPageEntry<Size, std::uint64_t>;
template <int Level, PageSize Size>
using EitherEntry = BasicEitherEntry<Level, Size, std::uint64_t>;

}  // namespace x86

using Pml5Entry = x86::TableEntry<5>;
using Pml4Entry = x86::TableEntry<4>;
using PdptTableEntry = x86::TableEntry<3>;
using PdptPageEntry = x86::PageEntry<PageSize::Size1G>;
using PdptEntry = x86::EitherEntry<3, PageSize::Size1G>;
using PdTableEntry = x86::TableEntry<2>;
using PdPageEntry = x86::PageEntry<PageSize::Size2M>;
using PdEntry = x86::EitherEntry<2, PageSize::Size2M>;
using PtEntry = x86::PageEntry<PageSize::Size4K>;

// 2 MiB at 0x40000000, writable, with PAT: the address stays whole and PAT goes to bit 12.
static_assert(
    PdEntry::present_with(VirtualMemoryPageBits().with_writable(true).with_pat(true),
                          *PhysicalPage<PageSize::Size2M>::from_base(PhysAddr(0x40000000)))
        .bits() == 0x40001083);
// At level 1 PAT is bit 7.
static_assert(PtEntry(0x5081).pat() && PtEntry(0x5081).physical_address().base().value == 0x5000);
static_assert(!PdptEntry(0x40000083).next_table() && !!PdptEntry(0x40000003).next_table());

}  // namespace twinwalk

#undef TWINWALK_FIELD
#undef TWINWALK_COMMON_FIELDS
#undef TWINWALK_PAGE_FIELDS
