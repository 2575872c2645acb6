// The vocabulary the engine may use on a word. Its source runs on std::uint64_t in production and
// on a solver's terms in the proofs, so it branches on a word only in `if`, never compares with
// `<`, and never uses one as a loop bound of fixed work.
#pragma once

#include <concepts>
#include <cstdint>

namespace twinwalk {

constexpr std::uint64_t select(bool condition, std::uint64_t yes, std::uint64_t no) {
  return condition ? yes : no;
}

// One decision where `a && b` would be two.
constexpr bool both(bool a, bool b) { return a & b; }

template <class W>
concept Word = std::copyable<W> && std::default_initializable<W> &&  // for arrays; never read unset
               std::constructible_from<W, std::uint64_t> && requires(W a, W b, int n) {
                 { a& b } -> std::convertible_to<W>;
                 { a | b } -> std::convertible_to<W>;
                 { a ^ b } -> std::convertible_to<W>;
                 { ~a } -> std::convertible_to<W>;
                 { a + b } -> std::convertible_to<W>;
                 { a - b } -> std::convertible_to<W>;
                 { a << n } -> std::convertible_to<W>;
                 { a >> n } -> std::convertible_to<W>;
                 bool(a == b);
                 bool(a != b);
                 bool(!(a == b));
                 bool(both(a == b, a != b));
                 { select(a == b, a, b) } -> std::convertible_to<W>;
               };

// Bits hi down to lo, both inclusive.
constexpr std::uint64_t mask(int hi, int lo) {
  return (~std::uint64_t{0} >> (63 - hi)) & (~std::uint64_t{0} << lo);
}
constexpr std::uint64_t bit(int n) { return std::uint64_t{1} << n; }

// a < b for numbers less than 2^63 apart, as addresses of one half and counts are.
template <Word W>
constexpr auto less(W a, W b) {
  return ((a - b) >> 63) != W(0);
}
template <Word W>
constexpr W lesser(W a, W b) {
  return select(less<W>(a, b), a, b);
}
template <Word W>
constexpr W greater(W a, W b) {
  return select(less<W>(a, b), b, a);
}

// 1 where the condition holds, as a number to add up.
template <Word W, class Condition>
constexpr W as_number(Condition condition) {
  return select(condition, W(1), W(0));
}

}  // namespace twinwalk
