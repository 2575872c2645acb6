// What the typed entries of x86-64 are made of: pages of physical memory, a field in its five
// forms, and the fields that every entry has.
#pragma once

#include <cstdint>

#include "../api.hpp"
#include "../assert.hpp"
#include "../maybe.hpp"
#include "../word.hpp"

namespace twinwalk {

// A page of physical memory: aligned to its size, within the 52 bits an entry has for it.
template <PageSize Size>
class PhysicalPage {
 public:
  constexpr PhysicalPage() = default;  // page 0

  // The page that starts at `base`; none when it is not aligned or beyond 52 bits.
  static constexpr Maybe<PhysicalPage> from_base(PhysAddr base) {
    if ((base.value & ~field) != 0) return {};
    return PhysicalPage(base);
  }
  // The page that contains `address`, which is within 52 bits.
  static constexpr PhysicalPage containing(PhysAddr address) {
    TWINWALK_ASSERT((address.value & ~mask(51, 0)) == 0);
    return PhysicalPage(PhysAddr(address.value & field));
  }

  constexpr PhysAddr base() const { return base_; }

  friend constexpr bool operator==(PhysicalPage, PhysicalPage) = default;

 private:
  static constexpr std::uint64_t field = mask(51, size_log2(Size));

  constexpr explicit PhysicalPage(PhysAddr base) : base_(base) {}

  PhysAddr base_{};
};

namespace x86 {

template <class T>
constexpr T get_field(std::uint64_t bits, int hi, int lo) {
  return static_cast<T>((bits & mask(hi, lo)) >> lo);
}
template <class T>
constexpr std::uint64_t put_field(std::uint64_t bits, int hi, int lo, T value) {
  return (bits & ~mask(hi, lo)) | ((static_cast<std::uint64_t>(value) << lo) & mask(hi, lo));
}
template <class T>
constexpr bool fits_field(int hi, int lo, T value) {
  return (static_cast<std::uint64_t>(value) & ~mask(hi - lo, 0)) == 0;
}

}  // namespace x86
}  // namespace twinwalk

// Bits hi down to lo of `bits_` in five forms. The checked ones refuse a value that does not fit
// and change nothing; the others drop what does not fit. A macro, since five names come from one.
#define TWINWALK_FIELD(name, Type, hi, lo)                                                \
  constexpr Type name() const { return ::twinwalk::x86::get_field<Type>(bits_, hi, lo); } \
  constexpr void set_##name(Type value) {                                                 \
    bits_ = ::twinwalk::x86::put_field<Type>(bits_, hi, lo, value);                       \
  }                                                                                       \
  [[nodiscard]] constexpr bool set_##name##_checked(Type value) {                         \
    if (!::twinwalk::x86::fits_field<Type>(hi, lo, value)) return false;                  \
    set_##name(value);                                                                    \
    return true;                                                                          \
  }                                                                                       \
  [[nodiscard]] constexpr Self with_##name(Type value) const {                            \
    Self changed = *this;                                                                 \
    changed.set_##name(value);                                                            \
    return changed;                                                                       \
  }                                                                                       \
  constexpr ::twinwalk::Maybe<Self> with_##name##_checked(Type value) const {             \
    Self changed = *this;                                                                 \
    if (!changed.set_##name##_checked(value)) return {};                                  \
    return changed;                                                                       \
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
