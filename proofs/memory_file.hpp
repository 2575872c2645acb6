// What refutes a theorem about a call, as plain data: what the engine's surroundings held and did,
// and what came of it on the path that was judged. The text that `twinwalk replay` reads is in
// tools/support/memory_text.hpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/api.hpp"

namespace twinwalk::proofs {

// The word at an address: an entry by its slot, metadata by its frame.
struct MemoryWord {
  std::uint64_t address = 0;
  std::uint64_t value = 0;

  friend bool operator==(MemoryWord const&, MemoryWord const&) = default;
};

// One thing that the engine did, in the order in which it did it.
struct MemoryEvent {
  enum class Kind : std::uint8_t {
    store,  // one entry
    run,    // several consecutive ones in one go
    flush,
    free,  // of a frame
  };
  Kind kind = Kind::store;
  std::uint64_t address = 0;  // the slot, the first of a run, or the frame
  std::uint64_t value = 0;    // what stands there then
  std::uint64_t next = 0;     // of a run: what stands in the slot behind it,
  std::uint64_t last = 0;     // and in the last of the table; the three tell its step and its end
  FlushScope scope{};         // of a flush
};

// What the hardware's walk says of an address.
struct WalkAnswer {
  enum class Kind : std::uint8_t { leaf, hole, malformed, non_canonical };
  Kind kind = Kind::hole;
  // Of a leaf.
  std::uint64_t physical = 0;  // of the byte
  PageSize size = PageSize::Size4K;
  MappingFlags flags{};  // what the whole path grants
  bool accessed = false;
  bool dirty = false;

  friend bool operator==(WalkAnswer const&, WalkAnswer const&) = default;
};

// An address that shows the difference, or would: what walks from a root find there.
struct Witness {
  std::uint64_t root = 0;
  std::uint64_t address = 0;
  WalkAnswer before;
  WalkAnswer after;

  friend bool operator==(Witness const&, Witness const&) = default;
};

// What came of a call: predicted by a path of the proofs, or seen in a run.
struct CallRecord {
  bool applies = true;  // false: such a call is not made in such a state
  std::optional<PagingError> error{};
  std::uint64_t where = 0;  // of the error
  std::optional<Leaf> leaf{};
  std::optional<FlushScope> plan{};  // as it was before it was carried out
  std::size_t frames_asked = 0;
  std::vector<MemoryEvent> events{};
  // Of each frame whose metadata was written: what it is in the end, by address.
  std::vector<MemoryWord> live_counts{};
  std::vector<MemoryWord> links{};
  // An assertion of the engine failed; a run ends there and says nothing else.
  bool assertion_failed = false;
  std::vector<Witness> witnesses{};
};

// What a machine has or has not, by the word for it in a text.
enum class MachineSwitch : std::uint8_t {
  no_execute,
  protection_keys,
  gigabyte_pages,
  execute_only,
  mode_based_execute,
  accessed_and_dirty,  // hardware sets both; else neither
  page_memory_types,
};
struct MachineSwitchInfo {
  std::string_view name;
  bool (*get)(MachineOptions const& options);
  void (*set)(MachineOptions& options, bool value);
};
inline constexpr std::array<MachineSwitchInfo, 7> machine_switches{{
    {"nx", [](MachineOptions const& o) { return o.no_execute; },
     [](MachineOptions& o, bool value) { o.no_execute = value; }},
    {"keys", [](MachineOptions const& o) { return o.protection_keys; },
     [](MachineOptions& o, bool value) { o.protection_keys = value; }},
    {"1g", [](MachineOptions const& o) { return o.gigabyte_pages; },
     [](MachineOptions& o, bool value) { o.gigabyte_pages = value; }},
    {"execute-only", [](MachineOptions const& o) { return o.execute_only; },
     [](MachineOptions& o, bool value) { o.execute_only = value; }},
    {"mbec", [](MachineOptions const& o) { return o.mode_based_execute; },
     [](MachineOptions& o, bool value) { o.mode_based_execute = value; }},
    {"ad",
     [](MachineOptions const& o) {
       return o.hardware_updates == HardwareUpdates::accessed_and_dirty;
     },
     [](MachineOptions& o, bool value) {
       o.hardware_updates = value ? HardwareUpdates::accessed_and_dirty : HardwareUpdates::none;
     }},
    {"pbmt", [](MachineOptions const& o) { return o.page_memory_types; },
     [](MachineOptions& o, bool value) { o.page_memory_types = value; }},
}};

struct MemoryFile {
  std::string format;
  MachineOptions machine{};
  bool amd = false;  // it reserves what only AMD reserves

  // ---- The call ----
  std::string call;            // as Operation names it
  std::uint64_t root = 0;      // of the tree that it is made on; of a share, the owner's
  std::uint64_t borrower = 0;  // of a share
  std::uint64_t va = 0;
  std::uint64_t pa = 0;
  std::uint64_t flags = 0;

  // ---- What memory held at first; whatever is not named here holds 0 ----
  std::vector<MemoryWord> entries{};
  std::vector<MemoryWord> live_counts{};
  std::vector<MemoryWord> links{};

  // ---- What the surroundings did ----
  // What the allocator gives, in order; nothing where it has no frame.
  std::vector<std::optional<std::uint64_t>> frames{};
  // Bits that hardware sets right before one access of the engine's to entries.
  struct Strike {
    std::uint64_t slot = 0;
    std::uint64_t bits = 0;
    std::size_t accesses_before = 0;  // how many came before that one

    friend bool operator==(Strike const&, Strike const&) = default;
  };
  std::vector<Strike> strikes{};

  CallRecord predicted{};
};

}  // namespace twinwalk::proofs
