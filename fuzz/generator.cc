#include "fuzz/generator.hpp"

#include <algorithm>
#include <array>

#include "fuzz/aim.hpp"
#include "fuzz/machine_keys.hpp"
#include "fuzz/text_words.hpp"

namespace twinwalk::fuzz {
namespace {

// What one case does and how often: whole kinds are switched off, so that the others go further
// than they would in an even mixture.
struct Profile {
  std::array<int, op_kind_count> weights{};
  int weight_sum = 0;
  std::uint32_t fail_in_16 = 0;      // operations that may allocate, with a failure armed
  std::uint32_t hardware_in_16 = 0;  // operations that change entries, with A/D armed
  std::uint32_t defer_in_16 = 0;
  std::uint32_t second_space_in_16 = 0;
  std::uint32_t access_after_in_16 = 0;
};

Profile draw_profile(Random& random) {
  Profile out;
  bool const all = random.chance(1, 4);
  for (OpInfo const& entry : op_table) {
    auto const kind = static_cast<std::size_t>(entry.kind);
    out.weights[kind] = all || random.chance(3, 4) ? entry.weight : 0;
  }
  // Without anything mapped nothing happens.
  auto& mapping =
      out.weights[static_cast<std::size_t>(random.chance(2, 3) ? OpKind::map : OpKind::map_region)];
  mapping = std::max(mapping, 20);
  for (int const weight : out.weights) out.weight_sum += weight;
  out.fail_in_16 = random.pick({0u, 1u, 4u, 4u});
  out.hardware_in_16 = random.pick({0u, 0u, 3u, 6u});
  out.defer_in_16 = random.pick({0u, 0u, 2u, 6u});
  out.second_space_in_16 = random.pick({0u, 0u, 2u, 6u});
  out.access_after_in_16 = random.pick({0u, 3u, 6u});
  return out;
}

class Burst {
 public:
  Burst(Random& random, FormatShape const& shape, Sequence& sequence)
      : random_(random),
        shape_(shape),
        sequence_(sequence),
        profile_(draw_profile(random)),
        aim_(random, shape, sequence) {
    for (Op const& op : sequence.ops) aim_.note(op);
  }

  void run(std::size_t op_count) {
    while (sequence_.ops.size() < op_count) {
      Op const op = draw();
      arm(op);
      append(op);
      bool const changes = info(op.kind).operands.has(Operand::defer);
      if (changes && random_.chance(profile_.access_after_in_16, 16)) append(access(op.va));
    }
    sequence_.ops.resize(op_count);
  }

 private:
  OpKind draw_kind() {
    auto left = static_cast<int>(random_.below(static_cast<std::uint64_t>(profile_.weight_sum)));
    std::size_t kind = 0;
    while (left >= profile_.weights[kind]) left -= profile_.weights[kind++];
    return static_cast<OpKind>(kind);
  }

  Op draw() {
    Op op;
    op.kind = draw_kind();
    if (aim_.knows_nothing() && random_.chance(3, 4)) op.kind = OpKind::map;
    OperandSet const takes = info(op.kind).operands;
    if (random_.chance(profile_.second_space_in_16, 16)) op.space = 1;
    if (aim_.knows_nothing_of(op.space) && !takes.has(Operand::pa)) op.space = 0;
    op.defer = random_.chance(profile_.defer_in_16, 16);
    if (takes.has(Operand::flags)) op.flags = flags();
    switch (op.kind) {
      case OpKind::map:
        op.size = page_size();
        op.va = aim_.fresh(op.size);
        op.pa = aim_.physical(op.va, op.size, bytes(op.size));
        break;
      case OpKind::map_region:
        op.va = aim_.fresh(page_size());
        op.length = aim_.length_to_map(op.va);
        op.pa = aim_.physical(op.va, page_size(), op.length);
        op.size = random_.chance(1, 2) ? words::no_policy : page_size();
        break;
      case OpKind::access:
        op = access(aim_.mapped(op.space));
        break;
      case OpKind::share:
        share(op);
        break;
      case OpKind::garbage:
        op.va = aim_.fresh(PageSize::Size4K);
        op.level =
            static_cast<std::uint8_t>(1 + random_.below(static_cast<std::uint64_t>(shape_.levels)));
        op.word = random_.next();
        break;
      case OpKind::flush:
        op.count = random_.chance(1, 2) ? 0 : 1 + random_.below(2);
        break;
      case OpKind::walk:
        op.count = random_.chance(1, 2) ? 0 : 1 + random_.below(4);
        aim(op, takes);
        break;
      default:
        aim(op, takes);
        break;
    }
    return canonical(op);
  }

  // Kinds that work on what is there.
  void aim(Op& op, OperandSet takes) {
    if (takes.has(Operand::length)) {
      Aim::Range const range = aim_.range(op.space);
      op.va = range.va;
      op.length = range.length;
      op.visit = random_.chance(1, 2);
    } else {
      op.va = aim_.mapped(op.space);
      PageSize const leaf = random_.chance(7, 8) ? aim_.leaf_size(op.space, op.va) : page_size();
      op.pa = aim_.physical(op.va, leaf, bytes(leaf));
    }
  }

  // Whole root entries, of the upper half more often: that is where kernels share.
  void share(Op& op) {
    int const shift = level_shift(shape_.levels);
    std::uint64_t const slot = std::uint64_t{1} << shift;
    op.space = random_.chance(7, 8) ? 1 : 0;
    std::uint64_t const at = random_.chance(1, 4) ? upper_half(shape_) : aim_.mapped(0).value;
    op.va = VirtAddr(random_.chance(15, 16) ? at >> shift << shift : at);
    op.length = slot * (1 + random_.below(3));
    if (random_.chance(1, 16)) op.length = upper_half(shape_) - op.va.value;
    if (random_.chance(1, 16)) op.length += bytes(PageSize::Size2M);
  }

  Op access(VirtAddr va) {
    Op op;
    op.kind = OpKind::access;
    op.space = random_.chance(profile_.second_space_in_16, 16) ? 1 : 0;
    op.cpu = random_.chance(1, 2) ? 1 : 0;
    op.access = random_.pick({AccessKind::read, AccessKind::read, AccessKind::write,
                              AccessKind::write, AccessKind::fetch});
    op.user = random_.chance(1, 3);
    op.va = va;
    return canonical(op);
  }

  // Puts before an operation what happens while it runs.
  void arm(Op const& op) {
    OperandSet const takes = info(op.kind).operands;
    bool const allocates = takes.has(Operand::length) || op.kind == OpKind::map;
    if (allocates && takes.has(Operand::defer) && random_.chance(profile_.fail_in_16, 16)) {
      Op fail;
      fail.kind = OpKind::fail;
      fail.count = random_.below(4);
      append(fail);
    }
    // Where something is being mapped, hardware has nothing to set yet.
    bool const maps = op.kind == OpKind::map || op.kind == OpKind::map_region;
    bool const races = takes.has(Operand::defer) && (!maps || random_.chance(1, 8));
    bool const splits = races && !maps && op.length != 0 && cuts_a_leaf(op);
    if (!races || !random_.chance(splits ? 8 : profile_.hardware_in_16, 16)) return;
    for (std::uint32_t n = splits ? 1 + random_.below(3) : 1; n != 0; --n) {
      append(update_during(op, splits));
    }
  }

  // What hardware does while the operation runs; `splits`: which probably cuts a large leaf.
  Op update_during(Op const& op, bool splits) {
    Op update;
    update.kind = OpKind::hardware;
    update.space = op.space;
    update.cpu = random_.chance(1, 2) ? 1 : 0;
    update.access = random_.chance(2, 3) ? AccessKind::write : AccessKind::read;
    update.moment = random_.chance(3, 4) ? Moment::before_store : Moment::before_load;
    update.count = random_.below(random_.pick({1u, 1u, 1u, 2u, 4u, 16u}));
    update.va = op.va;
    if (splits) {
      // A split is a store and a flush; then the pieces are changed one by one. What is hit is
      // mostly the one that the engine has in its hands.
      std::uint32_t const piece = random_.below(4);
      update.count = 2 * random_.pick({0u, 1u, 1u, 1u, 2u}) + piece;
      update.va = VirtAddr(op.va.value + piece * bytes(PageSize::Size4K));
    } else if (op.length != 0 && random_.chance(1, 2)) {
      update.va = VirtAddr(op.va.value + random_.next() % op.length);
    }
    return update;
  }
  // Whether the range probably begins within a large leaf.
  bool cuts_a_leaf(Op const& op) const {
    return (op.va.value & (bytes(aim_.leaf_size(op.space, op.va)) - 1)) >> 12 != 0;
  }

  void append(Op const& op) {
    aim_.note(op);
    sequence_.ops.push_back(op);
  }

  PageSize page_size() {
    if (random_.chance(1, 64)) {
      return random_.chance(1, 2) ? PageSize::Size512G : PageSize::Size256T;
    }
    return random_.pick({PageSize::Size4K, PageSize::Size4K, PageSize::Size4K, PageSize::Size4K,
                         PageSize::Size2M, PageSize::Size2M, PageSize::Size2M, PageSize::Size1G});
  }

  // Where no page is user mode's, and none global, few are refused for asking.
  MappingFlags flags() {
    MappingFlags const drawn = any_flags();
    if (shape_.has_user || random_.chance(1, 8)) return drawn;
    return drawn.without(Flag::USER | Flag::GLOBAL);
  }
  // Often an earlier operation's with one right toggled, so that protect has something to change
  // and neighbours have something to share.
  MappingFlags any_flags() {
    if (sequence_.ops.empty() || random_.chance(1, 2)) {
      return draw_flags(random_, sequence_.machine);
    }
    MappingFlags const old = sequence_.ops[random_.below(sequence_.ops.size())].flags;
    if (old.bits == 0) return draw_flags(random_, sequence_.machine);
    constexpr Flag toggled[] = {Flag::WRITE, Flag::WRITE,  Flag::EXECUTE,
                                Flag::USER,  Flag::GLOBAL, Flag::UNCACHED};
    if (random_.chance(1, 3)) return old;
    return MappingFlags(old.bits ^ MappingFlags(random_.pick(toggled)).bits);
  }

  Random& random_;
  FormatShape const& shape_;
  Sequence& sequence_;
  Profile profile_;
  Aim aim_;
};

}  // namespace

MappingFlags draw_flags(Random& random, MachineOptions const& machine) {
  if (random.chance(1, 64)) return MappingFlags(random.next() & op_flags_mask);
  MappingFlags out;
  auto const add = [&](Flag flag, std::uint32_t numerator, std::uint32_t denominator) {
    if (random.chance(numerator, denominator)) out = out | flag;
  };
  add(Flag::READ, 63, 64);
  add(Flag::WRITE, 1, 2);
  if (machine.no_execute) {
    add(Flag::EXECUTE, 1, 3);
  } else {
    add(Flag::EXECUTE, 15, 16);
  }
  add(Flag::USER, 1, 2);
  add(Flag::GLOBAL, 1, 4);
  if (random.chance(1, 4)) {
    if (random.chance(1, 2)) {
      out = out.with_memory_type(random.below(random.chance(7, 8) ? 8 : 16));
    } else {
      out = out | (random.chance(1, 2) ? Flag::DEVICE : Flag::UNCACHED);
    }
  }
  if (random.chance(machine.protection_keys ? 16 : 1, 64)) out = out.with_key(random.below(16));
  if (random.chance(1, 4)) {
    out = out.with_software(random.below(random.chance(15, 16) ? 8 : 1024));
  }
  return out;
}

void draw_keys(Random& random, bool last, Sequence& out) {
  for (MachineKey const& key : machine_keys) {
    if (key.drawn_last != last) continue;
    std::uint64_t const span = key.most - key.least + 1;
    key.set(out, random.chance(1, 2) ? key.usual : key.least + random.below(span));
  }
}

void draw_machine(Random& random, Sequence& out) {
  draw_keys(random, false, out);
  // Of widths those that machines have, and of frames so few that they run out.
  if (random.chance(1, 2)) {
    out.machine.physical_bits = static_cast<std::uint8_t>(random.pick({36u, 39u, 40u, 46u, 52u}));
  }
  out.frames = random.chance(3, 4) ? frame_count_default : 2 + random.below(15);
}

void append_burst(Random& random, FormatList formats, std::size_t op_count, Sequence& sequence) {
  if (op_count <= sequence.ops.size()) return;
  Burst(random, formats[sequence.format], sequence).run(op_count);
}

void generate(std::uint64_t seed, GeneratorOptions const& options, Sequence& out) {
  Random random(seed);
  out.format = static_cast<std::uint8_t>(options.format == GeneratorOptions::any_format
                                             ? random.below(options.formats.size())
                                             : static_cast<std::uint32_t>(options.format));
  draw_machine(random, out);
  out.ops.clear();
  std::size_t const count = options.ops_min + random.below(options.ops_max - options.ops_min + 1);
  append_burst(random, options.formats, count, out);
  draw_keys(random, true, out);
}

}  // namespace twinwalk::fuzz
