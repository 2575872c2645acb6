// What the machine models can object to: a closed list, kept as data so that an oracle can report
// it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace twinwalk::models {

enum class FindingKind : std::uint8_t {
  load_outside,            // the engine read a word of no frame that it holds
  store_outside,           // the engine wrote one
  misaligned_slot,         // a slot is 8 bytes and aligned
  double_free,             // the frame is free already
  foreign_free,            // the frame was never handed out
  wrong_size_free,         // handed out with another size
  freed_while_linked,      // a table that a root still reaches
  freed_while_cached,      // some processor may still hold a pointer to it
  linked_foreign_frame,    // a table entry names a frame that was not handed out
  linked_data_frame,       // a table entry names a frame of data
  linked_twice,            // one table in two places
  leaked_frame,            // handed out, and neither linked, awaiting a flush nor given back
  unknown_root,            // a flush for the address space of no root
  forbidden_in_one_store,  // size and translation, or more, changed where a hole must stand between
  changed_under_stale_size,  // a piece of a split leaf changed before the old leaf was flushed
  made_beside_other_size,    // a page became valid while one of another size may be held there
  unclean_hole,              // the engine wrote a hole, or linked one, that is not the format's own
  table_restricts,           // an entry to a table grants less than it can, or carries an attribute
};

constexpr std::string_view name(FindingKind kind) {
  switch (kind) {
    case FindingKind::load_outside:
      return "load-outside";
    case FindingKind::store_outside:
      return "store-outside";
    case FindingKind::misaligned_slot:
      return "misaligned-slot";
    case FindingKind::double_free:
      return "double-free";
    case FindingKind::foreign_free:
      return "foreign-free";
    case FindingKind::wrong_size_free:
      return "wrong-size-free";
    case FindingKind::freed_while_linked:
      return "freed-while-linked";
    case FindingKind::freed_while_cached:
      return "freed-while-cached";
    case FindingKind::linked_foreign_frame:
      return "linked-foreign-frame";
    case FindingKind::linked_data_frame:
      return "linked-data-frame";
    case FindingKind::linked_twice:
      return "linked-twice";
    case FindingKind::leaked_frame:
      return "leaked-frame";
    case FindingKind::unknown_root:
      return "unknown-root";
    case FindingKind::forbidden_in_one_store:
      return "forbidden-in-one-store";
    case FindingKind::changed_under_stale_size:
      return "changed-under-stale-size";
    case FindingKind::made_beside_other_size:
      return "made-beside-other-size";
    case FindingKind::unclean_hole:
      return "unclean-hole";
    case FindingKind::table_restricts:
      return "table-restricts";
  }
  return "?";
}

struct Finding {
  FindingKind kind{};
  std::uint64_t where = 0;   // the physical address concerned: a slot or a frame
  std::uint64_t detail = 0;  // the entry, the size or the root concerned
};

// The first few findings of a case; the first is the one that matters, so a bound loses nothing.
class Findings {
 public:
  static constexpr std::size_t kept_max = 16;

  void clear() { count_ = 0; }
  void add(FindingKind kind, std::uint64_t where, std::uint64_t detail = 0) {
    if (count_ < kept_max) kept_[count_] = {kind, where, detail};
    ++count_;
  }
  bool empty() const { return count_ == 0; }
  std::size_t count() const { return count_; }
  std::span<Finding const> list() const {
    return {kept_.data(), count_ < kept_max ? count_ : kept_max};
  }
  bool has(FindingKind kind) const {
    for (Finding const& finding : list())
      if (finding.kind == kind) return true;
    return false;
  }

 private:
  std::array<Finding, kept_max> kept_{};
  std::size_t count_ = 0;
};

}  // namespace twinwalk::models
