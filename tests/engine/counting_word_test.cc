// The engine over a word that has only what a solver's term has, and counts every decision: the
// proofs can only run a source that compiles for such a word, and only if no flag is worth a
// branch.
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "engine/formats/x86_64.hpp"
#include "engine/page_table.hpp"

namespace twinwalk::test {
namespace {

// What came of every decision since it was last cleared.
std::vector<bool> decisions;

class CountingBool {
 public:
  explicit CountingBool(bool value) : value_(value) {}
  // The only way to a branch.
  explicit operator bool() const {
    decisions.push_back(value_);
    return value_;
  }
  friend CountingBool operator!(CountingBool a) { return CountingBool(!a.value_); }
  friend CountingBool both(CountingBool a, CountingBool b) {
    return CountingBool(a.value_ && b.value_);
  }
  // For the handler alone, which is not the engine's source.
  bool silently() const { return value_; }

 private:
  bool value_;
};

class CountingWord {
 public:
  // For arrays alone: a word that nobody gave a value.
  constexpr CountingWord() = default;
  constexpr explicit CountingWord(std::uint64_t value) : value_(value) {}

  friend CountingWord operator&(CountingWord a, CountingWord b) {
    return with(a.value_ & b.value_);
  }
  friend CountingWord operator|(CountingWord a, CountingWord b) {
    return with(a.value_ | b.value_);
  }
  friend CountingWord operator^(CountingWord a, CountingWord b) {
    return with(a.value_ ^ b.value_);
  }
  friend CountingWord operator~(CountingWord a) { return with(~a.value_); }
  friend CountingWord operator+(CountingWord a, CountingWord b) {
    return with(a.value_ + b.value_);
  }
  friend CountingWord operator-(CountingWord a, CountingWord b) {
    return with(a.value_ - b.value_);
  }
  friend CountingWord operator<<(CountingWord a, int n) { return with(a.value_ << n); }
  friend CountingWord operator>>(CountingWord a, int n) { return with(a.value_ >> n); }
  friend CountingBool operator==(CountingWord a, CountingWord b) {
    return CountingBool(a.value_ == b.value_);
  }
  friend CountingBool operator!=(CountingWord a, CountingWord b) {
    return CountingBool(a.value_ != b.value_);
  }
  friend CountingWord select(CountingBool condition, CountingWord yes, CountingWord no) {
    return condition.silently() ? yes : no;
  }

  // For the handler and the test alone.
  std::uint64_t value() const { return value_; }

 private:
  static CountingWord with(std::uint64_t value) { return CountingWord(value); }

  std::uint64_t value_ = 0xbad0bad0bad0bad0;
};

using W = CountingWord;
static_assert(Word<W>);

// A handler whose whole-table primitives decide nothing, as a solver's closed forms do not.
class CountingMemory {
 public:
  using Word = W;

  int accesses = 0;

  W load(W slot) { return W(at(slot)); }
  void store(W slot, W entry) { at(slot) = entry.value(); }
  W exchange(W slot, W entry) { return W(std::exchange(at(slot), entry.value())); }
  W compare_exchange(W slot, W expected, W desired) {
    std::uint64_t& entry = at(slot);
    W const before(entry);
    if (entry == expected.value()) entry = desired.value();
    return before;
  }

  CountingBool alloc_frames(int, W& out) {
    ++accesses;
    next_frame_ += 0x1000;
    out = W(next_frame_);
    return CountingBool(true);
  }
  void dealloc_frames(W, int) { ++accesses; }
  W live_count(W table) { return W(live_[table.value()]); }
  void set_live_count(W table, W count) { live_[table.value()] = count.value(); }
  W link(W table) { return W(link_[table.value()]); }
  void set_link(W table, W next) { link_[table.value()] = next.value(); }

  void fill(W slot, W count, W first, W stride) {
    ++accesses;
    for (std::uint64_t k = 0; k < count.value(); ++k) {
      memory_[slot.value() + 8 * k] = first.value() + k * stride.value();
    }
  }
  template <class Live>
  W find_live(W slot, W count, Live live) {
    ++accesses;
    std::uint64_t k = 0;
    while (k < count.value() && !live(W(memory_[slot.value() + 8 * k])).silently()) ++k;
    return W(k);
  }
  template <class Live>
  W count_live(W slot, W count, Live live) {
    ++accesses;
    std::uint64_t found = 0;
    for (std::uint64_t k = 0; k < count.value(); ++k) {
      found += live(W(memory_[slot.value() + 8 * k])).silently() ? 1 : 0;
    }
    return W(found);
  }
  template <class Live>
  BasicRunChange<W> clear(W slot, W count, W hole, Live live) {
    ++accesses;
    RunChange change;
    for (std::uint64_t k = 0; k < count.value(); ++k) {
      std::uint64_t& entry = memory_[slot.value() + 8 * k];
      if (!live(W(entry)).silently()) continue;
      change.add(entry, hole.value());
      entry = hole.value();
    }
    return in_words(change);
  }
  template <class Step>
  BasicRunChange<W> rewrite(W slot, W count, Step step) {
    ++accesses;
    RunChange change;
    for (std::uint64_t k = 0; k < count.value(); ++k) {
      std::uint64_t& entry = memory_[slot.value() + 8 * k];
      std::uint64_t const after = step(W(entry)).value();
      if (after != entry) change.add(entry, after);
      entry = after;
    }
    return in_words(change);
  }
  void invalidate(BasicFlushScope<W> const&) { ++accesses; }

 private:
  static BasicRunChange<W> in_words(RunChange const& change) {
    return {W(change.count), W(change.before), W(change.lost), W(change.gained)};
  }
  std::uint64_t& at(W slot) {
    ++accesses;
    return memory_[slot.value()];
  }

  std::map<std::uint64_t, std::uint64_t> memory_, live_, link_;
  std::uint64_t next_frame_ = 0;
};

template <class F>
class CountingWordTest : public ::testing::Test {
 protected:
  using Table = PageTable<F, CountingMemory>;
  using Flags = BasicMappingFlags<W>;

  static BasicVirtAddr<W> va(std::uint64_t value) { return BasicVirtAddr<W>(W(value)); }
  static BasicPhysAddr<W> pa(std::uint64_t value) { return BasicPhysAddr<W>(W(value)); }
  static W length(std::uint64_t value) { return W(value); }
  static Flags flags(MappingFlags concrete) { return Flags(W(concrete.bits)); }

  // The decisions of one call on a table of its own, prepared by `prepare`.
  template <class Prepare, class Call>
  std::vector<bool> decisions_of(Prepare prepare, Call call) {
    CountingMemory memory;
    typename Table::Options const options(machine());
    Table table = *Table::create(memory, options);
    Table other = *Table::create(memory, options);
    prepare(table, other);
    decisions.clear();
    memory.accesses = 0;
    settle(call(table, other));
    std::vector<bool> const made = decisions;
    accesses_ = memory.accesses;
    other.destroy().carry_out();
    table.destroy().carry_out();
    return made;
  }

  // How often the last call touched memory, a whole table counting as one.
  int accesses() const { return accesses_; }

  template <class R>
  static void settle(R result) {
    ASSERT_TRUE(bool(result));
    if constexpr (requires { result->plan; }) {
      result->plan.carry_out();
    } else if constexpr (requires { result->carry_out(); }) {
      result->carry_out();
    }
  }

  static MachineOptions machine() {
    MachineOptions all;
    all.protection_keys = true;
    return all;
  }

  // Sets of flags that differ in every bit that a leaf can hold.
  static std::vector<MappingFlags> every_kind_of_flags() {
    MappingFlags const read = Flag::READ;
    return {read,
            read | Flag::WRITE,
            read | Flag::EXECUTE,
            read | Flag::USER,
            read | Flag::DEVICE,
            read | Flag::UNCACHED,
            read | Flag::GLOBAL,
            MappingFlags(read).with_memory_type(1),
            MappingFlags(read).with_memory_type(7),
            MappingFlags(read).with_key(15),
            MappingFlags(read).with_software(0x3ff)};
  }

  // The bounds here and below are what was counted with five levels: one more `if` and they ring.
  // Asserts that the decisions of a call are the same whatever flags it is given, and few. GLOBAL
  // may turn one of them, as the plan says in so many words whether a global mapping is concerned.
  template <class Prepare, class Call>
  void expect_same_for_all_flags(std::size_t at_most, Prepare prepare, Call call) {
    std::vector<bool> first;
    for (MappingFlags const given : every_kind_of_flags()) {
      auto const made = decisions_of(
          prepare, [&](Table& table, Table& other) { return call(table, other, flags(given)); });
      if (first.empty()) first = made;
      if (given.has(Flag::GLOBAL)) {
        EXPECT_LE(differences(made, first), 1);
      } else {
        EXPECT_EQ(made, first) << "a decision depends on flags " << std::hex << given.bits;
      }
      EXPECT_LE(made.size(), at_most);
    }
  }

 private:
  static int differences(std::vector<bool> const& a, std::vector<bool> const& b) {
    EXPECT_EQ(a.size(), b.size());
    int found = 0;
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) found += a[i] != b[i] ? 1 : 0;
    return found;
  }

  int accesses_ = 0;
};

using EveryFormat = ::testing::Types<X86_64<4>, X86_64<5>>;
TYPED_TEST_SUITE(CountingWordTest, EveryFormat);

constexpr auto nothing = [](auto&, auto&) {};

TYPED_TEST(CountingWordTest, NoOperationOnALeafDecidesByTheFlagsItIsGiven) {
  using T = TestFixture;
  auto const one_leaf = [](auto& table, auto&) {
    T::settle(table.map(T::va(0x40000000), T::pa(0x80000000), PageSize::Size2M,
                        T::flags(MappingFlags(Flag::READ).with_memory_type(4))));
  };
  for (PageSize const size : {PageSize::Size4K, PageSize::Size2M, PageSize::Size1G}) {
    this->expect_same_for_all_flags(27, nothing, [&](auto& table, auto&, auto flags) {
      return table.map(T::va(0xffff800000000000), T::pa(0), size, flags);
    });
  }
  this->expect_same_for_all_flags(16, one_leaf, [](auto& table, auto&, auto flags) {
    return table.remap(T::va(0x40012345), T::pa(0), flags);
  });
}

TYPED_TEST(CountingWordTest, ProtectDecidesByWhatChangesAndNotByWhichFlagItIs) {
  using T = TestFixture;
  // From a leaf that differs from all of them in a bit that demands a flush.
  this->expect_same_for_all_flags(
      16,
      [](auto& table, auto&) {
        T::settle(table.map(T::va(0), T::pa(0), PageSize::Size4K,
                            T::flags((Flag::READ | Flag::GLOBAL).with_key(6))));
      },
      [](auto& table, auto&, auto flags) { return table.protect(T::va(0), flags); });
}

TYPED_TEST(CountingWordTest, NoRegionOperationDecidesByTheFlagsItIsGiven) {
  using T = TestFixture;
  std::uint64_t const first = 0x40000000 - 0x201000;
  std::uint64_t const whole = 0x201000 + 0x40000000 + 0x201000;
  this->expect_same_for_all_flags(69, nothing, [&](auto& table, auto&, auto flags) {
    return table.map_region(T::va(first), T::pa(first), T::length(whole), flags);
  });
  this->expect_same_for_all_flags(
      109,
      [&](auto& table, auto&) {
        T::settle(table.map_region(T::va(first), T::pa(first), T::length(whole),
                                   T::flags((Flag::READ | Flag::GLOBAL).with_key(6))));
      },
      [&](auto& table, auto&, auto flags) {
        return table.protect_region(T::va(0x40001000), T::length(0x800000), flags);
      });
}

TYPED_TEST(CountingWordTest, EveryOtherOperationDecidesSeldom) {
  using T = TestFixture;
  auto const one_leaf = [](auto& table, auto&) {
    T::settle(table.map(T::va(0x5000), T::pa(0x80000000), PageSize::Size4K,
                        T::flags(Flag::READ | Flag::WRITE)));
  };
  auto const check = [&](std::size_t at_most, auto call) {
    std::size_t const made = this->decisions_of(one_leaf, call).size();
    EXPECT_LE(made, at_most);
    EXPECT_GE(made, 3u);
  };
  check(22, [](auto& table, auto&) { return table.unmap(T::va(0x5fff)); });
  check(8, [](auto& table, auto&) { return table.query(T::va(0x5fff)); });
  check(11, [](auto& table, auto&) { return table.clear_accessed(T::va(0x5000)); });
  check(11, [](auto& table, auto&) { return table.clear_dirty(T::va(0x5000)); });
  check(13, [](auto& table, auto&) { return table.set_accessed(T::va(0x5000)); });
  check(13, [](auto& table, auto&) { return table.set_dirty(T::va(0x5000)); });
  check(10, [](auto& table, auto&) {
    return table.walk(T::va(0x5000), T::length(0x1000), [](auto const&) { return true; });
  });
  check(13, [](auto& table, auto& other) {
    return other.share_root_entries(
        table, T::va(0), T::length(std::uint64_t{1} << (T::Table::G::shift(T::Table::G::levels))));
  });
  check(30, [](auto& table, auto&) { return table.unmap_region(T::va(0), T::length(0x200000)); });
}

TYPED_TEST(CountingWordTest, AWholeTableIsOneAccessAndNotFiveHundred) {
  using T = TestFixture;
  auto const full_table = [](auto& table, auto&) {
    T::settle(table.map_region(T::va(0), T::pa(0), T::length(0x200000), T::flags(Flag::READ),
                               PageSize::Size4K));
  };
  (void)this->decisions_of(nothing, [&](auto& table, auto&) {
    return table.map_region(T::va(0), T::pa(0), T::length(0x200000), T::flags(Flag::READ),
                            PageSize::Size4K);
  });
  EXPECT_LE(this->accesses(), 15);
  (void)this->decisions_of(full_table, [](auto& table, auto&) {
    return table.protect_region(T::va(0), T::length(0x200000), T::flags(Flag::READ | Flag::WRITE));
  });
  EXPECT_LE(this->accesses(), 11);
  (void)this->decisions_of(full_table, [](auto& table, auto&) {
    return table.unmap_region(T::va(0), T::length(0x1ff000));
  });
  EXPECT_LE(this->accesses(), 10);
  (void)this->decisions_of(full_table, [](auto& table, auto&) {
    return table.unmap_region(T::va(0), T::length(0x200000));
  });
  EXPECT_LE(this->accesses(), 17);
}

TYPED_TEST(CountingWordTest, ThePlanOfTwoCallsIsGatheredWithoutAnOrderOnWords) {
  using T = TestFixture;
  (void)this->decisions_of(nothing, [](auto& table, auto& other) {
    T::settle(table.map(T::va(0), T::pa(0), PageSize::Size4K, T::flags(Flag::READ)));
    T::settle(other.map(T::va(0), T::pa(0), PageSize::Size4K, T::flags(Flag::READ)));
    auto removed = table.unmap(T::va(0));
    auto removed_too = other.unmap(T::va(0));
    removed->plan += std::move(removed_too->plan);
    EXPECT_TRUE(removed->plan.scope().every_space);
    return removed;
  });
}

}  // namespace
}  // namespace twinwalk::test
