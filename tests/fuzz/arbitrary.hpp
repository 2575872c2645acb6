// Sequences without any sense, for laws that hold for all of them: every operand of every kind
// takes values from its whole range.
#pragma once

#include <cstddef>
#include <cstdint>

#include "fuzz/machine_keys.hpp"
#include "fuzz/random.hpp"
#include "fuzz/sequence.hpp"
#include "fuzz/text_words.hpp"

namespace twinwalk::fuzz {

inline std::uint64_t arbitrary_word(Random& random) {
  std::uint64_t const word = random.next();
  switch (random.below(4)) {
    case 0:
      return word;
    case 1:
      return word >> random.below(64);
    case 2:
      return ~(word >> random.below(64));
    default:
      return std::uint64_t{1} << random.below(64);
  }
}

inline Op arbitrary_op(Random& random) {
  Op op;
  op.kind = static_cast<OpKind>(random.below(op_kind_count));
  op.space = static_cast<std::uint8_t>(random.below(space_count_max));
  op.cpu = static_cast<std::uint8_t>(random.below(cpu_count_max));
  op.defer = random.chance(1, 2);
  op.size = words::sizes[random.below(words::sizes.size())].value;
  op.access = static_cast<AccessKind>(random.below(3));
  op.user = random.chance(1, 2);
  op.visit = random.chance(1, 2);
  op.moment = static_cast<Moment>(random.below(2));
  op.level = static_cast<std::uint8_t>(1 + random.below(8));
  op.owner = static_cast<std::uint8_t>(random.below(space_count_max));
  op.expect = static_cast<Expectation>(random.below(expectation_count));
  op.count = static_cast<std::uint32_t>(arbitrary_word(random));
  op.flags = MappingFlags(arbitrary_word(random));
  op.va = VirtAddr(arbitrary_word(random));
  op.pa = PhysAddr(arbitrary_word(random));
  op.length = arbitrary_word(random);
  op.word = arbitrary_word(random);
  return canonical(op);
}

inline Sequence arbitrary_sequence(Random& random, std::size_t formats, std::size_t ops_max = 40) {
  Sequence out;
  out.format = static_cast<std::uint8_t>(random.below(formats));
  for (MachineKey const& key : machine_keys) {
    key.set(out, key.least + random.below(key.most - key.least + 1));
  }
  out.ops.resize(random.below(ops_max + 1));
  for (Op& op : out.ops) op = arbitrary_op(random);
  return out;
}

}  // namespace twinwalk::fuzz
