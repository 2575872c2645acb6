#include "fuzz/mutator.hpp"

#include <algorithm>
#include <iterator>

#include "fuzz/address_pool.hpp"
#include "fuzz/codec.hpp"
#include "fuzz/generator.hpp"
#include "fuzz/machine_keys.hpp"

namespace twinwalk::fuzz {
namespace {

class Mutation {
 public:
  Mutation(Random& random, FormatList formats, std::size_t ops_max, Sequence& sequence)
      : random_(random), formats_(formats), ops_max_(ops_max), sequence_(sequence) {}

  void run() {
    if (sequence_.ops.empty()) return insert();
    switch (random_.below(14)) {
      case 0:
      case 1:
        return insert();
      case 2:
        return erase();
      case 3:
        return duplicate();
      case 4:
        return std::swap(some_op(), some_op());
      case 5:
        return move();
      case 6:
      case 7:
        return retarget(some_op());
      case 8:
        return resize(some_op());
      case 9:
        return toggle(some_op());
      case 10:
        return modify(some_op());
      case 11:
        return replace_kind(some_op());
      case 12:
        return arm();
      default:
        return machine();
    }
  }

 private:
  std::vector<Op>& ops() { return sequence_.ops; }
  std::size_t index() { return random_.below(ops().size()); }
  Op& some_op() { return ops()[index()]; }
  auto at(std::size_t i) { return ops().begin() + static_cast<std::ptrdiff_t>(i); }
  Draw draw() { return Draw{random_.byte(), random_.byte(), random_.byte(), random_.byte()}; }

  bool full() const { return sequence_.ops.size() >= ops_max_; }

  // Generated operations that know the whole sequence, moved to anywhere in it.
  void insert() {
    if (full()) return erase();
    std::size_t const old = ops().size();
    append_burst(random_, formats_, std::min(ops_max_, old + 1 + random_.below(3)), sequence_);
    std::size_t const place = random_.below(old + 1);
    std::rotate(at(place), at(old), ops().end());
  }

  void erase() {
    if (ops().empty()) return;
    std::size_t const first = index();
    std::size_t const wanted = random_.chance(3, 4) ? 1 : 1 + random_.below(ops().size());
    std::size_t const count = std::min(wanted, ops().size() - first);
    ops().erase(at(first), at(first + count));
  }

  void duplicate() {
    if (full()) return;
    Op copy = some_op();
    if (random_.chance(1, 2)) retarget(copy);
    ops().insert(at(random_.below(ops().size() + 1)), copy);
  }

  // A run of operations to another place.
  void move() {
    std::size_t const i = index();
    std::size_t const j = index();
    std::size_t const k = index();
    std::size_t const middle = std::max(std::min(i, j), std::min(std::max(i, j), k));
    std::rotate(at(std::min({i, j, k})), at(middle), at(std::max({i, j, k})));
  }

  void retarget(Op& op) {
    FormatShape const& shape = formats_[sequence_.format];
    PageSize const size = op.kind == OpKind::map ? op.size : PageSize::Size4K;
    OperandSet const takes = info(op.kind).operands;
    if (takes.has(Operand::pa) && random_.chance(1, 3)) {
      op.pa = pool_physical(sequence_.machine.physical_bits, op.va, size, draw());
    } else if (random_.chance(3, 4) && !ops().empty()) {
      Op const other = some_op();
      op.va = related_address(other, size, draw());
    } else {
      op.va = pool_address(shape, size, draw());
    }
    op = canonical(op);
  }

  void resize(Op& op) {
    constexpr PageSize sizes[] = {PageSize::Size4K, PageSize::Size2M, PageSize::Size1G};
    OperandSet const takes = info(op.kind).operands;
    if (takes.has(Operand::length)) {
      switch (random_.below(4)) {
        case 0:
          op.length /= 2;
          break;
        case 1:
          op.length *= 2;
          break;
        case 2:
          op.length += bytes(PageSize::Size4K);
          break;
        default:
          op.length = pool_length(formats_[sequence_.format], op.va, draw());
          break;
      }
    }
    op.size = random_.pick(sizes);
    op = canonical(op);
    if (op.kind == OpKind::map && random_.chance(3, 4)) {
      std::uint64_t const inside = bytes(op.size) - 1;
      op.va = VirtAddr(op.va.value & ~inside);
      op.pa = PhysAddr(op.pa.value & ~inside);
    }
  }

  void toggle(Op& op) {
    MappingFlags const other = draw_flags(random_, sequence_.machine);
    constexpr Flag rights[] = {Flag::READ, Flag::WRITE, Flag::EXECUTE, Flag::USER, Flag::GLOBAL};
    op.flags = random_.chance(1, 3)
                   ? other
                   : MappingFlags(op.flags.bits ^ MappingFlags(random_.pick(rights)).bits);
    op = canonical(op);
  }

  void modify(Op& op) {
    switch (random_.below(6)) {
      case 0:
        op.space ^= 1;
        break;
      case 1:
        op.cpu ^= 1;
        break;
      case 2:
        op.defer = !op.defer;
        break;
      case 3:
        op.user = !op.user;
        op.visit = !op.visit;
        break;
      case 4:
        op.access = static_cast<AccessKind>(random_.below(3));
        break;
      default:
        op.count = random_.below(random_.chance(3, 4) ? 4 : 32);
        break;
    }
    op = canonical(op);
  }

  void replace_kind(Op& op) {
    op.kind = static_cast<OpKind>(random_.below(op_kind_count));
    op = canonical(op);
  }

  // Puts a failure or a hardware update before an operation.
  void arm() {
    if (full()) return;
    std::size_t const i = index();
    Op arming = ops()[i];
    arming.kind = random_.chance(1, 2) ? OpKind::fail : OpKind::hardware;
    arming.count = random_.below(4);
    arming.access = random_.chance(1, 2) ? AccessKind::read : AccessKind::write;
    ops().insert(at(i), canonical(arming));
  }

  void machine() {
    MachineKey const& key = machine_keys[random_.below(machine_keys.size())];
    // So few frames that they run out, or the usual number: many only make runs slow.
    if (key.name == "frames" || random_.chance(1, 3)) {
      sequence_.frames = random_.chance(1, 4) ? frame_count_default : 2 + random_.below(15);
      return;
    }
    key.set(sequence_,
            random_.chance(1, 3) ? key.usual : key.least + random_.below(key.most - key.least + 1));
  }

  Random& random_;
  FormatList formats_;
  std::size_t ops_max_;
  Sequence& sequence_;
};

std::size_t room_for_ops(std::size_t max_size) {
  return (max_size - codec_header_size) / codec_op_size;
}

// A sequence that is used again by the next call of the same thread.
Sequence& scratch() {
  thread_local Sequence sequence;
  return sequence;
}

}  // namespace

void mutate_ops(Random& random, FormatList formats, std::size_t ops_max, Sequence& sequence) {
  if (sequence.ops.size() > ops_max) sequence.ops.resize(ops_max);
  Mutation(random, formats, ops_max, sequence).run();
}

std::size_t mutate(std::uint8_t* data, std::size_t size, std::size_t max_size, std::uint32_t seed,
                   ByteMutator byte_mutator, FormatList formats) {
  Random random(seed);
  bool const as_bytes = random.chance(1, 8) || max_size < encoded_size(1);
  if (as_bytes && byte_mutator != nullptr) return byte_mutator(data, size, max_size);
  if (max_size < codec_header_size) return std::min(size, max_size);

  Sequence& sequence = scratch();
  decode({data, size}, formats, sequence);
  drop_expectations(sequence);
  std::size_t const ops_max = room_for_ops(max_size);
  std::uint32_t const choice = random.below(8);
  if (choice == 0) {
    // Afresh, and mostly for the same format: a corpus is often one format's.
    GeneratorOptions options;
    options.formats = formats;
    if (random.chance(7, 8)) options.format = sequence.format;
    options.ops_min = std::min(options.ops_min, ops_max);
    options.ops_max = std::min(options.ops_max, ops_max);
    generate(random.next(), options, sequence);
  } else if (choice <= 2 && sequence.ops.size() < ops_max) {
    std::size_t const wanted = sequence.ops.size() + 1 + random.below(16);
    append_burst(random, formats, std::min(ops_max, wanted), sequence);
  } else {
    std::uint32_t const changes = 1 + random.below(random.chance(3, 4) ? 2 : 6);
    for (std::uint32_t i = 0; i < changes; ++i) mutate_ops(random, formats, ops_max, sequence);
  }
  return encode(sequence, {data, max_size});
}

std::size_t crossover(std::span<std::uint8_t const> first, std::span<std::uint8_t const> second,
                      std::span<std::uint8_t> out, std::uint32_t seed, FormatList formats) {
  if (out.size() < codec_header_size) return 0;
  thread_local Sequence other;
  Random random(seed);
  Sequence& sequence = scratch();
  decode(first, formats, sequence);
  decode(second, formats, other);
  drop_expectations(sequence);
  drop_expectations(other);

  // A run of the second goes into a cut of the first; half of the time the first ends there.
  std::size_t const cut = random.below(sequence.ops.size() + 1);
  std::size_t const from = random.below(other.ops.size() + 1);
  std::size_t const count = random.below(other.ops.size() - from + 1);
  if (random.chance(1, 2)) sequence.ops.resize(cut);
  auto const run = other.ops.begin() + static_cast<std::ptrdiff_t>(from);
  sequence.ops.insert(sequence.ops.begin() + static_cast<std::ptrdiff_t>(cut), run,
                      run + static_cast<std::ptrdiff_t>(count));
  return encode(sequence, out);
}

}  // namespace twinwalk::fuzz
