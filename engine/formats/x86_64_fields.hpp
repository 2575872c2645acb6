// What the typed entries of x86-64 are made of: pages of physical memory, a field in its five
// forms, and the fields that every entry has. All of it is over a word: std::uint64_t for users, a
// solver's terms for the proofs.
#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>

#include "../api.hpp"
#include "../assert.hpp"
#include "../maybe.hpp"
#include "../word.hpp"

namespace twinwalk {

// A page of physical memory: aligned to its size, within the 52 bits an entry has for it.
template <PageSize Size, Word W>
class BasicPhysicalPage {
 public:
  constexpr BasicPhysicalPage() = default;  // page 0

  // The page that starts at `base`; none when it is not aligned or beyond 52 bits.
  static constexpr Maybe<BasicPhysicalPage> from_base(BasicPhysAddr<W> base) {
    if ((base.value & W(~field)) != W(0)) return {};
    return BasicPhysicalPage(base);
  }
  // The page that contains `address`, which is within 52 bits.
  static constexpr BasicPhysicalPage containing(BasicPhysAddr<W> address) {
    TWINWALK_ASSERT((address.value & W(~mask(51, 0))) == W(0));
    return BasicPhysicalPage(BasicPhysAddr<W>(address.value & W(field)));
  }

  constexpr BasicPhysAddr<W> base() const { return base_; }

  friend bool operator==(BasicPhysicalPage, BasicPhysicalPage)
    requires std::same_as<W, std::uint64_t>
  = default;

 private:
  static constexpr std::uint64_t field = mask(51, size_log2(Size));

  constexpr explicit BasicPhysicalPage(BasicPhysAddr<W> base) : base_(base) {}

  BasicPhysAddr<W> base_{};
};

template <PageSize Size>
using PhysicalPage = BasicPhysicalPage<Size, std::uint64_t>;

namespace x86 {

// What the value of a field is held in: a number of its own type, or the word that stands for any.
template <class Number, Word W>
using FieldValue = std::conditional_t<std::same_as<W, std::uint64_t>, Number, W>;

template <class T, Word W>
constexpr T get_field(W bits, int hi, int lo) {
  return static_cast<T>((bits & W(mask(hi, lo))) >> lo);
}
template <class T, Word W>
constexpr W put_field(W bits, int hi, int lo, T value) {
  return (bits & W(~mask(hi, lo))) | ((static_cast<W>(value) << lo) & W(mask(hi, lo)));
}
template <Word W, class T>
constexpr auto fits_field(int hi, int lo, T value) {
  return (static_cast<W>(value) & W(~mask(hi - lo, 0))) == W(0);
}

}  // namespace x86
}  // namespace twinwalk

// Bits hi down to lo of `bits_`, a `Bits`, in five forms. The checked ones refuse a value that does
// not fit and change nothing; the others drop what does not fit. A macro, since five names come
// from one.
#define TWINWALK_FIELD(name, Type, hi, lo)                                                        \
  constexpr ::twinwalk::x86::FieldValue<Type, Bits> name() const {                                \
    return ::twinwalk::x86::get_field<::twinwalk::x86::FieldValue<Type, Bits>>(bits_, hi, lo);    \
  }                                                                                               \
  constexpr void set_##name(::twinwalk::x86::FieldValue<Type, Bits> value) {                      \
    bits_ = ::twinwalk::x86::put_field(bits_, hi, lo, value);                                     \
  }                                                                                               \
  [[nodiscard]] constexpr bool set_##name##_checked(                                              \
      ::twinwalk::x86::FieldValue<Type, Bits> value) {                                            \
    if (!::twinwalk::x86::fits_field<Bits>(hi, lo, value)) return false;                          \
    set_##name(value);                                                                            \
    return true;                                                                                  \
  }                                                                                               \
  [[nodiscard]] constexpr Self with_##name(::twinwalk::x86::FieldValue<Type, Bits> value) const { \
    Self changed = *this;                                                                         \
    changed.set_##name(value);                                                                    \
    return changed;                                                                               \
  }                                                                                               \
  constexpr ::twinwalk::Maybe<Self> with_##name##_checked(                                        \
      ::twinwalk::x86::FieldValue<Type, Bits> value) const {                                      \
    Self changed = *this;                                                                         \
    if (!changed.set_##name##_checked(value)) return {};                                          \
    return changed;                                                                               \
  }

// The fields of every entry of every level (Intel SDM vol. 3A, tables 4-14 to 4-20), high bit
// first.
//   no_execute         no fetch through this entry; reserved while EFER.NXE is clear
//   protection_key     of a page while CR4.PKE or CR4.PKS is set; free for software otherwise
//   os_available_high  free for software
//   os_available_low   free for software
//   accessed           the processor used this entry
//   cache_disable      PCD, write_through: PWT; of the page, or of the table's own memory
//   user               user mode may access what lies below
//   writable           what lies below may be written
//   present            without it all other bits are ignored
#define TWINWALK_COMMON_FIELDS                            \
  TWINWALK_FIELD(no_execute, bool, 63, 63)                \
  TWINWALK_FIELD(protection_key, std::uint8_t, 62, 59)    \
  TWINWALK_FIELD(os_available_high, std::uint8_t, 58, 52) \
  TWINWALK_FIELD(os_available_low, std::uint8_t, 11, 9)   \
  TWINWALK_FIELD(accessed, bool, 5, 5)                    \
  TWINWALK_FIELD(cache_disable, bool, 4, 4)               \
  TWINWALK_FIELD(write_through, bool, 3, 3)               \
  TWINWALK_FIELD(user, bool, 2, 2)                        \
  TWINWALK_FIELD(writable, bool, 1, 1)                    \
  TWINWALK_FIELD(present, bool, 0, 0)

// The fields that only a page has; where PAT stands depends on the level.
//   global  the translation survives MOV CR3 while CR4.PGE is set
//   dirty   the processor wrote through this entry
#define TWINWALK_PAGE_FIELDS(pat_bit)         \
  TWINWALK_FIELD(pat, bool, pat_bit, pat_bit) \
  TWINWALK_FIELD(global, bool, 8, 8)          \
  TWINWALK_FIELD(dirty, bool, 6, 6)
