// What a walk is asked, and the ways it may end: the words that every spec and the walker share.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace twinwalk::models {

// A read-modify-write is a write: an MMU asks for both rights at once and reports the write.
enum class AccessKind : std::uint8_t { read, write, fetch };

// One access of a processor. What its control registers say is in a spec's settings.
struct Access {
  AccessKind kind = AccessKind::read;
  bool user = false;  // made at the privilege of user mode
  bool implicit =
      false;  // made by the processor for itself (descriptor tables, x86): never a user's
  bool guest_walk = false;  // made by a walk of the guest's own tables (second stages)
  bool linear = true;       // comes with an address of the guest's own (second stages)
  AccessKind on_behalf = AccessKind::read;  // of a guest's walk: what the guest was about

  friend constexpr bool operator==(Access const&, Access const&) = default;
};

// Why a walk yields no physical address.
enum class Refusal : std::uint8_t {
  none,
  non_canonical,   // the address has no translation whatever the tables hold
  not_present,     // a hole on the path
  malformed,       // a reserved bit in a present entry
  denied,          // the rights of the path, or a protection key, forbid it
  accessed_clear,  // allowed, but software must set the accessed bit first
  dirty_clear,     // allowed, but software must set the dirty bit first
};

constexpr std::string_view refusal_name(Refusal refusal) {
  constexpr std::array<std::string_view, 7> names{"none",       "non-canonical", "not present",
                                                  "malformed",  "denied",        "accessed clear",
                                                  "dirty clear"};
  return names[static_cast<std::size_t>(refusal)];
}

// The exception that a processor raises, as its manual names and encodes it.
struct Fault {
  Refusal refusal = Refusal::none;
  std::string_view name;          // "PF", "GP"; static storage
  std::uint64_t code = 0;         // error code, qualification, fault status or cause
  std::uint64_t unspecified = 0;  // bits of `code` on which processors may differ
  int level = 0;                  // of the entry that decided; 0 when none was read

  friend constexpr bool operator==(Fault const&, Fault const&) = default;
};

// What forbids an access, each 0 or 1: the rights of the path, and a protection key; and what the
// path grants, where a fault reports it.
template <class Word>
struct Denial {
  Word right{0};
  Word key{0};
  Word granted{0};
};

// A bit or two that hardware changes in a slot, with a locked read-modify-write.
struct Update {
  std::uint64_t slot;
  std::uint64_t mask;

  friend constexpr bool operator==(Update const&, Update const&) = default;
};

// How wrong a processor is that still holds the old entry of a slot after a store, worse last.
enum class StaleEffect : std::uint8_t {
  harmless,         // it behaves as the new entry demands
  lazy,             // a fault too many, which itself removes what is held, or a hint too few
  must_invalidate,  // it may use what is no longer granted: an invalidation is owed
};

// The verdict on a store, with the row of the invalidation sheet that decides.
struct Staleness {
  StaleEffect effect;
  std::string_view row;  // static storage
};

}  // namespace twinwalk::models
