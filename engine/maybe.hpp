// A value or none, for where there is nothing to say about why. (std::optional is for hosted
// libraries.)
#pragma once

#include "assert.hpp"

namespace twinwalk {

// T is default-constructible.
template <class T>
class [[nodiscard]] Maybe {
 public:
  constexpr Maybe() = default;
  // Implicit on purpose: a function returns its value.
  constexpr Maybe(T value) : has_(true), value_(value) {}

  constexpr explicit operator bool() const { return has_; }

  // The value; asking for one that is not there is a programmer error.
  constexpr T const& operator*() const {
    TWINWALK_ASSERT(has_);
    return value_;
  }
  constexpr T const* operator->() const { return &**this; }

 private:
  bool has_ = false;
  T value_{};
};

}  // namespace twinwalk
