// Why engine, flat map and walker part at an address, as far as their state tells it: for the
// report of a finding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "engine/api.hpp"
#include "fuzz/step.hpp"
#include "fuzz/words.hpp"
#include "models/finding.hpp"
#include "models/frames.hpp"
#include "models/memory.hpp"
#include "models/spec/field.hpp"
#include "models/walker.hpp"

namespace twinwalk::fuzz {

// What one of the three says of a byte, made comparable.
struct View {
  bool mapped = false;
  std::uint64_t physical = 0;  // of the byte
  PageSize size = PageSize::Size4K;
  MappingFlags flags;
  bool accessed = false;
  bool dirty = false;

  friend bool operator==(View const&, View const&) = default;
};

inline View view_of(std::optional<Leaf> const& leaf, VirtAddr va) {
  if (!leaf) return {};
  return {true,
          leaf->phys.value + (va.value - leaf->virt.value),
          leaf->size,
          leaf->flags,
          leaf->accessed != 0,
          leaf->dirty != 0};
}

// Who stands alone.
inline std::string verdict(View const& engine, View const& flat_map, View const& walker) {
  if (engine == flat_map && flat_map == walker) return "all three agree on this address";
  if (engine == flat_map) return "the hardware sees something else than engine and flat map";
  if (engine == walker) return "the tables hold something else than the flat map predicts";
  if (flat_map == walker) return "the engine reads its tables otherwise than the hardware does";
  return "each of the three says something else";
}

inline std::string name_of(Flag right) {
  if (right == Flag::READ) return "READ";
  if (right == Flag::WRITE) return "WRITE";
  return right == Flag::EXECUTE ? "EXECUTE" : "USER";
}

// Which table entries on the way withhold which right that the leaf grants.
template <class World>
std::string withheld_rights(World const& world, typename World::Translation const& walked) {
  using Spec = typename World::Spec;
  if (!walked.found()) return {};
  MappingFlags const granted = walked.leaf_flags(world.options);
  std::string out;
  for (Flag const right : {Flag::READ, Flag::WRITE, Flag::EXECUTE, Flag::USER}) {
    std::string levels;
    for (models::WalkStep const& at : walked.path) {
      if (at.kind != models::EntryKind::table || !granted.has(right)) continue;
      auto const rights =
          Spec::combine(Spec::own_rights(at.level, at.entry), walked.level, walked.entry);
      MappingFlags const left = Spec::template effective_flags<std::uint64_t>(
          world.options, rights, walked.level, walked.entry);
      if (!left.has(right)) levels += " " + std::to_string(at.level);
    }
    if (levels.empty()) continue;
    out += "because    the leaf grants " + name_of(right) +
           ", and the table entry withholds it at level" + levels + "\n";
  }
  return out;
}

// A line for an access outside the engine's frames that went into a page which this walk ends in.
template <class World>
std::string page_taken_for_table(World const& world, typename World::Translation const& walked) {
  if (!walked.found()) return {};
  for (models::Finding const& finding : world.machine.findings().list()) {
    using enum models::FindingKind;
    bool const outside = finding.kind == load_outside || finding.kind == store_outside;
    bool const in_page =
        finding.where >= walked.frame() && finding.where - walked.frame() < bytes(walked.size);
    if (!outside || !in_page) continue;
    return "because    " + hex(finding.where) + " lies in the page that the leaf of level " +
           std::to_string(walked.level) + " maps: data was taken for a table\n";
  }
  return {};
}

// What the last call stored where processors can see it, and whether a map replaced what stood
// there.
template <class World>
std::string visible_stores(World const& world, Step const& step) {
  using Spec = typename World::Spec;
  constexpr std::size_t shown_max = 8;
  auto const& machine = world.machine;
  auto const& writes = machine.writes();
  bool const fills_holes = step.op.kind == OpKind::map || step.op.kind == OpKind::map_region;
  std::string out;
  std::string reason;
  std::size_t shown = 0;
  for (auto const& write : writes.list()) {
    if (shown++ == shown_max) break;
    int const level = machine.frames()[machine.memory().index(write.slot)].level;
    std::string const where = "level " + std::to_string(level) + " [" + hex(write.slot) + "]";
    if (level == 0) {
      out +=
          "stored     [" + hex(write.slot) + "] " + hex(write.old) + " -> " + hex(write.now) + "\n";
      continue;
    }
    auto const old = Spec::classify(machine.settings(), level, write.old);
    auto const now = Spec::classify(machine.settings(), level, write.now);
    out += "stored     " + where + " " + hex(write.old) + " " + std::string(kind_name(old)) +
           " -> " + hex(write.now) + " " + std::string(kind_name(now)) + "\n";
    if (!fills_holes || old == models::EntryKind::hole || !reason.empty()) continue;
    reason = "because    " + std::string(info(step.op.kind).name) + " fills holes alone, and " +
             where + " held a " + std::string(kind_name(old)) + "\n";
  }
  if (writes.count() > shown_max) {
    out += "stored     … and " + std::to_string(writes.count() - shown_max) + " more\n";
  }
  return out + reason;
}

}  // namespace twinwalk::fuzz
