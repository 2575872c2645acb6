// The spec read over a word that has nothing but the operations a solver has: no conversion to
// bool, no order, no shift by a word. It must compile, and say what the concrete reading says.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>

#include "models/specs.hpp"

namespace solver {

struct Bool {
  bool value;
  friend Bool operator!(Bool a) { return {!a.value}; }
};

struct Word {
  std::uint64_t value;
  explicit Word(std::uint64_t v) : value(v) {}

  friend Word operator&(Word a, Word b) { return Word(a.value & b.value); }
  friend Word operator|(Word a, Word b) { return Word(a.value | b.value); }
  friend Word operator^(Word a, Word b) { return Word(a.value ^ b.value); }
  friend Word operator~(Word a) { return Word(~a.value); }
  friend Word operator+(Word a, Word b) { return Word(a.value + b.value); }
  friend Word operator-(Word a, Word b) { return Word(a.value - b.value); }
  friend Word operator<<(Word a, int n) { return Word(a.value << n); }
  friend Word operator>>(Word a, int n) { return Word(a.value >> n); }
  friend Bool operator==(Word a, Word b) { return {a.value == b.value}; }
  friend Bool operator!=(Word a, Word b) { return {a.value != b.value}; }
};

Word select(Bool c, Word yes, Word no) { return c.value ? yes : no; }
Bool both(Bool a, Bool b) { return {a.value && b.value}; }

}  // namespace solver

namespace twinwalk::models {
namespace {

using Spec = X86_64Spec<5>;
using solver::Word;

struct Both {
  X86_64Settings concrete;
  BasicX86_64Settings<Word> symbolic;
};

Both random_settings(std::mt19937_64& random) {
  auto coin = [&] { return random() & 1; };
  X86_64Machine const m{mask(31 + static_cast<int>(random() % 21), 0), coin(), coin(), coin()};
  X86_64Control const c{coin(), coin(),
                        coin(), coin(),
                        coin(), random() & mask(31, 0),
                        coin(), random() & mask(31, 0),
                        coin()};
  BasicX86_64Machine<Word> const wm{Word(m.physical_mask), Word(m.no_execute),
                                    Word(m.gigabyte_pages), Word(m.amd)};
  BasicX86_64Control<Word> const wc{
      Word(c.write_protect),   Word(c.smep),      Word(c.smap),
      Word(c.alignment_check), Word(c.user_keys), Word(c.pkru),
      Word(c.supervisor_keys), Word(c.pkrs),      Word(c.global_pages)};
  return {X86_64Settings(m, c), BasicX86_64Settings<Word>(wm, wc)};
}

TEST(WordReading, SaysOverASolversWordsWhatItSaysOverNumbers) {
  std::mt19937_64 random(4);
  for (int i = 0; i < 50000; ++i) {
    Both const s = random_settings(random);
    int const level = 1 + static_cast<int>(random() % 5);
    std::uint64_t const e = random() & random();
    Word const w(e);
    ASSERT_EQ(Spec::is_hole(s.symbolic, level, w).value, Spec::is_hole(s.concrete, level, e));
    ASSERT_EQ(Spec::is_table(s.symbolic, level, w).value, Spec::is_table(s.concrete, level, e));
    ASSERT_EQ(Spec::is_leaf(s.symbolic, level, w).value, Spec::is_leaf(s.concrete, level, e));
    ASSERT_EQ(Spec::is_malformed(s.symbolic, level, w).value,
              Spec::is_malformed(s.concrete, level, e));
    ASSERT_EQ(Spec::table_address(level, w).value, Spec::table_address(level, e));
    ASSERT_EQ(Spec::global(s.symbolic, level, w).value, Spec::global(s.concrete, level, e));
    std::uint64_t const address = random();
    ASSERT_EQ(Spec::slot(Word(0x1000), level, Word(address)).value,
              Spec::slot<std::uint64_t>(0x1000, level, address));
    ASSERT_EQ(Spec::canonical(Word(address)).value, Spec::canonical(address));
    if (level > 3) continue;
    ASSERT_EQ(Spec::output(level, w, Word(address)).value, Spec::output(level, e, address));
    ASSERT_EQ(Spec::memory_type(level, w).value, Spec::memory_type(level, e));
    ASSERT_EQ(Spec::software(level, w).value, Spec::software(level, e));
  }
}

TEST(WordReading, JudgesAccessesOverASolversWords) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 50000; ++i) {
    Both const s = random_settings(random);
    std::uint64_t const e = random();
    Access const access{static_cast<AccessKind>(random() % 3), (random() & 1) != 0,
                        (random() & 3) == 0};
    Spec::Rights const rights{random() & 1, random() & 1, random() & 1};
    BasicX86_64Rights<Word> const words{Word(rights.writable), Word(rights.user),
                                        Word(rights.not_executable)};
    Denial<std::uint64_t> const number = Spec::denial(s.concrete, access, rights, 1, e);
    Denial<Word> const word = Spec::denial(s.symbolic, access, words, 1, Word(e));
    ASSERT_EQ(word.right.value, number.right);
    ASSERT_EQ(word.key.value, number.key);
  }
}

TEST(WordReading, HoldsTheLawOfFlagsOverASolversWords) {
  std::mt19937_64 random(6);
  for (int i = 0; i < 50000; ++i) {
    MachineOptions options;
    options.no_execute = (random() & 1) != 0;
    options.protection_keys = (random() & 1) != 0;
    std::uint64_t const bits = random() & random() & mask(30, 0);
    BasicMappingFlags<Word> const words{Word(bits)};
    MappingFlags const flags(bits);
    ASSERT_EQ(Spec::representable(options, words).value, Spec::representable(options, flags));
    ASSERT_EQ(Spec::normalise(options, words).bits.value, Spec::normalise(options, flags).bits);
    std::uint64_t const e = random();
    int const level = 1 + static_cast<int>(random() % 3);
    ASSERT_EQ(Spec::flags_of_leaf(options, level, Word(e)).bits.value,
              Spec::flags_of_leaf(options, level, e).bits);
  }
}

}  // namespace
}  // namespace twinwalk::models
