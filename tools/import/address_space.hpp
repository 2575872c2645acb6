// The memory of one traced address space: what is mapped where with which rights, and the
// operations that bring page tables to the same state.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "engine/api.hpp"
#include "fuzz/op.hpp"
#include "fuzz/sequence.hpp"
#include "tools/import/frame_bump.hpp"

namespace twinwalk::tools {

// How an address space is turned into operations. The policies are told in corpus/traces/README.md.
struct SpacePolicy {
  PageSize largest = PageSize::Size2M;                        // that a region may use
  std::uint64_t reservation_bound = std::uint64_t{64} << 20;  // bytes that one call maps at most
  std::uint64_t user_end = std::uint64_t{1} << 47;  // first address that is not the user's
  std::size_t ops_max = 20000;                      // operations after which it stops
  bool touch = true;                                // an access after each call that grants rights
  bool expect = true;                               // each operation says that it must succeed
};

// The rights of a mapping as PROT_READ, PROT_WRITE and PROT_EXEC have them, and its key.
struct Protection {
  bool read = false;
  bool write = false;
  bool execute = false;
  std::uint8_t key = 0;

  bool none() const { return !read && !write && !execute; }
  // For a page of the user's. As the kernel does on x86, whatever may be written or executed may be
  // read too.
  MappingFlags flags() const;
  friend bool operator==(Protection const&, Protection const&) = default;
};

// How a mapping behaves apart from its rights.
struct MappingKind {
  bool anonymous = true;  // dropping its contents gives up its frames
  bool forked = true;     // a forked child gets it
};

class AddressSpace {
 public:
  // A sequence can have no more frames; a few stay spare.
  static constexpr std::size_t spare_frames = 8;
  static constexpr std::size_t tables_max = fuzz::frame_count_max - spare_frames;

  AddressSpace(SpacePolicy const& policy, FrameBump& frames) : policy_(policy), frames_(&frames) {}

  // What a fork makes of `parent`: the same mappings on the same frames. Copy-on-write is not
  // modelled, for a trace does not tell who touches what.
  static AddressSpace forked(AddressSpace const& parent);

  // ---- What calls do. Ranges are whole pages of the user's and not empty (`is_user_range`); `cpu`
  // is the processor that touches what a call made usable.

  // A new mapping, in place of whatever was there.
  void map(std::uint64_t va, std::uint64_t length, Protection protection, MappingKind kind,
           int cpu);
  void unmap(std::uint64_t va, std::uint64_t length);
  // Without a key each mapping keeps its own.
  void protect(std::uint64_t va, std::uint64_t length, Protection protection,
               std::optional<std::uint8_t> key, int cpu);
  // Moves a mapping with its frames; a target that is longer grows by fresh ones. `keep` leaves
  // the mapping itself, emptied, where it was.
  void move(std::uint64_t from, std::uint64_t old_length, std::uint64_t to,
            std::uint64_t new_length, bool keep, int cpu);
  // Lets a mapping grow or shrink at its end.
  void resize(std::uint64_t va, std::uint64_t old_length, std::uint64_t new_length, int cpu);
  // A second view of the frames at `from`.
  void alias(std::uint64_t from, std::uint64_t to, std::uint64_t length, int cpu);
  // The contents go, the mapping stays; it is mapped again when a later call touches it.
  void drop_contents(std::uint64_t va, std::uint64_t length);
  // Maps what was dropped or reserved in the range, as far as it has rights.
  void populate(std::uint64_t va, std::uint64_t length, int cpu);
  void set_forked(std::uint64_t va, std::uint64_t length, bool forked);
  // Everything goes, by one operation.
  void clear();

  // The end of the heap, once the trace has told it.
  std::optional<std::uint64_t> program_break;

  std::vector<fuzz::Op> const& ops() const { return ops_; }
  // Whether operations are missing because there were too many, or too many tables for them.
  bool truncated() const { return truncated_; }
  // At least as many table frames as the operations ever need at once, the root included; more than
  // `tables_max` only when truncated.
  std::size_t table_bound() const;
  bool uses_keys() const { return uses_keys_; }
  bool is_user_range(std::uint64_t va, std::uint64_t length) const {
    return va < policy_.user_end && length <= policy_.user_end - va;
  }

 private:
  // A stretch of a mapping that is alike throughout.
  struct Piece {
    std::uint64_t end = 0;  // exclusive
    Protection protection;
    MappingKind kind;
    std::optional<std::uint64_t> frames;  // physical address of its first byte, once it has one
    bool mapped = false;                  // the page tables hold it
  };
  using Pieces = std::map<std::uint64_t, Piece>;  // by first address; they never overlap

  // The pieces of a range, cut so that none reaches out of it.
  struct Range {
    Pieces::iterator first;
    Pieces::iterator last;  // exclusive
    Pieces::iterator begin() const { return first; }
    Pieces::iterator end() const { return last; }
  };

  Range pieces_in(std::uint64_t va, std::uint64_t length);
  void cut(std::uint64_t va);
  Pieces copy_of(std::uint64_t va, std::uint64_t length);
  void place(Pieces const& copies, std::uint64_t from, std::uint64_t to);
  void learn(std::uint64_t va, std::uint64_t length, Protection protection);
  void take_out(std::uint64_t va, std::uint64_t length);
  void map_piece(std::uint64_t va, Piece& piece);
  void emit_protection(std::uint64_t va, std::uint64_t length);
  void emit(fuzz::Op op);
  void touch(std::uint64_t va, std::uint64_t length, int cpu);
  void count_tables(std::uint64_t va, std::uint64_t length);
  std::size_t tables_now() const;

  SpacePolicy policy_;
  FrameBump* frames_;
  Pieces pieces_;
  std::vector<fuzz::Op> ops_;
  // For each level of tables, the spans that any region may have needed a table for since the space
  // was last empty.
  static constexpr int table_levels = 4;
  std::array<std::set<std::uint64_t>, table_levels> spans_;
  std::size_t tables_peak_ = 0;
  bool truncated_ = false;
  bool uses_keys_ = false;
};

}  // namespace twinwalk::tools
