#include "fuzz/codec.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "fuzz/machine_keys.hpp"
#include "fuzz/text.hpp"
#include "tests/fuzz/arbitrary.hpp"

namespace twinwalk::fuzz {
namespace {

std::vector<std::uint8_t> random_bytes(Random& random, std::size_t size) {
  std::vector<std::uint8_t> out(size);
  for (std::uint8_t& byte : out) byte = random.byte();
  return out;
}

// Everything a consumer of sequences may rely on.
void expect_valid(Sequence const& sequence, FormatList formats) {
  ASSERT_LT(sequence.format, formats.size());
  for (MachineKey const& key : machine_keys) {
    EXPECT_GE(key.get(sequence), key.least) << key.name;
    EXPECT_LE(key.get(sequence), key.most) << key.name;
  }
  for (Op const& op : sequence.ops) EXPECT_EQ(op, canonical(op)) << print(op);
}

TEST(Codec, EveryByteStringIsAValidSequence) {
  FormatList const formats = known_formats();
  Random random(1);
  Sequence sequence;
  for (int run = 0; run < 3000; ++run) {
    auto const bytes = random_bytes(random, random.below(600));
    decode(bytes, formats, sequence);
    expect_valid(sequence, formats);
    std::size_t const whole =
        bytes.size() < codec_header_size ? 0 : (bytes.size() - codec_header_size) / codec_op_size;
    EXPECT_EQ(sequence.ops.size(), whole);
  }
}

TEST(Codec, EverySizeAroundTheHeaderAndOneOperationDecodes) {
  FormatList const formats = known_formats();
  Sequence sequence;
  for (std::size_t size = 0; size <= encoded_size(2) + 1; ++size) {
    for (std::uint8_t const fill : {std::uint8_t{0}, std::uint8_t{0x7f}, std::uint8_t{0xff}}) {
      decode(std::vector<std::uint8_t>(size, fill), formats, sequence);
      expect_valid(sequence, formats);
    }
  }
}

TEST(Codec, EveryByteOfAnOperationMayHaveEveryValue) {
  FormatList const formats = known_formats();
  Random random(2);
  Sequence sequence;
  auto bytes = random_bytes(random, encoded_size(2));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::uint8_t const old = bytes[at];
    for (int value = 0; value < 256; ++value) {
      bytes[at] = static_cast<std::uint8_t>(value);
      decode(bytes, formats, sequence);
      expect_valid(sequence, formats);
    }
    bytes[at] = old;
  }
}

TEST(Codec, DecodeUndoesEncode) {
  FormatList const formats = known_formats();
  Random random(3);
  Sequence back;
  for (int run = 0; run < 3000; ++run) {
    Sequence const sequence = arbitrary_sequence(random, formats.size());
    decode(encode(sequence), formats, back);
    ASSERT_EQ(back, sequence) << print(sequence, formats) << "became\n" << print(back, formats);
  }
}

TEST(Codec, WhatWasDecodedEncodesToTheSameSequence) {
  FormatList const formats = known_formats();
  Random random(4);
  Sequence first;
  Sequence second;
  for (int run = 0; run < 1000; ++run) {
    decode(random_bytes(random, encoded_size(random.below(20))), formats, first);
    decode(encode(first), formats, second);
    ASSERT_EQ(first, second);
  }
}

TEST(Codec, EncodesOnlyWholeOperationsThatFit) {
  Random random(5);
  Sequence sequence = arbitrary_sequence(random, 1, 0);
  for (int i = 0; i < 4; ++i) sequence.ops.push_back(arbitrary_op(random));
  auto const all = encode(sequence);
  for (std::size_t room = 0; room <= all.size() + 1; ++room) {
    std::vector<std::uint8_t> out(room, 0xaa);
    std::size_t const size = encode(sequence, out);
    EXPECT_LE(size, room);
    EXPECT_EQ(size, room < codec_header_size
                        ? 0
                        : encoded_size(std::min<std::size_t>(4, (room - 16) / codec_op_size)));
    if (size > codec_header_size) {
      EXPECT_TRUE(std::equal(out.begin() + codec_header_size,
                             out.begin() + static_cast<std::ptrdiff_t>(size),
                             all.begin() + codec_header_size));
    }
    EXPECT_TRUE(std::all_of(out.begin() + static_cast<std::ptrdiff_t>(size), out.end(),
                            [](std::uint8_t byte) { return byte == 0xaa; }));
  }
}

TEST(Codec, ReusesTheOperationsOfTheCaller) {
  FormatList const formats = known_formats();
  Random random(6);
  Sequence sequence;
  decode(random_bytes(random, encoded_size(32)), formats, sequence);
  Op const* const memory = sequence.ops.data();
  for (std::size_t count = 0; count <= 32; ++count) {
    decode(random_bytes(random, encoded_size(count)), formats, sequence);
    EXPECT_EQ(sequence.ops.data(), memory);
  }
}

TEST(Codec, RandomBytesReachEveryKindAndEveryFormat) {
  FormatList const formats = known_formats();
  Random random(7);
  std::set<OpKind> kinds;
  std::set<int> formats_seen;
  Sequence sequence;
  for (int run = 0; run < 200; ++run) {
    decode(random_bytes(random, encoded_size(16)), formats, sequence);
    formats_seen.insert(sequence.format);
    for (Op const& op : sequence.ops) kinds.insert(op.kind);
  }
  EXPECT_EQ(kinds.size(), op_kind_count);
  EXPECT_EQ(formats_seen.size(), formats.size());
}

TEST(Codec, RandomBytesExpectNothing) {
  FormatList const formats = known_formats();
  Random random(8);
  Sequence sequence;
  int expecting = 0;
  for (int run = 0; run < 1000; ++run) {
    decode(random_bytes(random, encoded_size(4)), formats, sequence);
    for (Op const& op : sequence.ops) expecting += op.expect != Expectation::none;
  }
  EXPECT_LT(expecting, 50);
}

TEST(Codec, TheVersionIsTheFirstByte) {
  Sequence const sequence;
  auto bytes = encode(sequence);
  EXPECT_EQ(bytes[0], codec_version);
  EXPECT_TRUE(has_current_version(bytes));
  ++bytes[0];
  EXPECT_FALSE(has_current_version(bytes));
  EXPECT_FALSE(has_current_version({}));
}

// Files in corpora outlive the code that wrote them: what the bytes mean must not drift without a
// new version. The three operations use each mode of an address.
TEST(Codec, ThisVersionReadsItsBytesAsItAlwaysDid) {
  std::vector<std::uint8_t> bytes(encoded_size(3));
  bytes[0] = codec_version;
  bytes[2] = 14;            // physical bits, from 32
  bytes[3] = 1 | 2 | 0x20;  // NX, 1G pages, accessed and dirty
  bytes[8] = 7;             // frames, from 1
  bytes[12] = 9;
  auto const put = [&](std::size_t op, std::size_t word, std::uint64_t value) {
    for (std::size_t i = 0; i < 8; ++i) {
      bytes[encoded_size(op) + 8 * word + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
  };
  put(0, 0, 0x0000'0023'0000'0000 | 1 << 16 | 1 << 5);  // map, 2M, pooled, rw- uncached
  put(0, 1, 0x01'05'00);                                // base 5, offset 1, aligned
  put(0, 2, 0x4000'0000);
  put(1, 0, 1 | 2 << 5 | 1 << 15);            // unmap, related, deferred
  put(1, 1, 0x06'00'00);                      // of the last operation the next page
  put(2, 0, 6 | 1 << 9 | 3 << 11 | 1 << 26);  // unmap_region, length pooled, tamed
  put(2, 1, 0x1000);
  Sequence sequence;
  decode(bytes, known_formats(), sequence);
  EXPECT_EQ(print(sequence, known_formats()),
            "format  x86_64-4\n"
            "machine physical-bits=46 no-execute=1 gigabyte-pages=1 protection-keys=0 "
            "execute-only=0 mode-based-execute=0 page-memory-types=0 "
            "hardware-updates=accessed-and-dirty frames=8 "
            "placement=9\n"
            "map     0xffff800000200000 2M rw-,uncached -> 0x40000000\n"
            "defer unmap 0xffff800000201000\n"
            "space 1 unmap_region 0x1000 0x1ff000\n");
}

}  // namespace
}  // namespace twinwalk::fuzz
