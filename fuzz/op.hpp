// One operation of a sequence, and the table that says what each kind is called and what it takes.
// The table drives the text form, the codec, the generator and `twinwalk list operations`.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "engine/api.hpp"

namespace twinwalk::fuzz {

// The operations of docs/contract.md, then what only the harness does. The binary codec stores
// these values: a new kind goes to the end, or raises the codec's version.
enum class OpKind : std::uint8_t {
  map,
  unmap,
  protect,
  remap,
  query,
  map_region,
  unmap_region,
  protect_region,
  clear_accessed,
  clear_dirty,
  set_accessed,
  set_dirty,
  share,  // share_root_entries: `space` borrows from `owner`
  walk,
  access,    // a processor touches memory through its TLB and walker
  flush,     // carries out pending plans, oldest first
  hardware,  // arms: while the next operation runs, a processor sets accessed or dirty
  garbage,   // writes a word into a hole, if the slot is one
  fail,      // arms: one allocation of the next operation finds no frame
};
inline constexpr std::size_t op_kind_count = 19;

// How many address spaces and processors an operation can name. The generator uses two of each; a
// space that no operation names need not exist.
inline constexpr int space_count_max = 4;
inline constexpr int cpu_count_max = 4;

// What an access does; for `hardware`, read sets accessed, and write sets accessed and dirty.
enum class AccessKind : std::uint8_t { read, write, fetch };

// Before which step of the engine an armed hardware update happens: before the n-th store that a
// processor could see, or the n-th step of either kind.
enum class Moment : std::uint8_t {
  // Counted: each word that is stored or exchanged in a table that is linked or was, and each call
  // of invalidate. What goes into a new table before it is linked is invisible and not counted.
  before_store,
  // Counted: the same, and each word that is loaded.
  before_load,
};

// What the author of a sequence says must come out. Judged only where a text is replayed: what
// mutation made of a sequence owes nothing to the old expectations.
enum class Expectation : std::uint8_t {
  none,
  ok,
  fault,  // of an access
  unsupported_page_size,
  invalid_address,
  not_aligned,
  unrepresentable_flags,
  borrowed,
  not_mapped,
  already_mapped,
  mapped_to_huge_page,
  no_memory,
};
inline constexpr int expectation_count = 12;

constexpr Expectation expectation_of(PagingError error) {
  return static_cast<Expectation>(static_cast<int>(Expectation::unsupported_page_size) +
                                  static_cast<int>(error));
}

// Canonical form: what the kind does not take is as below (`canonical`). Everything in the harness
// makes canonical operations only, so equal texts are equal values.
struct Op {
  OpKind kind = OpKind::flush;
  std::uint8_t space = 0;            // whose tables, 0..3
  std::uint8_t cpu = 0;              // who touches, 0..3
  bool defer = false;                // the plan stays pending until a `flush`
  PageSize size = PageSize::Size4K;  // of the leaf; of map_region the policy
  AccessKind access = AccessKind::read;
  bool user = false;   // an access with user rights
  bool visit = false;  // unmap_region with a visitor
  Moment moment = Moment::before_store;
  std::uint8_t level = 1;  // of a table; 1 holds 4K leaves, 1..8
  std::uint8_t owner = 0;  // of a share: a space other than `space`
  Expectation expect = Expectation::none;
  // fail: which allocation; hardware: before which store or load (see Moment; from 0);
  // walk: stop after so many leaves (0: never); flush: how many plans, oldest first (0: all).
  std::uint32_t count = 0;
  MappingFlags flags;  // the low 30 bits
  VirtAddr va;
  PhysAddr pa;
  std::uint64_t length = 0;  // bytes
  std::uint64_t word = 0;    // garbage

  friend constexpr bool operator==(Op const&, Op const&) = default;
};
static_assert(std::is_trivially_copyable_v<Op>);

// ---- What each kind takes --------------------------------------------------------------------

enum class Operand : std::uint32_t {
  va = 1 << 0,
  pa = 1 << 1,
  length = 1 << 2,
  size = 1 << 3,
  policy = 1 << 4,  // Op::size as the largest page that a region may use
  flags = 1 << 5,
  access = 1 << 6,  // kind, and `user`
  count = 1 << 7,
  level = 1 << 8,
  word = 1 << 9,
  owner = 1 << 10,
  moment = 1 << 11,
  visit = 1 << 12,
  update = 1 << 13,  // Op::access as what hardware sets: read or write
  space = 1 << 14,   // the modifiers, which stand before the name
  cpu = 1 << 15,
  defer = 1 << 16,
  refusal = 1 << 17,  // `expect ok`, or the name of an error
  fault = 1 << 18,    // `expect ok`, or `expect fault`
};

struct OperandSet {
  std::uint32_t bits = 0;

  constexpr OperandSet() = default;
  constexpr explicit OperandSet(std::uint32_t b) : bits(b) {}
  constexpr OperandSet(Operand operand) : bits(static_cast<std::uint32_t>(operand)) {}
  constexpr bool has(Operand operand) const {
    return (bits & static_cast<std::uint32_t>(operand)) != 0;
  }
  friend constexpr OperandSet operator|(OperandSet a, OperandSet b) {
    return OperandSet(a.bits | b.bits);
  }
};
constexpr OperandSet operator|(Operand a, Operand b) { return OperandSet(a) | OperandSet(b); }

struct OpInfo {
  OpKind kind;
  std::string_view name;  // as in a text
  std::string_view form;  // its operands as in a text
  std::string_view summary;
  OperandSet operands;
  int weight;  // how often the generator draws it; 0: puts it before another
};

namespace detail {
inline constexpr OperandSet asks = Operand::space | Operand::refusal;
inline constexpr OperandSet mutates = asks | Operand::defer;
inline constexpr OperandSet one_leaf = mutates | Operand::va;
inline constexpr OperandSet a_range = Operand::va | Operand::length;
}  // namespace detail

inline constexpr std::array<OpInfo, op_kind_count> op_table{{
    {OpKind::map, "map", "VA SIZE FLAGS -> PA", "one leaf of exactly that size",
     detail::one_leaf | Operand::size | Operand::flags | Operand::pa, 22},
    {OpKind::unmap, "unmap", "VA", "removes the leaf that contains the address", detail::one_leaf,
     9},
    {OpKind::protect, "protect", "VA FLAGS", "new rights for the leaf that contains the address",
     detail::one_leaf | Operand::flags, 9},
    {OpKind::remap, "remap", "VA FLAGS -> PA", "another frame and rights for one leaf",
     detail::one_leaf | Operand::flags | Operand::pa, 6},
    {OpKind::query, "query", "VA", "address, flags, size, accessed and dirty of one byte",
     detail::asks | Operand::va, 4},
    {OpKind::map_region, "map_region", "VA LENGTH FLAGS -> PA [max SIZE]",
     "maps a range with the largest pages that fit",
     detail::mutates | detail::a_range | Operand::flags | Operand::pa | Operand::policy, 12},
    {OpKind::unmap_region, "unmap_region", "VA LENGTH [visit]",
     "removes exactly that range; `visit` hands each leaf out",
     detail::mutates | detail::a_range | Operand::visit, 10},
    {OpKind::protect_region, "protect_region", "VA LENGTH FLAGS",
     "new rights for exactly that range", detail::mutates | detail::a_range | Operand::flags, 10},
    {OpKind::clear_accessed, "clear_accessed", "VA", "so that the next use shows", detail::one_leaf,
     3},
    {OpKind::clear_dirty, "clear_dirty", "VA", "so that the next write shows", detail::one_leaf, 3},
    {OpKind::set_accessed, "set_accessed", "VA", "what a fault handler calls after a use",
     detail::one_leaf, 2},
    {OpKind::set_dirty, "set_dirty", "VA", "what a fault handler calls after a write",
     detail::one_leaf, 2},
    {OpKind::share, "share", "VA LENGTH [from SPACE]",
     "borrows whole root entries from another space",
     detail::mutates | detail::a_range | Operand::owner, 4},
    {OpKind::walk, "walk", "VA LENGTH [stop N]", "visits the leaves of a range in address order",
     detail::asks | detail::a_range | Operand::count, 3},
    {OpKind::access, "access", "VA read|write|fetch [user]", "a processor touches memory",
     Operand::va | Operand::access | Operand::space | Operand::cpu | Operand::fault, 16},
    {OpKind::flush, "flush", "[N]", "carries out the pending plans, or the oldest N",
     Operand::count, 5},
    {OpKind::hardware, "hardware", "accessed|dirty VA before-store|before-load N",
     "a processor sets A or D in the midst of the next operation",
     Operand::va | Operand::update | Operand::moment | Operand::count | Operand::space |
         Operand::cpu,
     0},
    {OpKind::garbage, "garbage", "VA level N WORD", "writes a word into a hole",
     Operand::va | Operand::level | Operand::word | Operand::space, 3},
    {OpKind::fail, "fail", "alloc N", "one allocation of the next operation finds no frame",
     Operand::count, 0},
}};

constexpr OpInfo const& info(OpKind kind) { return op_table[static_cast<std::size_t>(kind)]; }

static_assert([] {
  for (std::size_t i = 0; i < op_kind_count; ++i) {
    if (op_table[i].kind != static_cast<OpKind>(i)) return false;
  }
  return true;
}());

// Whether the operation only arms the next one.
constexpr bool is_arming(OpKind kind) { return kind == OpKind::fail || kind == OpKind::hardware; }
// Whether the operation is the engine's, and not only the harness's.
constexpr bool is_contract(OpKind kind) { return kind <= OpKind::walk; }

inline constexpr std::uint64_t op_flags_mask = (std::uint64_t{1} << 30) - 1;

// The operation with everything dropped that its kind does not take, and every value in range.
constexpr Op canonical(Op const& op) {
  OperandSet const takes = info(op.kind).operands;
  Op out;
  out.kind = op.kind;
  if (takes.has(Operand::space)) out.space = op.space % space_count_max;
  if (takes.has(Operand::cpu)) out.cpu = op.cpu % cpu_count_max;
  if (takes.has(Operand::defer)) out.defer = op.defer;
  if (takes.has(Operand::size) || takes.has(Operand::policy)) out.size = op.size;
  if (takes.has(Operand::access)) {
    out.access = op.access;
    out.user = op.user;
  }
  if (takes.has(Operand::update)) {
    out.access = op.access == AccessKind::write ? AccessKind::write : AccessKind::read;
  }
  if (takes.has(Operand::visit)) out.visit = op.visit;
  if (takes.has(Operand::moment)) out.moment = op.moment;
  if (takes.has(Operand::level)) out.level = static_cast<std::uint8_t>((op.level + 7) % 8 + 1);
  if (takes.has(Operand::owner)) {
    out.owner = op.owner % space_count_max;
    if (out.owner == out.space) out.owner = out.space == 0 ? 1 : 0;
  }
  if (takes.has(Operand::count)) out.count = op.count;
  if (takes.has(Operand::flags)) out.flags = MappingFlags(op.flags.bits & op_flags_mask);
  if (takes.has(Operand::va)) out.va = op.va;
  if (takes.has(Operand::pa)) out.pa = op.pa;
  if (takes.has(Operand::length)) out.length = op.length;
  if (takes.has(Operand::word)) out.word = op.word;
  bool const fits =
      op.expect == Expectation::ok ||
      (op.expect == Expectation::fault ? takes.has(Operand::fault) : takes.has(Operand::refusal));
  if (fits && (takes.has(Operand::refusal) || takes.has(Operand::fault))) out.expect = op.expect;
  return out;
}

}  // namespace twinwalk::fuzz
