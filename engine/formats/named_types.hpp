// Memory types by number, where neutral flags name three of them and TYPED gives any.
#pragma once

#include <cstdint>

#include "../api.hpp"
#include "../word.hpp"

namespace twinwalk {

template <std::uint64_t Ordinary, std::uint64_t Uncached, std::uint64_t Device>
struct NamedTypes {
  // 0 or 1: whether flags name a type twice, or give a number without TYPED.
  template <Word W>
  static constexpr W wrong(W flags) {
    W const typed = (flags >> 7) & W(1);
    W const named = ((flags >> 4) | (flags >> 5)) & W(1);
    W const any = (flags >> 8) | (flags >> 9) | (flags >> 10) | (flags >> 11);
    return (typed & named) | (any & (typed ^ W(1)) & W(1));
  }
  // The number of the type that flags ask for; DEVICE absorbs UNCACHED.
  template <Word W>
  static constexpr W of(W flags) {
    W const typed = W(0) - ((flags >> 7) & W(1));
    W const is_device = W(0) - ((flags >> 4) & W(1));
    W const is_uncached = W(0) - ((flags >> 5) & W(1));
    W const named = (is_device & W(Device)) |
                    (~is_device & ((is_uncached & W(Uncached)) | (~is_uncached & W(Ordinary))));
    return (typed & (flags >> 8) & W(mask(3, 0))) | (~typed & named);
  }
  // The same number as flags.
  template <Word W>
  static constexpr W flags(W type) {
    W const own = W(bit(7)) | (type << 8);
    return select(
        type == W(Ordinary), W(0),
        select(type == W(Uncached), W(bit(5)), select(type == W(Device), W(bit(4)), own)));
  }
};

}  // namespace twinwalk
