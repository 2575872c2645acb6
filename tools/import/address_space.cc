#include "tools/import/address_space.hpp"

#include <algorithm>
#include <iterator>

namespace twinwalk::tools {
namespace {

using fuzz::AccessKind;
using fuzz::Expectation;
using fuzz::Op;
using fuzz::OpKind;

Op range_op(OpKind kind, std::uint64_t va, std::uint64_t length) {
  Op op;
  op.kind = kind;
  op.va = VirtAddr(va);
  op.length = length;
  return op;
}

}  // namespace

MappingFlags Protection::flags() const {
  MappingFlags flags = MappingFlags(Flag::READ) | Flag::USER;
  if (write) flags = flags | Flag::WRITE;
  if (execute) flags = flags | Flag::EXECUTE;
  return key == 0 ? flags : flags.with_key(key);
}

// ---- Calls -----------------------------------------------------------------------------------

AddressSpace AddressSpace::forked(AddressSpace const& parent) {
  AddressSpace child(parent.policy_, *parent.frames_);
  child.program_break = parent.program_break;
  for (auto const& [va, piece] : parent.pieces_) {
    if (!piece.kind.forked) continue;
    Piece& copy = child.pieces_.emplace(va, piece).first->second;
    if (piece.mapped) child.map_piece(va, copy);
  }
  return child;
}

void AddressSpace::map(std::uint64_t va, std::uint64_t length, Protection protection,
                       MappingKind kind, int cpu) {
  take_out(va, length);
  pieces_.emplace(va, Piece{va + length, protection, kind, {}, false});
  populate(va, length, cpu);
}

void AddressSpace::unmap(std::uint64_t va, std::uint64_t length) { take_out(va, length); }

void AddressSpace::protect(std::uint64_t va, std::uint64_t length, Protection protection,
                           std::optional<std::uint8_t> key, int cpu) {
  learn(va, length, protection);
  if (protection.none()) {
    Pieces kept = copy_of(va, length);
    take_out(va, length);
    for (auto& [start, piece] : kept) {
      protection.key = key.value_or(piece.protection.key);
      piece.protection = protection;
      piece.mapped = false;
    }
    pieces_.merge(kept);
    return;
  }
  for (auto& [start, piece] : pieces_in(va, length)) {
    protection.key = key.value_or(piece.protection.key);
    piece.protection = protection;
  }
  emit_protection(va, length);
  populate(va, length, cpu);
}

void AddressSpace::move(std::uint64_t from, std::uint64_t old_length, std::uint64_t to,
                        std::uint64_t new_length, bool keep, int cpu) {
  learn(from, old_length, Protection{true, true, false, 0});
  std::uint64_t const moved = std::min(old_length, new_length);
  Pieces const copies = copy_of(from, moved);
  Pieces left = keep ? copy_of(from, old_length) : Pieces();
  Piece const last = std::prev(pieces_in(from, old_length).end())->second;
  take_out(from, old_length);
  for (auto& [start, piece] : left) {
    piece.frames.reset();
    piece.mapped = false;
  }
  pieces_.merge(left);
  take_out(to, new_length);
  place(copies, from, to);
  if (new_length > moved) {
    map(to + moved, new_length - moved, last.protection, last.kind, cpu);
  }
  touch(to, moved, cpu);
}

void AddressSpace::resize(std::uint64_t va, std::uint64_t old_length, std::uint64_t new_length,
                          int cpu) {
  learn(va, old_length, Protection{true, true, false, 0});
  Piece const last = std::prev(pieces_in(va, old_length).end())->second;
  if (new_length < old_length) take_out(va + new_length, old_length - new_length);
  if (new_length > old_length) {
    map(va + old_length, new_length - old_length, last.protection, last.kind, cpu);
  }
}

void AddressSpace::alias(std::uint64_t from, std::uint64_t to, std::uint64_t length, int cpu) {
  learn(from, length, Protection{true, true, false, 0});
  Pieces const copies = copy_of(from, length);
  take_out(to, length);
  place(copies, from, to);
  touch(to, length, cpu);
}

void AddressSpace::drop_contents(std::uint64_t va, std::uint64_t length) {
  Pieces kept = copy_of(va, length);
  take_out(va, length);
  for (auto& [start, piece] : kept) {
    if (piece.kind.anonymous) piece.frames.reset();
    piece.mapped = false;
  }
  pieces_.merge(kept);
}

void AddressSpace::populate(std::uint64_t va, std::uint64_t length, int cpu) {
  std::uint64_t budget = policy_.reservation_bound;
  for (auto it = pieces_in(va, length).begin();
       it != pieces_.end() && it->first < va + length && budget > 0; ++it) {
    if (it->second.mapped || it->second.protection.none()) continue;
    if (it->second.end - it->first > budget) cut(it->first + budget);
    map_piece(it->first, it->second);
    budget -= it->second.end - it->first;
  }
  touch(va, length, cpu);
}

void AddressSpace::set_forked(std::uint64_t va, std::uint64_t length, bool forked) {
  for (auto& [start, piece] : pieces_in(va, length)) piece.kind.forked = forked;
}

void AddressSpace::clear() {
  if (!pieces_.empty()) {
    std::uint64_t const first = pieces_.begin()->first;
    take_out(first, pieces_.rbegin()->second.end - first);
  }
  program_break.reset();
  tables_peak_ = std::max(tables_peak_, tables_now());
  for (std::set<std::uint64_t>& spans : spans_) spans.clear();
}

std::size_t AddressSpace::table_bound() const { return std::max(tables_peak_, tables_now()); }

// ---- Pieces ----------------------------------------------------------------------------------

// Makes `va` the edge of a piece, if it lies within one.
void AddressSpace::cut(std::uint64_t va) {
  auto const behind = pieces_.upper_bound(va);
  if (behind == pieces_.begin()) return;
  auto const piece = std::prev(behind);
  if (piece->first == va || piece->second.end <= va) return;
  Piece upper = piece->second;
  if (upper.frames) *upper.frames += va - piece->first;
  piece->second.end = va;
  pieces_.emplace_hint(behind, va, upper);
}

AddressSpace::Range AddressSpace::pieces_in(std::uint64_t va, std::uint64_t length) {
  cut(va);
  cut(va + length);
  return {pieces_.lower_bound(va), pieces_.lower_bound(va + length)};
}

AddressSpace::Pieces AddressSpace::copy_of(std::uint64_t va, std::uint64_t length) {
  Range const range = pieces_in(va, length);
  return Pieces(range.begin(), range.end());
}

// Puts copies that stood at `from` to `to`, where nothing is, and maps what was mapped.
void AddressSpace::place(Pieces const& copies, std::uint64_t from, std::uint64_t to) {
  for (auto const& [start, copy] : copies) {
    Piece piece = copy;
    piece.end = to + (copy.end - from);
    std::uint64_t const va = to + (start - from);
    if (piece.mapped) map_piece(va, piece);
    pieces_.emplace(va, piece);
  }
}

// What a call names was mapped, even if the trace never saw how: the kernel maps a program and its
// stack by itself.
void AddressSpace::learn(std::uint64_t va, std::uint64_t length, Protection protection) {
  std::uint64_t at = va;
  Range const range = pieces_in(va, length);
  for (auto it = range.begin(); it != range.end(); ++it) {
    if (it->first > at) pieces_.emplace(at, Piece{it->first, protection, {}, {}, false});
    at = it->second.end;
  }
  if (at < va + length) pieces_.emplace(at, Piece{va + length, protection, {}, {}, false});
}

// Forgets a range and removes it from the page tables, in one operation if there is need for one.
void AddressSpace::take_out(std::uint64_t va, std::uint64_t length) {
  Range const range = pieces_in(va, length);
  if (std::any_of(range.begin(), range.end(), [](auto const& p) { return p.second.mapped; })) {
    emit(range_op(OpKind::unmap_region, va, length));
  }
  pieces_.erase(range.begin(), range.end());
}

// ---- Operations ------------------------------------------------------------------------------

void AddressSpace::map_piece(std::uint64_t va, Piece& piece) {
  std::uint64_t const length = piece.end - va;
  if (!piece.frames) piece.frames = frames_->take(va, length, policy_.largest);
  piece.mapped = true;
  uses_keys_ = uses_keys_ || piece.protection.key != 0;
  Op op = range_op(OpKind::map_region, va, length);
  op.flags = piece.protection.flags();
  op.pa = PhysAddr(*piece.frames);
  op.size = policy_.largest;
  count_tables(va, length);
  emit(op);
}

// Gives what is mapped in the range the rights it now has: one operation for the whole range, or,
// where keys differ, one for each run of pieces with the same.
void AddressSpace::emit_protection(std::uint64_t va, std::uint64_t length) {
  Range const range = pieces_in(va, length);
  std::uint64_t start = va;
  for (auto it = range.begin(); it != range.end();) {
    MappingFlags const flags = it->second.protection.flags();
    bool mapped = false;
    for (; it != range.end() && it->second.protection.flags() == flags; ++it) {
      mapped = mapped || it->second.mapped;
      uses_keys_ = uses_keys_ || it->second.protection.key != 0;
    }
    std::uint64_t const end = it == range.end() ? va + length : it->first;
    if (mapped) {
      Op op = range_op(OpKind::protect_region, start, end - start);
      op.flags = flags;
      emit(op);
    }
    start = end;
  }
}

// The program uses what it asked for: one access to the lowest page that is mapped in the range.
void AddressSpace::touch(std::uint64_t va, std::uint64_t length, int cpu) {
  if (!policy_.touch) return;
  Range const range = pieces_in(va, length);
  auto const found = std::find_if(range.begin(), range.end(),
                                  [](auto const& piece) { return piece.second.mapped; });
  if (found == range.end()) return;
  Protection const& protection = found->second.protection;
  Op op;
  op.kind = OpKind::access;
  op.va = VirtAddr(found->first);
  op.user = true;
  op.cpu = static_cast<std::uint8_t>(cpu);
  op.access = protection.write     ? AccessKind::write
              : protection.execute ? AccessKind::fetch
                                   : AccessKind::read;
  emit(op);
}

void AddressSpace::emit(Op op) {
  truncated_ = truncated_ || ops_.size() >= policy_.ops_max || table_bound() > tables_max;
  if (truncated_) return;
  if (policy_.expect) op.expect = Expectation::ok;
  ops_.push_back(fuzz::canonical(op));
}

// ---- Tables ----------------------------------------------------------------------------------

void AddressSpace::count_tables(std::uint64_t va, std::uint64_t length) {
  // Nobody asks how many more there would be.
  if (tables_now() > tables_max) return;
  for (int level = 0; level < table_levels; ++level) {
    int const shift = 21 + 9 * level;
    std::uint64_t const last = (va + length - 1) >> shift;
    for (std::uint64_t span = va >> shift; span <= last; ++span) {
      spans_[static_cast<std::size_t>(level)].insert(span);
    }
  }
}

std::size_t AddressSpace::tables_now() const {
  std::size_t tables = 1;
  for (std::set<std::uint64_t> const& spans : spans_) tables += spans.size();
  return tables;
}

}  // namespace twinwalk::tools
