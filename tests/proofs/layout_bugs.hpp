// Formats that are broken in one place each, for the tests of the theorems about layout. Engine
// code that one of them breaks and a theorem does not notice is code that no theorem is about.
#pragma once

#include <cstdint>

#include "proofs/formats/x86_64.hpp"
#include "proofs/layout/typed_fields.hpp"

namespace twinwalk::proofs::layout_bugs {

using Shipped = X86_64<4>;

template <class W>
using Flags = BasicMappingFlags<W>;

struct TableAddressOf48Bits : Shipped {
  template <Word W>
  static constexpr W table_address(W entry) {
    return entry & W(mask(47, 12));
  }
};
struct LeafAddressTakesPat : Shipped {
  template <Word W>
  static constexpr W leaf_address(int /*level*/, W entry) {
    return entry & W(mask(51, 12));
  }
};
struct NoExecuteReadAt62 : Shipped {
  template <Word W>
  static constexpr Flags<W> decode(Options<W> const& options, int level, W entry) {
    W const moved = (entry & W(~bit(63))) | ((entry << 1) & W(bit(63)));
    return Shipped::decode(options, level, moved);
  }
};
struct PatReadAt7OfLargeLeaves : Shipped {
  template <Word W>
  static constexpr Flags<W> decode(Options<W> const& options, int /*level*/, W entry) {
    return Shipped::decode(options, 1, entry);
  }
};
struct GlobalLost : Shipped {
  template <Word W>
  static constexpr Attributes<W> encode(Options<W> const& options, Flags<W> flags) {
    return {Shipped::encode(options, flags).bits & W(~global_bit)};
  }
};
struct NoExecuteForgotten : Shipped {
  template <Word W>
  static constexpr Attributes<W> encode(Options<W> const& options, Flags<W> flags) {
    return {Shipped::encode(options, flags).bits & W(~execute_disable_bit)};
  }
};
struct SizeKeptAtLevelOne : Shipped {
  template <Word W>
  static constexpr W leaf(int level, W address, Attributes<W> attributes) {
    return Shipped::leaf(level, address, attributes) | W(large_bit);
  }
};
struct TypeTakenWithoutTyped : Shipped {
  template <Word W>
  static constexpr auto representable(Options<W> const& options, Flags<W> flags) {
    W const typed = select((flags.bits & W(mask(10, 8))) == W(0), W(0), W(bit(7)));
    return Shipped::representable(options, Flags<W>(flags.bits | typed));
  }
};
struct KeysTakenFromAnyMachine : Shipped {
  template <Word W>
  struct Options : Shipped::Options<W> {
    constexpr Options() = default;
    constexpr explicit Options(MachineOptions machine) : Shipped::Options<W>(with_keys(machine)) {}
    static constexpr MachineOptions with_keys(MachineOptions machine) {
      machine.protection_keys = true;
      return machine;
    }
  };
};
struct TableWithoutUser : Shipped {
  template <Word W>
  static constexpr W table(W address) {
    return address | W(present_bit | writable_bit);
  }
};
struct GlobalTable : Shipped {  // which AMD reserves in the two highest levels
  template <Word W>
  static constexpr W table(W address) {
    return Shipped::table(address) | W(global_bit);
  }
};
struct KeyMisplaced : Shipped {
  template <Word W>
  static constexpr Attributes<W> encode(Options<W> const& options, Flags<W> flags) {
    W const right = Shipped::encode(options, flags).bits;
    return {(right & W(~key_bits)) | ((right >> 1) & W(key_bits))};
  }
};
struct AlwaysNoExecute : Shipped {
  template <Word W>
  static constexpr Attributes<W> encode(Options<W> const& options, Flags<W> flags) {
    return {Shipped::encode(options, flags).bits | W(execute_disable_bit)};
  }
};
struct SizeLostInPieces : Shipped {
  template <Word W>
  static constexpr W first_piece(int /*level*/, W entry) {
    return Shipped::first_piece(2, entry);
  }
};
struct PatLeftInPieces : Shipped {
  template <Word W>
  static constexpr W first_piece(int level, W entry) {
    return level > 2 ? entry : entry & W(~large_bit);
  }
};
struct DirtyLostInPieces : Shipped {
  template <Word W>
  static constexpr W first_piece(int level, W entry) {
    return Shipped::first_piece(level, entry) & W(~dirty_bit);
  }
};
struct HoleWithRemains : Shipped {
  template <Word W>
  static constexpr W hole(Options<W> const& /*options*/, int /*level*/) {
    return W(bit(9));
  }
};
struct PresentByAnyBit : Shipped {
  template <Word W>
  static constexpr auto present(Options<W> const& /*options*/, int /*level*/, W entry) {
    return entry != W(0);
  }
};
struct LargeTable : Shipped {
  template <Word W>
  static constexpr W table(W address) {
    return Shipped::table(address) | W(large_bit);
  }
};
struct ProtectClearsDirty : Shipped {
  template <Word W>
  static constexpr W with_attributes(int level, W entry, Attributes<W> attributes) {
    return Shipped::with_attributes(level, entry & W(~dirty_bit), attributes);
  }
};
struct ProtectOnlyAdds : Shipped {
  template <Word W>
  static constexpr W with_attributes(int level, W entry, Attributes<W> attributes) {
    return entry | Shipped::with_attributes(level, entry, attributes);
  }
};
struct HighSoftwareBitsLost : Shipped {
  template <Word W>
  static constexpr Attributes<W> with_software_of(W entry, Attributes<W> attributes) {
    return Shipped::with_software_of(entry & W(mask(51, 0)), attributes);
  }
};
struct ClearingDirtyClearsAccessed : Shipped {
  template <Word W>
  static constexpr W without_dirty(W entry) {
    return entry & W(~(dirty_bit | accessed_bit));
  }
};
struct IndicesOfEightBits : Shipped {
  static constexpr int index_bits = 8;
};
struct PagesOf8K : Shipped {
  static constexpr int page_log2 = 13;
};
struct LowHalfOnly : Shipped {
  template <Word W>
  static constexpr auto canonical(W address) {
    return (address >> (address_bits - 1)) == W(0);
  }
};
struct NotSignExtended : Shipped {
  template <Word W>
  static constexpr auto canonical(W address) {
    return (address >> address_bits) == W(0);
  }
};
struct LastByteUnchecked : Shipped {
  template <Word W>
  static constexpr auto physical_range_fits(Options<W> const& options, W first, W /*last*/) {
    return Shipped::physical_range_fits(options, first, first);
  }
};
struct WrapUnseen : Shipped {
  template <Word W>
  static constexpr auto physical_range_fits(Options<W> const& options, W /*first*/, W last) {
    return Shipped::physical_range_fits(options, last, last);
  }
};
struct UserForgotten : Shipped {
  template <Word W>
  static constexpr auto must_invalidate(Options<W> const& options, int level, W before, W after) {
    return Shipped::must_invalidate(options, level, before,
                                    (after & W(~user_bit)) | (before & W(user_bit)));
  }
};
struct NoExecuteMayLinger : Shipped {
  template <Word W>
  static constexpr auto must_invalidate(Options<W> const& options, int level, W before, W after) {
    W const kept = W(execute_disable_bit);
    return Shipped::must_invalidate(options, level, before, (after & ~kept) | (before & kept));
  }
};
struct DirtyMayLinger : Shipped {
  template <Word W>
  static constexpr auto must_invalidate(Options<W> const& options, int level, W before, W after) {
    return Shipped::must_invalidate(options, level, before, after | W(dirty_bit));
  }
};
struct FlushesForMoreRights : Shipped {
  template <Word W>
  static constexpr auto must_invalidate(Options<W> const& /*options*/, int /*level*/, W before,
                                        W after) {
    return before != after;
  }
};
struct OneBitTooWide : Shipped {
  template <Word W>
  struct Options : Shipped::Options<W> {
    constexpr Options() = default;
    constexpr explicit Options(MachineOptions const& machine) : Shipped::Options<W>(machine) {
      this->physical_mask = W(mask(machine.physical_bits, 0));
    }
  };
};
struct GigabytePagesEverywhere : Shipped {
  static constexpr bool supports(auto const& /*options*/, PageSize) { return true; }
};
struct LargePagesWithPatAt7 : Shipped {};
struct NextTableOfHoles : Shipped {};

}  // namespace twinwalk::proofs::layout_bugs

namespace twinwalk::proofs {

template <>
struct TypedEntriesOf<layout_bugs::LargePagesWithPatAt7> : TypedEntriesOf<X86_64<4>> {
  template <int Level>
  struct Page : TypedEntriesOf<X86_64<4>>::Page<Level> {
    using Base = TypedEntriesOf<X86_64<4>>::Page<Level>;
    using Base::Base;
    Page(Base base) : Base(base) {}
    SymWord pat() const { return (this->bits() >> 7) & SymWord(1); }
  };
};
template <>
struct TypedEntriesOf<layout_bugs::NextTableOfHoles> : TypedEntriesOf<X86_64<4>> {
  template <int Level>
  struct Table : TypedEntriesOf<X86_64<4>>::Table<Level> {
    using Base = TypedEntriesOf<X86_64<4>>::Table<Level>;
    using Base::Base;
    Table(Base base) : Base(base) {}
    Maybe<typename Base::Table> next_table() const { return this->physical_address(); }
  };
};

}  // namespace twinwalk::proofs
