#include "fuzz/text.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/fuzz/arbitrary.hpp"

namespace twinwalk::fuzz {
namespace {

// A text whose only line of interest is the third.
std::string with_header(std::string const& line) {
  return "format x86_64-4\nmachine frames=9\n" + line + "\n";
}

Op parsed_op(std::string const& line) {
  Sequence sequence;
  auto const error = parse(with_header(line), known_formats(), sequence);
  EXPECT_FALSE(error) << line << ": " << (error ? error->message : "");
  EXPECT_EQ(sequence.ops.size(), 1u) << line;
  return sequence.ops.empty() ? Op{} : sequence.ops[0];
}

ParseError error_of(std::string const& text) {
  Sequence sequence;
  auto const error = parse(text, known_formats(), sequence);
  EXPECT_TRUE(error) << text;
  return error.value_or(ParseError{});
}

TEST(Text, ParseUndoesPrint) {
  FormatList const formats = known_formats();
  Random random(1);
  for (int run = 0; run < 2000; ++run) {
    Sequence const sequence = arbitrary_sequence(random, formats.size());
    std::string const text = print(sequence, formats);
    Sequence back;
    auto const error = parse(text, formats, back);
    ASSERT_FALSE(error) << error->line << ':' << error->column << ": " << error->message << '\n'
                        << text;
    ASSERT_EQ(back, sequence) << text;
    ASSERT_EQ(print(back, formats), text);
  }
}

TEST(Text, ReadsWhatPeopleWrite) {
  Op op = parsed_op("map\t0x40000000  2M  rw-  -> 2147483648   # why not");
  EXPECT_EQ(print(op), "map     0x40000000 2M rw- -> 0x80000000");
  op = parsed_op("map 0x7fff00000000 4K rwxu,global,type=1,key=3,soft=0x5 -> 0x1000");
  EXPECT_EQ(op.flags, (Flag::READ | Flag::WRITE | Flag::EXECUTE | Flag::USER | Flag::GLOBAL)
                          .with_memory_type(1)
                          .with_key(3)
                          .with_software(5));
  op = parsed_op("cpu 1 access 0x40000000 write user expect fault");
  EXPECT_EQ(op.cpu, 1);
  EXPECT_EQ(op.access, AccessKind::write);
  EXPECT_TRUE(op.user);
  EXPECT_EQ(op.expect, Expectation::fault);
  op = parsed_op("defer space 1 unmap 4096 expect NotMapped");
  EXPECT_EQ(print(op), "space 1 defer unmap 0x1000 expect NotMapped");
  op = parsed_op("map_region 0x200000 0x400000 rw- -> 0x10200000  max 2M");
  EXPECT_EQ(op.size, PageSize::Size2M);
  op = parsed_op("map_region 0x200000 0x400000 rw- -> 0x10200000");
  EXPECT_EQ(op.size, PageSize::Size256T);
  op = parsed_op("hardware dirty 0x40000000 before-store 1");
  EXPECT_EQ(op.access, AccessKind::write);
  EXPECT_EQ(op.count, 1u);
  op = parsed_op("garbage 0x40000000 level 2 0xdeadbeefdeadbee0");
  EXPECT_EQ(op.level, 2);
  EXPECT_EQ(op.word, 0xdeadbeefdeadbee0);
  op = parsed_op("space 1 share 0xffff800000000000 0x8000000000");
  EXPECT_EQ(op.owner, 0);
  op = parsed_op("fail alloc 2");
  EXPECT_EQ(op.count, 2u);
  EXPECT_EQ(print(parsed_op("unmap_region 0x0 0x1000 visit")), "unmap_region 0x0 0x1000 visit");
  EXPECT_EQ(print(parsed_op("walk 0x0 0x1000 stop 3")), "walk    0x0 0x1000 stop 3");
  EXPECT_EQ(print(parsed_op("flush")), "flush");
  EXPECT_EQ(print(parsed_op("flush 1")), "flush   1");
}

TEST(Text, FlagsHaveOneNameForEachBit) {
  EXPECT_EQ(parse_flags("r--,bits=0x2000e000"), std::nullopt) << "soft has a name";
  EXPECT_EQ(parse_flags("r--,bits=0x1"), std::nullopt);
  EXPECT_EQ(parse_flags("r--,type=1,bits=0x200"), std::nullopt);
  EXPECT_EQ(parse_flags("r--,bits=0xe000"), MappingFlags(0xe001));
  EXPECT_EQ(parse_flags("r--,bits=0x200"), MappingFlags(0x201)) << "a type that is not explicit";
  EXPECT_EQ(parse_flags("r--,device,device"), std::nullopt);
  EXPECT_EQ(parse_flags("r--,"), std::nullopt);
  EXPECT_EQ(parse_flags("rwxuu"), std::nullopt);
  EXPECT_EQ(parse_flags("wr-"), std::nullopt);
  EXPECT_EQ(parse_flags("---,ignore-pat"), MappingFlags(Flag::IGNORE_PAT));
}

TEST(Text, LineEndsCommentsAndBlankLinesDoNotMatter) {
  Sequence plain;
  Sequence other;
  ASSERT_FALSE(parse("format x86_64-5\nunmap 0x1000\nflush\n", known_formats(), plain));
  ASSERT_FALSE(parse("# one\r\n\r\nformat x86_64-5 # two\r\n\t unmap  0x1000\r\n  \r\nflush",
                     known_formats(), other));
  EXPECT_EQ(plain, other);
}

TEST(Text, WhatTheMachineLineLeavesOutIsAsUsual) {
  Sequence sequence;
  ASSERT_FALSE(parse("format x86_64-4\nmachine physical-bits=36\nmachine no-execute=0\n",
                     known_formats(), sequence));
  Sequence expected;
  expected.machine.physical_bits = 36;
  expected.machine.no_execute = false;
  EXPECT_EQ(sequence, expected);
}

TEST(Text, ACommentOfTheWriterReadsBack) {
  Sequence sequence;
  std::string const text =
      print(sequence, known_formats(), "one\n\ntwo\x01" + std::string(5000, 'x'));
  EXPECT_TRUE(text.starts_with("# one\n#\n# two x"));
  EXPECT_FALSE(parse(text, known_formats(), sequence));
}

TEST(Text, AnErrorLeavesTheSequenceAlone) {
  Random random(2);
  Sequence const before = arbitrary_sequence(random, 1);
  Sequence sequence = before;
  EXPECT_TRUE(parse("format x86_64-5\nmap 0x0\n", known_formats(), sequence));
  EXPECT_EQ(sequence, before);
}

// ---- Each class of malformed text, with its place --------------------------------------------

struct Malformed {
  char const* line;
  std::size_t column;
  char const* message;
};

class MalformedLine : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedLine, IsRefusedWithItsPlace) {
  auto const [line, column, message] = GetParam();
  EXPECT_EQ(error_of(with_header(line)), (ParseError{3, column, message}));
}

INSTANTIATE_TEST_SUITE_P(
    Text, MalformedLine,
    testing::Values(
        Malformed{"mpa 0x1000", 1, "expected the name of an operation, found `mpa`"},
        Malformed{"defer", 6, "expected the name of an operation, found the end of the line"},
        Malformed{"unmap", 6, "expected an address, found the end of the line"},
        Malformed{"unmap zero", 7, "expected an address, found `zero`"},
        Malformed{"unmap 0x", 7, "expected an address, found `0x`"},
        Malformed{"unmap -1", 7, "expected an address, found `-1`"},
        Malformed{"unmap 0x12g4", 7, "expected an address, found `0x12g4`"},
        Malformed{"unmap 0x10000000000000000", 7,
                  "an address exceeds 64 bits: `0x10000000000000000`"},
        Malformed{"unmap 18446744073709551616", 7,
                  "an address exceeds 64 bits: `18446744073709551616`"},
        Malformed{"unmap 0x1000 0x2000", 14, "unexpected `0x2000`"},
        Malformed{"unmap 0x1000 \xc3\xa9", 14, "unexpected `??`"},
        Malformed{"map 0x0 3M r-- -> 0x0", 9,
                  "expected a page size (4K, 2M, 1G, 512G, 256T), found `3M`"},
        Malformed{"map 0x0 4K rwz -> 0x0", 12,
                  "expected flags such as rw- or r-xu,global,type=1,key=3,soft=0x5, found `rwz`"},
        Malformed{"map 0x0 4K r--,type=16 -> 0x0", 12,
                  "expected flags such as rw- or r-xu,global,type=1,key=3,soft=0x5, found "
                  "`r--,type=16`"},
        Malformed{"map 0x0 4K r-- 0x0", 16, "expected `->`, found `0x0`"},
        Malformed{"map 0x0 4K r-- ->", 18,
                  "expected a physical address, found the end of the line"},
        Malformed{"map 0x0 4K r-- -> 0x0 max 4K", 23, "unexpected `max`"},
        Malformed{"access 0x0 look", 12, "expected an access (read, write, fetch), found `look`"},
        Malformed{"access 0x0 read expect NotMapped", 24, "`access` cannot be expected to end so"},
        Malformed{"unmap 0x0 expect fault", 18, "`unmap` cannot be expected to end so"},
        Malformed{"flush expect ok", 7, "expected a count, found `expect`"},
        Malformed{"defer query 0x0", 7, "`query` takes no `defer`"},
        Malformed{"cpu 1 unmap 0x0", 7, "`unmap` takes no `cpu`"},
        Malformed{"space 4 unmap 0x0", 7, "a space is at most 3, found `4`"},
        Malformed{"space 1 space 1 unmap 0x0", 9, "`space` is given twice"},
        Malformed{"space 1 share 0x0 0x1000 from 1", 31, "a space cannot borrow from itself"},
        Malformed{"garbage 0x0 0x1", 13, "expected `level`, found `0x1`"},
        Malformed{"garbage 0x0 level 9 0x1", 19, "a level is at most 8, found `9`"},
        Malformed{"garbage 0x0 level 0 0x1", 19, "levels are counted from 1, where 4K leaves are"},
        Malformed{"fail 2", 6, "expected `alloc`, found `2`"},
        Malformed{"fail alloc 4294967296", 12, "a count is at most 4294967295, found `4294967296`"},
        Malformed{"hardware dirty 0x0 after-store 1", 20,
                  "expected a moment (before-store, before-load), found `after-store`"},
        Malformed{"format x86_64-4", 1, "`format` is given twice"},
        Malformed{"machine frames=3", 9, "`frames` is given twice"},
        Malformed{"machine placement", 9,
                  "expected a setting of the machine such as physical-bits=46, found `placement`"},
        Malformed{"machine physical-bits=53", 23, "physical-bits is 32 to 52, found `53`"},
        Malformed{"machine hardware-updates=all", 26,
                  "hardware-updates is none, accessed, accessed-and-dirty, found `all`"}));

TEST(Text, TheHeaderComesFirst) {
  EXPECT_EQ(error_of(""), (ParseError{1, 1, "there is no `format` line"}));
  EXPECT_EQ(error_of("# nothing\n"), (ParseError{2, 1, "there is no `format` line"}));
  EXPECT_EQ(error_of("unmap 0x0\n"), (ParseError{1, 1, "expected `format NAME` first"}));
  EXPECT_EQ(error_of("machine frames=1\n"), (ParseError{1, 1, "expected `format NAME` first"}));
  EXPECT_EQ(error_of("format vax\n"), (ParseError{1, 8, "expected a known format, found `vax`"}));
  EXPECT_EQ(error_of("format x86_64-4\nflush\n\nmachine frames=2\n"),
            (ParseError{4, 1, "`machine` must come before the operations"}));
}

TEST(Text, ControlCharactersAndHugeLinesAreErrorsEvenInComments) {
  std::string const nul("format x86_64-4\nflush # \0\n", 26);
  EXPECT_EQ(error_of(nul), (ParseError{2, 9, "control character in the text"}));
  EXPECT_EQ(error_of("format x86_64-4\nfl\rush\n").column, 3u);
  EXPECT_EQ(error_of("format x86_64-4\n#" + std::string(100000, 'x')),
            (ParseError{2, 1025, "line longer than 1024 bytes"}));
}

TEST(Text, AnyBytesEndInASequenceOrInAnErrorInsideTheText) {
  Random random(3);
  char const letters[] = "01x# \n\t\r-u,=>mapfnushgceld";
  for (int run = 0; run < 20000; ++run) {
    std::string text = random.chance(1, 2) ? "format x86_64-4\n" : "";
    for (std::size_t i = random.below(80); i > 0; --i) {
      text += random.chance(31, 32) ? letters[random.below(sizeof letters - 1)]
                                    : static_cast<char>(random.byte());
    }
    Sequence sequence;
    if (auto const error = parse(text, known_formats(), sequence)) {
      std::size_t lines = 1;
      for (char const c : text) lines += c == '\n';
      EXPECT_GE(error->line, 1u);
      EXPECT_LE(error->line, lines);
      EXPECT_GE(error->column, 1u);
      EXPECT_LE(error->column, text.size() + 1);
      for (char const c : error->message) EXPECT_TRUE(c >= 0x20 && c < 0x7f);
    }
  }
}

// A valid text with one byte changed: the parser meets every word half right.
TEST(Text, OneWrongByteNeverCrashesTheParser) {
  Random random(4);
  FormatList const formats = known_formats();
  for (int run = 0; run < 3000; ++run) {
    std::string text = print(arbitrary_sequence(random, formats.size(), 4), formats);
    text[random.below(text.size())] = static_cast<char>(random.byte());
    Sequence sequence;
    if (!parse(text, formats, sequence)) {
      for (Op const& op : sequence.ops) EXPECT_EQ(op, canonical(op));
    }
  }
}

}  // namespace
}  // namespace twinwalk::fuzz
