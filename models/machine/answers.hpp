// What may come of one access when a processor may use old entries as well as new ones.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace twinwalk::models {

// One thing that may come of an access.
struct Answer {
  bool fault = true;
  std::uint64_t phys = 0;  // the byte that is accessed, when there is no fault
  bool stale = false;      // given by something that was replaced

  friend bool operator==(Answer const&, Answer const&) = default;
};

// All that may come of one access, without repetition.
struct Answers {
  static constexpr std::size_t kept_max = 16;
  std::array<Answer, kept_max> list{};
  std::size_t count = 0;
  std::size_t dropped = 0;  // answers beyond the bound, which may repeat each other

  void add(Answer answer) {
    for (std::size_t i = 0; i < count; ++i)
      if (list[i].fault == answer.fault && (answer.fault || list[i].phys == answer.phys)) return;
    if (count < kept_max) {
      list[count++] = answer;
    } else {
      ++dropped;
    }
  }
  bool may_fault() const {
    return any([](Answer const& a) { return a.fault; });
  }
  bool may_succeed() const {
    return any([](Answer const& a) { return !a.fault; });
  }
  std::span<Answer const> all() const { return {list.data(), count}; }

 private:
  bool any(bool (*test)(Answer const&)) const {
    for (std::size_t i = 0; i < count; ++i)
      if (test(list[i])) return true;
    return false;
  }
};

}  // namespace twinwalk::models
