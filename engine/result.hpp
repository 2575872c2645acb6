// A value, or why there is none and where. (std::expected is C++23.)
#pragma once

#include "api.hpp"
#include "assert.hpp"

namespace twinwalk {

// A verdict on a call: nothing, or why it is refused and where.
template <class W>
struct Refusal {
  bool refused = false;
  BasicFailure<W> failure{};

  constexpr Refusal() = default;
  constexpr Refusal(PagingError error, BasicVirtAddr<W> where)
      : refused(true), failure{error, where} {}
};

// T is default-constructible and may be move-only.
template <class T, class W>
class [[nodiscard]] Result {
 public:
  // Implicit on purpose: a function returns its value or its refusal.
  constexpr Result(T&& value) : ok_(true), value_(static_cast<T&&>(value)) {}
  constexpr Result(BasicFailure<W> failure) : failure_(failure) {}

  constexpr explicit operator bool() const { return ok_; }

  // The value; asking for it after a refusal is a programmer error.
  constexpr T& operator*() {
    TWINWALK_ASSERT(ok_);
    return value_;
  }
  constexpr T* operator->() { return &**this; }

  // Why and where; asking for it after a success is a programmer error.
  constexpr BasicFailure<W> failure() const {
    TWINWALK_ASSERT(!ok_);
    return failure_;
  }
  constexpr PagingError error() const { return failure().error; }

 private:
  bool ok_ = false;
  T value_{};
  BasicFailure<W> failure_{};
};

}  // namespace twinwalk
