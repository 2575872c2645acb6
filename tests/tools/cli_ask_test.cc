// Commands that answer questions: about entries, walks, vectors, tables and what there is.
#include <cstdint>
#include <set>
#include <string>

#include "tests/tools/command.hpp"

namespace twinwalk::tests {
namespace {

using nlohmann::json;
using Ask = CommandTest;

json field(json const& report, std::string const& name) {
  for (json const& item : report["fields"]) {
    if (item["name"] == name) return item;
  }
  return nullptr;
}

TEST_F(Ask, DecodeNamesEveryFieldOfALeaf) {
  Ran const ran = twinwalk({"decode", "--format", "x86_64-4", "--level", "1", "0x8800000000005067",
                            "--machine", "protection-keys=1", "--json"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  json const report = ran.json();
  EXPECT_EQ(report["kind"], "leaf");
  EXPECT_EQ(report["table"], "PTE");
  EXPECT_EQ(field(report, "4-KByte page frame")["value"], "0x5");
  EXPECT_EQ(field(report, "XD")["value"], "0x1");
  EXPECT_EQ(field(report, "PKEY")["value"], "0x1");
  EXPECT_EQ(field(report, "D")["cite"], "SDM 4-20 bit 6");
  EXPECT_EQ(report["spec"]["address"], "0x5000");
  EXPECT_EQ(report["spec"]["flags"], "rw-u,key=1");
  EXPECT_EQ(report["spec"], report["engine"]);
  EXPECT_EQ(report["agree"], true);
  int bits = 0;
  for (json const& item : report["fields"]) {
    bits += item["hi"].get<int>() - item["lo"].get<int>() + 1;
  }
  EXPECT_EQ(bits, 64);
}

TEST_F(Ask, DecodeTellsHoleTableLeafAndMalformedApart) {
  auto const kind = [&](std::string const& level, std::string const& entry) {
    return twinwalk({"decode", "--format", "x86_64-4", "--level", level, entry, "--json"})
        .json()["kind"];
  };
  EXPECT_EQ(kind("1", "0xfffffffffffffffe"), "hole");
  EXPECT_EQ(kind("2", "0x3027"), "table");
  EXPECT_EQ(kind("2", "0x2000e7"), "leaf");
  EXPECT_EQ(kind("2", "0x2020e7"), "malformed");
  EXPECT_EQ(kind("4", "0x20a7"), "malformed");
}

TEST_F(Ask, DecodeMarksTheReservedBitThatIsSet) {
  Ran const ran = twinwalk({"decode", "--format", "x86_64-4", "--level", "4", "0x20a7"});
  EXPECT_NE(ran.out.find("SDM 4-15 bit 7  must be 0 on this machine"), std::string::npos)
      << ran.out;
  Ran const narrow =
      twinwalk({"decode", "--format", "x86_64-4", "--level", "1", "0x8000000000005067", "--machine",
                "physical-bits=46,no-execute=0", "--json"});
  EXPECT_EQ(narrow.json()["kind"], "malformed");
  EXPECT_EQ(field(narrow.json(), "XD")["forbidden"], true);
}

TEST_F(Ask, EncodeGivesTheWordThatDecodeReadsBack) {
  Ran const ran = twinwalk({"encode", "--format", "x86_64-4", "--size", "2M", "--flags",
                            "rw-u,device", "--pa", "0x40000000", "--json"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  json const report = ran.json();
  EXPECT_EQ(report["entry"], "0x800000004000009f");
  EXPECT_EQ(report["level"], 2);
  EXPECT_EQ(report["spec"]["flags"], "rw-u,device");
  EXPECT_EQ(report["spec"]["address"], "0x40000000");
}

TEST_F(Ask, VectorsOfTheCorpusAgree) {
  Ran const ran =
      twinwalk({"vectors", "--arch", "x86_64", source("corpus/vectors/x86_64.txt"), "--json"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_GT(ran.json()["run"], 40);
  EXPECT_EQ(ran.json()["run"], ran.json()["agree"]);
  EXPECT_EQ(ran.json()["disagree"], json::array());
}

TEST_F(Ask, AVectorThatSaysOtherwiseIsAFinding) {
  std::string const table =
      file("wrong.txt",
           "| # | case | entries, top level first | access / settings | expected "
           "|\n|---|---|---|---|---|\n"
           "| 1 | right | `0x2027` `0x3027` `0x4027` `0x5067` | r | OK 0x5abc 0x1000 0x0 |\n"
           "| 2 | wrong | `0x2027` `0x3027` `0x4027` `0x5067` | r | PF 0x1 |\n");
  Ran const ran = twinwalk({"vectors", "--arch", "x86_64", table, "--json"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.json()["run"], 2);
  EXPECT_EQ(ran.json()["agree"], 1);
  ASSERT_EQ(ran.json()["disagree"].size(), 1U);
  EXPECT_EQ(ran.json()["disagree"][0]["line"], 4);
  EXPECT_EQ(ran.json()["disagree"][0]["actual"], "OK 0x5abc 0x1000 0x0");
  EXPECT_EQ(twinwalk({"vectors", "--arch", "x86_64", table}).exit, 1);
}

TEST_F(Ask, WalkFollowsAPathOfEntriesForEveryAccess) {
  Ran const ran = twinwalk({"walk", "--format", "x86_64-4", "--va", "0x8040201abc", "--entry",
                            "0x2027", "--entry", "0x3027", "--entry", "0x4025", "--entry", "0x5067",
                            "--set", "user=1,wp=1", "--json"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  json const report = ran.json();
  ASSERT_EQ(report["path"].size(), 4U);
  EXPECT_EQ(report["path"][0]["slot"], "0x1008");
  EXPECT_EQ(report["path"][3]["kind"], "leaf");
  EXPECT_EQ(report["accesses"][0]["result"], "OK 0x5abc 0x1000 0x0");
  EXPECT_EQ(report["accesses"][1]["result"], "PF 0x7");
}

TEST_F(Ask, WalkShowsWhatASequenceLeavesBehind) {
  std::string const text = file("a.ops",
                                "format x86_64-5\nmap 0x40000000 2M rw- -> 0x80000000\n"
                                "space 1 map 0x1000 4K r-xu -> 0x7000\n");
  Ran const ran = twinwalk({"walk", text, "--va", "0x40001234", "--json"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  ASSERT_EQ(ran.json()["path"].size(), 4U);
  EXPECT_EQ(ran.json()["path"][3]["spec"]["address"], "0x80000000");
  EXPECT_EQ(ran.json()["accesses"][0],
            (json{{"access", "read"}, {"user", false}, {"result", "OK 0x80001234"}}));
  Ran const other = twinwalk({"walk", text, "--va", "0x1008", "--space", "1", "--json"});
  EXPECT_EQ(other.json()["accesses"][3]["result"], "OK 0x7008");
  EXPECT_EQ(other.json()["accesses"][4]["result"], "PF 0x7");
  EXPECT_EQ(twinwalk({"walk", text, "--va", "0", "--space", "3"}).exit, 2);
}

TEST_F(Ask, SpecPrintsEveryTableInThreeForms) {
  json const report = twinwalk({"spec", "--format", "x86_64-5", "--json"}).json();
  std::set<std::string> names;
  for (json const& table : report["tables"]) names.insert(table["name"].get<std::string>());
  EXPECT_TRUE(names.contains("PML5E"));
  EXPECT_TRUE(names.contains("CR3, CR4.PCIDE = 1"));
  EXPECT_EQ(
      twinwalk({"spec", "--format", "x86_64-4", "--level", "2", "--json"}).json()["tables"].size(),
      2U);
  EXPECT_NE(twinwalk({"spec", "--format", "x86_64-4", "--as", "markdown"})
                .out.find("| 62:59 | PKEY | key | SDM 4-20 bits 62:59 |"),
            std::string::npos);
  EXPECT_NE(twinwalk({"spec", "--format", "x86_64-4"}).out.find("SDM 4-20 bits 62:59"),
            std::string::npos);
}

TEST_F(Ask, ListPrintsTheRegistries) {
  auto const list = [&](std::string const& kind) {
    Ran const ran = twinwalk({"list", kind, "--json"});
    EXPECT_EQ(ran.exit, 0);
    EXPECT_EQ(twinwalk({"list", kind}).exit, 0);
    return ran.json()[kind];
  };
  EXPECT_EQ(list("formats")[0]["name"], "x86_64-4");
  EXPECT_GE(list("operations").size(), 19U);
  EXPECT_EQ(list("engines")[0]["name"], "twinwalk");
  EXPECT_TRUE(list("theorems").is_array());
  EXPECT_TRUE(list("mutants").is_array());
  std::set<std::string> oracles;
  for (json const& item : list("oracles")) oracles.insert(item["name"].get<std::string>());
  EXPECT_TRUE(oracles.contains("walker-agrees"));
  EXPECT_TRUE(oracles.contains("engine-survives"));
}

TEST_F(Ask, DoctorSaysWhatEachProgramIsFor) {
  Ran const ran = twinwalk({"doctor", "--json"});
  EXPECT_EQ(ran.exit, 0);
  json const answer = ran.json();
  for (json const& program : answer["programs"]) {
    EXPECT_FALSE(program["name"].get<std::string>().empty());
    EXPECT_FALSE(program["gives"].get<std::string>().empty());
    EXPECT_TRUE(program["installed"].is_boolean());
  }
  EXPECT_EQ(twinwalk({"doctor"}).exit, 0);
}

}  // namespace
}  // namespace twinwalk::tests
