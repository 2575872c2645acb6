// Hardware in the midst of a call: the executor tells the flat map of it where it struck.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "fuzz/random.hpp"
#include "tests/fuzz/shipped.hpp"

namespace twinwalk::fuzz {
namespace {

struct Scenario {
  char const* name;
  char const* before;
  char const* call;
  char const* touched;  // where hardware strikes
};

constexpr std::array scenarios{
    Scenario{"map_beside", "map 0x2000 4K rw- -> 0x2000\n", "map 0x1000 4K rw- -> 0x1000\n",
             "0x2000"},
    Scenario{"map_region", "map 0x0 4K rw- -> 0x0\n",
             "map_region 0x1ff000 0x202000 rw- -> 0x1ff000\n", "0x200000"},
    Scenario{"unmap", "map 0x1000 4K rw- -> 0x1000\n", "unmap 0x1000\n", "0x1000"},
    Scenario{"unmap_beside", "map_region 0x1000 0x2000 rw- -> 0x1000\n", "unmap 0x1000\n",
             "0x2000"},
    Scenario{"unmap_pending", "map 0x1000 4K rw- -> 0x1000\n", "defer unmap 0x1000\n", "0x1000"},
    Scenario{"protect", "map 0x1000 4K rw- -> 0x1000\n", "protect 0x1000 r--\n", "0x1000"},
    Scenario{"grow", "map 0x1000 4K r-- -> 0x1000\n", "protect 0x1000 rw-\n", "0x1000"},
    Scenario{"remap", "map 0x1000 4K rw- -> 0x1000\n", "remap 0x1000 rw- -> 0x3000\n", "0x1000"},
    Scenario{"query", "map 0x1000 4K rw- -> 0x1000\n", "query 0x1000\n", "0x1000"},
    Scenario{"walk", "map_region 0x1000 0x3000 rw- -> 0x1000\n", "walk 0x0 0x200000\n", "0x2000"},
    Scenario{"clear_accessed", "map 0x1000 4K rw- -> 0x1000\nset_accessed 0x1000\n",
             "clear_accessed 0x1000\n", "0x1000"},
    Scenario{"clear_dirty", "map 0x1000 4K rw- -> 0x1000\nset_dirty 0x1000\n",
             "clear_dirty 0x1000\n", "0x1000"},
    Scenario{"set_accessed", "map 0x1000 4K rw- -> 0x1000\n", "set_accessed 0x1000\n", "0x1000"},
    Scenario{"set_dirty", "map 0x1000 4K rw- -> 0x1000\n", "set_dirty 0x1000\n", "0x1000"},
    Scenario{"protect_region", "map_region 0x1000 0x3000 rw- -> 0x1000\n",
             "protect_region 0x1000 0x2000 r--\n", "0x2000"},
    Scenario{"protect_cuts", "map 0x200000 2M rw- -> 0x200000\n",
             "protect_region 0x200000 0x1000 r--\n", "0x200000"},
    Scenario{"protect_cuts_beside", "map 0x200000 2M rw- -> 0x200000\n",
             "protect_region 0x200000 0x1000 r--\n", "0x3ff000"},
    Scenario{"protect_cuts_twice", "map 0x40000000 1G rw- -> 0x40000000\n",
             "protect_region 0x40001000 0x200000 r--\n", "0x40001000"},
    Scenario{"unmap_region", "map_region 0x1000 0x3000 rw- -> 0x1000\n",
             "unmap_region 0x1000 0x2000\n", "0x3000"},
    Scenario{"unmap_cuts", "map 0x200000 2M rw- -> 0x200000\n", "unmap_region 0x200000 0x1000\n",
             "0x201000"},
    Scenario{"visit", "map_region 0x1000 0x3000 rw- -> 0x1000\n",
             "unmap_region 0x1000 0x3000 visit\n", "0x2000"},
    Scenario{"split_and_visit", "map 0x200000 2M rw- -> 0x200000\n",
             "unmap_region 0x200000 0x2000 visit\n", "0x201000"},
    Scenario{"split_and_visit_beside", "map 0x200000 2M rw- -> 0x200000\n",
             "unmap_region 0x200000 0x2000 visit\n", "0x202000"},
    Scenario{"visit_the_last", "map 0x200000 2M rw- -> 0x200000\nmap 0x1000 4K rw- -> 0x0\n",
             "unmap_region 0x0 0x400000 visit\n", "0x200000"},
};

void PrintTo(Scenario const& scenario, std::ostream* out) { *out << scenario.name; }

class HardwareDuring : public testing::TestWithParam<Scenario> {
 protected:
  // Of 2M leaves split into 512, what happens at the end counts too.
  static std::vector<int> moments() {
    std::vector<int> out;
    for (int n = 0; n <= 24; ++n) out.push_back(n);
    for (int n :
         {40, 80, 160, 320, 500, 510, 511, 512, 513, 514, 515, 516, 517, 518, 519, 520, 600})
      out.push_back(n);
    return out;
  }
};

TEST_P(HardwareDuring, IsToldToTheFlatMapWhereItHappened) {
  Scenario const& s = GetParam();
  std::uint64_t const before = shipped().for_sequence(parsed(""))->statistics().hardware_hits;
  for (char const* update : {"accessed", "dirty"}) {
    for (char const* moment : {"before-store", "before-load"}) {
      for (int const n : moments()) {
        std::string const armed = std::string("cpu 1 hardware ") + update + " " + s.touched + " " +
                                  moment + " " + std::to_string(n) + "\n";
        ASSERT_EQ(wrong_with(s.before + armed + s.call + "query " + s.touched + "\n"), "");
      }
    }
  }
  std::uint64_t const after = shipped().for_sequence(parsed(""))->statistics().hardware_hits;
  EXPECT_GT(after, before) << "hardware never came between";
}

TEST_P(HardwareDuring, MayStrikeTwice) {
  Scenario const& s = GetParam();
  for (int first = 0; first < 6; ++first) {
    for (int second = 0; second < 6; ++second) {
      auto const armed = [&](char const* update, int n) {
        return std::string("hardware ") + update + " " + s.touched + " before-store " +
               std::to_string(n) + "\n";
      };
      ASSERT_EQ(wrong_with(s.before + armed("accessed", first) + armed("dirty", second) + s.call +
                           "query " + s.touched + "\n"),
                "");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Each, HardwareDuring, testing::ValuesIn(scenarios),
                         [](auto const& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace twinwalk::fuzz
