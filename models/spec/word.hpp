// The words that the models are written over. The same text is read on std::uint64_t by the walker
// and on a solver's terms by the proofs, so it uses nothing but & | ^ ~ + - << int, >> int, ==, !=,
// select, both, and ! on what a comparison yields.
//
// A foreign word brings its own `select` and `both` and they are found by argument-dependent
// lookup.
#pragma once

#include <cstdint>
#include <utility>

namespace twinwalk::models {

// What comparing two words yields: bool, or a solver's truth value.
template <class Word>
using Truth = decltype(std::declval<Word const&>() == std::declval<Word const&>());

// Bits hi to lo set, both inclusive, 63 >= hi >= lo >= 0.
constexpr std::uint64_t mask(int hi, int lo) {
  return (~std::uint64_t{0} >> (63 - hi)) & (~std::uint64_t{0} << lo);
}

constexpr std::uint64_t select(bool condition, std::uint64_t yes, std::uint64_t no) {
  return condition ? yes : no;
}
constexpr bool both(bool a, bool b) { return a && b; }

template <class Bool>
constexpr Bool either(Bool a, Bool b) {
  return !both(!a, !b);
}

// Bits hi to lo of a word, moved down to bit 0.
template <class Word>
constexpr Word extract(Word word, int hi, int lo) {
  return (word >> lo) & Word(mask(hi - lo, 0));
}
// Bit n as 0 or 1.
template <class Word>
constexpr Word bit(Word word, int n) {
  return extract(word, n, n);
}
// All ones for 1, zero for 0.
template <class Word>
constexpr Word spread(Word zero_or_one) {
  return Word(0) - zero_or_one;
}
// 1 for 0 and 0 for 1.
template <class Word>
constexpr Word flip(Word zero_or_one) {
  return zero_or_one ^ Word(1);
}

template <class Word>
constexpr Truth<Word> truth(Word zero_or_one) {
  return zero_or_one != Word(0);
}
template <class Word>
constexpr Word as_word(Truth<Word> condition) {
  return select(condition, Word(1), Word(0));
}
// A truth that is known before the word is, as Word's comparison would yield it.
template <class Word>
constexpr Truth<Word> always(bool value) {
  return Word(value ? 1U : 0U) == Word(1);
}

// word >> (count mod 64) for a count that is itself a word: six halvings, no variable shift.
template <class Word>
constexpr Word shift_right(Word word, Word count) {
  for (int k = 5; k >= 0; --k) {
    word = select(truth<Word>(bit(count, k)), word >> (1 << k), word);
  }
  return word;
}

}  // namespace twinwalk::models
