// The words that the engine, the models and the harness share: addresses, page sizes, rights,
// errors, leaves, flush scopes and the options of a machine. Not one bit position of a page-table
// entry may appear here; this is the only header of the engine that models/ may include.
//
// Everything that carries data is a template over its word, so that the same source runs on
// std::uint64_t in production and on a solver's terms in the proofs.
#pragma once

#include <concepts>
#include <cstdint>

namespace twinwalk {

// ---- Addresses -------------------------------------------------------------------------------

// An address of one space. Two spaces never mix, and arithmetic is spelt on `.value`.
template <class Space, class Word>
struct BasicAddress {
  Word value{0};

  constexpr BasicAddress() = default;
  constexpr explicit BasicAddress(Word v) : value(v) {}

  friend bool operator==(BasicAddress, BasicAddress)
    requires std::same_as<Word, std::uint64_t>
  = default;
};

struct VirtualSpace;
struct PhysicalSpace;

// The input of a page table: a virtual address, or a guest physical one on a second stage.
template <class Word>
using BasicVirtAddr = BasicAddress<VirtualSpace, Word>;
// The output of a page table, and the address of every table.
template <class Word>
using BasicPhysAddr = BasicAddress<PhysicalSpace, Word>;

using VirtAddr = BasicVirtAddr<std::uint64_t>;
using PhysAddr = BasicPhysAddr<std::uint64_t>;
// A second stage translates guest physical addresses; they stand where virtual ones stand.
using GuestPhysAddr = VirtAddr;

// ---- Page sizes ------------------------------------------------------------------------------

// The sizes a leaf may have; the value of an enumerator is the base-2 logarithm of its bytes.
enum class PageSize : std::uint8_t {
  Size4K = 12,
  Size2M = 21,
  Size1G = 30,
  Size512G = 39,
  Size256T = 48,
};

constexpr int size_log2(PageSize size) { return static_cast<int>(size); }
constexpr std::uint64_t bytes(PageSize size) { return std::uint64_t{1} << size_log2(size); }

// ---- Rights and attributes -------------------------------------------------------------------

// The neutral names of what a leaf grants. The first six keep the values they have in the crates
// whose users know them.
enum class Flag : std::uint64_t {
  READ = 1 << 0,
  WRITE = 1 << 1,
  EXECUTE = 1 << 2,
  USER = 1 << 3,
  DEVICE = 1 << 4,
  UNCACHED = 1 << 5,
  // The translation holds in every address space.
  GLOBAL = 1 << 6,
  // The memory-type field is explicit; without it DEVICE, UNCACHED or neither say the type.
  TYPED = 1 << 7,
  // EPT only: the guest's own memory type is ignored.
  IGNORE_PAT = 1 << 12,
};

// A set of flags with three fields beside it: an explicit memory type (a PAT or MAIR index, an EPT
// type), a protection key and software bits. A value, compared bit for bit; 30 bits are defined
// and any other is unrepresentable on every format.
template <class Word>
struct BasicMappingFlags {
  using enum Flag;

  static constexpr int memory_type_shift = 8;
  static constexpr std::uint64_t memory_type_mask = 0xf;
  static constexpr int key_shift = 16;
  static constexpr std::uint64_t key_mask = 0xf;
  static constexpr int software_shift = 20;
  static constexpr std::uint64_t software_mask = 0x3ff;

  Word bits{0};

  constexpr BasicMappingFlags() = default;
  constexpr explicit BasicMappingFlags(Word b) : bits(b) {}
  // Implicit on purpose: a single flag is a set of one.
  constexpr BasicMappingFlags(Flag flag) : bits(static_cast<std::uint64_t>(flag)) {}

  // The same set with an explicit memory type, a PAT index on x86: 0..15, as the format allows.
  constexpr BasicMappingFlags with_memory_type(std::uint64_t type) const {
    return BasicMappingFlags((bits & Word(~(memory_type_mask << memory_type_shift))) |
                             Word(static_cast<std::uint64_t>(Flag::TYPED) |
                                  ((type & memory_type_mask) << memory_type_shift)));
  }
  // The same set with protection key 0..15; 0 is the key of a leaf that names none.
  constexpr BasicMappingFlags with_key(std::uint64_t key) const {
    return BasicMappingFlags((bits & Word(~(key_mask << key_shift))) |
                             Word((key & key_mask) << key_shift));
  }
  // The same set with these software bits, counted from 0; how many there are is the format's.
  constexpr BasicMappingFlags with_software(std::uint64_t software) const {
    return BasicMappingFlags((bits & Word(~(software_mask << software_shift))) |
                             Word((software & software_mask) << software_shift));
  }

  constexpr Word memory_type() const {
    return (bits >> memory_type_shift) & Word(memory_type_mask);
  }
  constexpr Word key() const { return (bits >> key_shift) & Word(key_mask); }
  constexpr Word software() const { return (bits >> software_shift) & Word(software_mask); }

  // The same set without its software bits, which protect and remap do not look at.
  constexpr BasicMappingFlags without_software() const {
    return BasicMappingFlags(bits & Word(~(software_mask << software_shift)));
  }

  // Whether the whole of `set` is there. For concrete words only: engine code packs flags by bit
  // moves and never asks.
  constexpr bool has(BasicMappingFlags set) const
    requires std::same_as<Word, std::uint64_t>
  {
    return (bits & set.bits) == set.bits;
  }
  constexpr BasicMappingFlags without(BasicMappingFlags set) const {
    return BasicMappingFlags(bits & ~set.bits);
  }

  friend constexpr BasicMappingFlags operator|(BasicMappingFlags a, BasicMappingFlags b) {
    return BasicMappingFlags(a.bits | b.bits);
  }
  friend constexpr BasicMappingFlags operator&(BasicMappingFlags a, BasicMappingFlags b) {
    return BasicMappingFlags(a.bits & b.bits);
  }
  friend bool operator==(BasicMappingFlags, BasicMappingFlags)
    requires std::same_as<Word, std::uint64_t>
  = default;
};

using MappingFlags = BasicMappingFlags<std::uint64_t>;

constexpr MappingFlags operator|(Flag a, Flag b) { return MappingFlags(a) | MappingFlags(b); }

// ---- Errors ----------------------------------------------------------------------------------

// Why an operation was refused, in the order in which the reasons are judged (docs/contract.md).
enum class PagingError : std::uint8_t {
  UnsupportedPageSize,   // the format or this machine has no leaf of that size
  InvalidAddress,        // not canonical, wraps, leaves its half, or beyond the physical width
  NotAligned,            // an address or length is no multiple of what the operation demands
  UnrepresentableFlags,  // the format or this machine cannot hold exactly these flags
  Borrowed,              // the tables beneath belong to another root
  NotMapped,             // no leaf contains the address
  AlreadyMapped,         // an equal leaf, or anything smaller beneath
  MappedToHugePage,      // a larger leaf covers the address
  NoMemory,              // a table frame is missing; nothing was written
};

// Its name, as written above.
constexpr char const* error_name(PagingError error) {
  constexpr char const* names[] = {"UnsupportedPageSize",  "InvalidAddress",   "NotAligned",
                                   "UnrepresentableFlags", "Borrowed",         "NotMapped",
                                   "AlreadyMapped",        "MappedToHugePage", "NoMemory"};
  return names[static_cast<int>(error)];
}

// What was refused and where: the lowest address of the input that the reason holds for.
template <class Word>
struct BasicFailure {
  PagingError error;
  BasicVirtAddr<Word> where;
};
using Failure = BasicFailure<std::uint64_t>;

// ---- Leaves ----------------------------------------------------------------------------------

// One leaf as an operation reports it.
template <class Word>
struct BasicLeaf {
  BasicVirtAddr<Word> virt;  // first address of the leaf, extended as the format demands
  BasicPhysAddr<Word> phys;  // what `virt` translates to
  PageSize size{PageSize::Size4K};
  BasicMappingFlags<Word> flags;  // normalised: what decode gives back
  Word accessed{0};               // 0 or 1
  Word dirty{0};                  // 0 or 1

  friend bool operator==(BasicLeaf const&, BasicLeaf const&)
    requires std::same_as<Word, std::uint64_t>
  = default;
};
using Leaf = BasicLeaf<std::uint64_t>;

// ---- What an operation asks to be flushed ----------------------------------------------------

// Addresses `first` to `last`, both inclusive, in whole pages of at least `stride`.
template <class Word>
struct BasicFlushRange {
  Word first{0};
  Word last{0};
  PageSize stride{PageSize::Size4K};  // the smallest page that may be cached in the range
};

// What must be invalidated before the frames of a plan are reused or its new rights are trusted:
// the plan of docs/contract.md without its frames.
template <class Word>
struct BasicFlushScope {
  static constexpr int range_count_max = 4;

  Word root{0};                // whose address space it concerns
  bool every_space = false;    // … or every one: globals, shared tables, several roots
  bool everything = false;     // more ranges than fit: the whole address space
  bool table_changed = false;  // a table entry was linked, split or unlinked
  bool global = false;         // a global mapping is among what changed
  bool barrier = false;        // only a barrier is owed for new entries (AArch64)
  bool fence = false;          // a fence although nothing was valid (RISC-V, LoongArch)
  int range_count = 0;         // how many of `ranges` hold
  BasicFlushRange<Word> ranges[range_count_max]{};

  // Whether any cached translation may be wrong until this is carried out.
  constexpr bool demands_invalidation() const { return everything || range_count != 0; }
  constexpr bool empty() const {
    return !demands_invalidation() && !table_changed && !barrier && !fence;
  }
};
using FlushRange = BasicFlushRange<std::uint64_t>;
using FlushScope = BasicFlushScope<std::uint64_t>;

// ---- What is known only at boot --------------------------------------------------------------

// Which of accessed and dirty the machine sets in memory by itself.
enum class HardwareUpdates : std::uint8_t { none, accessed, accessed_and_dirty };

// The options of a machine, of every format together; a format reads those that its sheet names.
// An engine's own options and a model's settings are both made from this value.
struct MachineOptions {
  std::uint8_t physical_bits = 52;  // MAXPHYADDR, PALEN, IPA or PA width: 32..52 on x86
  bool no_execute = true;           // EFER.NXE
  bool gigabyte_pages = true;       // CPUID page1gb
  bool protection_keys = false;     // CR4.PKE or CR4.PKS may be set
  bool execute_only = true;         // EPT: IA32_VMX_EPT_VPID_CAP bit 0
  bool mode_based_execute = false;  // EPT: "mode-based execute control" is on
  bool page_memory_types = false;   // RISC-V: Svpbmt, and PBMTE is set
  HardwareUpdates hardware_updates = HardwareUpdates::accessed_and_dirty;
  // LoongArch: the frame that empty directory entries lead to. Every word of it is its address; it
  // is filled before the first table is made and outlives the last.
  PhysAddr void_frame{};

  friend constexpr bool operator==(MachineOptions const&, MachineOptions const&) = default;
};

// What a whole-table primitive did to a run of entries: how many it changed, and the bits of those
// together.
template <class Word>
struct BasicRunChange {
  Word count{0};
  Word before{0};  // what any of them had
  Word lost{0};    // what any of them had and has no more
  Word gained{0};  // what any of them has and had not

  constexpr void add(Word was, Word is) {
    count = count + Word(1);
    before = before | was;
    lost = lost | (was & ~is);
    gained = gained | (is & ~was);
  }
};
using RunChange = BasicRunChange<std::uint64_t>;

// How often hardware may change one entry between two looks of the engine: it sets accessed and
// dirty once each, and clears neither. So a compare-exchange that starts again ends.
inline constexpr int hardware_moves_max = 2;

// ---- The handler: memory, frames and the flush -----------------------------------------------

// What the engine asks of its surroundings. `Word` is std::uint64_t in production. Addresses of
// slots and tables are physical; a slot is 8 bytes and aligned. "bool-like" is bool, or a type
// that converts to it explicitly.
//
// Memory order: `store`, a successful `compare_exchange` and `exchange` release; an MMU may read,
// and set accessed or dirty, between any two calls.
template <class H>
concept Handler =
    requires(H& handler, typename H::Word word, typename H::Word& out, int size_log2,
             typename H::Word (*step)(typename H::Word), bool (*live)(typename H::Word),
             BasicFlushScope<typename H::Word> const& scope) {
      // The entry in a slot.
      { handler.load(word) } -> std::same_as<typename H::Word>;
      // store(slot, entry)
      handler.store(word, word);
      // exchange(slot, entry): what stood there.
      { handler.exchange(word, word) } -> std::same_as<typename H::Word>;
      // compare_exchange(slot, expected, desired): what stood there; it was replaced when that
      // equals `expected`. Strong: it never fails without a reason.
      { handler.compare_exchange(word, word, word) } -> std::same_as<typename H::Word>;

      // Frames of 2^size_log2 bytes, aligned to their size, contents and metadata arbitrary;
      // bool-like, false when there is none, and then `out` is untouched. Frame 0 is a frame like
      // any other.
      handler.alloc_frames(size_log2, out);
      handler.dealloc_frames(word, size_log2);

      // Two words of metadata for each table frame; the engine gives them their meaning.
      { handler.live_count(word) } -> std::same_as<typename H::Word>;
      handler.set_live_count(word, word);
      { handler.link(word) } -> std::same_as<typename H::Word>;
      handler.set_link(word, word);

      // Whole-table primitives over `count` consecutive slots, each with a closed form.
      // fill(slot, count, first, stride): the k-th becomes first + k * stride.
      handler.fill(word, word, word, word);
      // find_live(slot, count, live): the least k whose entry is live, or count.
      { handler.find_live(word, word, live) } -> std::same_as<typename H::Word>;
      // count_live(slot, count, live): how many are live.
      { handler.count_live(word, word, live) } -> std::same_as<typename H::Word>;
      // clear(slot, count, hole, live): every live one is exchanged for `hole`.
      { handler.clear(word, word, word, live) } -> std::same_as<BasicRunChange<typename H::Word>>;
      // rewrite(slot, count, step): each entry e becomes step(e) by compare-exchange, asked again
      // when hardware came between; entries with step(e) == e are left alone.
      { handler.rewrite(word, word, step) } -> std::same_as<BasicRunChange<typename H::Word>>;

      // Carries the scope out on every processor it concerns; when it returns, no processor uses
      // anything the scope covers.
      handler.invalidate(scope);
    };

}  // namespace twinwalk
