// The command that looks for the seeded bugs, end to end.
#include <string>

#include "tests/mutants/mutant.hpp"
#include "tests/tools/command.hpp"

namespace twinwalk::tests {
namespace {

using nlohmann::json;
using Mutants = CommandTest;

TEST_F(Mutants, OneIsKilledFromEverySeed) {
  Ran const ran = twinwalk({"mutants", "x86_64/tables_lack_user", "--seeds", "3", "--json"});
  EXPECT_EQ(ran.exit, 0) << ran.out << ran.err;
  EXPECT_EQ(ran.json()["killed"], 1);
  EXPECT_EQ(ran.json()["alive"], 0);
  json const mutant = ran.json()["mutants"][0];
  EXPECT_EQ(mutant["name"], "x86_64/tables_lack_user");
  EXPECT_EQ(mutant["class"], "permissions");
  EXPECT_EQ(mutant["format"], "x86_64-4");
  EXPECT_EQ(mutant["fuzz"]["found"], 3);
  EXPECT_GE(mutant["fuzz"]["worst_execs"], mutant["fuzz"]["median_execs"]);
  EXPECT_EQ(mutant["reproducer_ops"], 1);
}

// One run is too few for a race, so it lives.
TEST_F(Mutants, OneThatIsNotFoundIsAFinding) {
  Ran const ran = twinwalk({"mutants", "x86_64/takes_pieces_by_load_and_store", "--runs", "1"});
  EXPECT_EQ(ran.exit, 1) << ran.out << ran.err;
  EXPECT_NE(ran.out.find("0/8"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("0 killed, 1 alive"), std::string::npos) << ran.out;
}

TEST_F(Mutants, AllAreKilledAndListed) {
  Ran const ran = twinwalk({"mutants", "--seeds", "1", "--json"});
  EXPECT_EQ(ran.exit, 0) << ran.out;
  EXPECT_EQ(ran.json()["killed"], mutants::all_mutants().size());
  Ran const list = twinwalk({"list", "mutants", "--json"});
  EXPECT_EQ(list.json()["mutants"].size(), mutants::all_mutants().size());
}

TEST_F(Mutants, OneThatThereIsNotIsBadUsage) {
  Ran const ran = twinwalk({"mutants", "x86_64/nonesuch"});
  EXPECT_EQ(ran.exit, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_NE(ran.err.find("nonesuch"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace twinwalk::tests
