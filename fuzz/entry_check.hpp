// One raw entry, read by the engine and by the manual's field tables; and one set of flags, written
// by the engine and read back by the tables. Stateless, so every input is one comparison.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/api.hpp"
#include "engine/path.hpp"
#include "fuzz/words.hpp"
#include "models/spec/field.hpp"

namespace twinwalk::fuzz {

struct EntryCase {
  MachineOptions machine;
  int level = 1;              // 1 is the last level
  std::uint64_t entry = 0;
  MappingFlags flags;
  PhysAddr pa;                // of the leaf that is written
};

// What engine and spec say differently about the case, or nothing.
template <class Format, class Spec>
std::optional<std::string> check_entry(EntryCase const& c) {
  auto const settings = Spec::settings(c.machine);
  typename Format::template Options<std::uint64_t> const options(c.machine);
  auto const kind = Spec::classify(settings, c.level, c.entry);
  auto const said = [&](std::string const& what) {
    return what + ": level " + std::to_string(c.level) + " entry " + hex(c.entry);
  };

  bool const present = bool(Format::present(c.level, c.entry));
  if (present != (kind != models::EntryKind::hole)) return said("present");
  if (kind == models::EntryKind::table || kind == models::EntryKind::leaf) {
    bool const leaf = is_leaf<Format, std::uint64_t>(c.level, c.entry);
    if (leaf != (kind == models::EntryKind::leaf)) return said("leaf or table");
  }
  if (kind == models::EntryKind::table &&
      Format::table_address(c.entry) != Spec::table_address(c.level, c.entry)) {
    return said("table address");
  }
  if (kind == models::EntryKind::leaf) {
    if (Format::leaf_address(c.level, c.entry) != Spec::output(c.level, c.entry, std::uint64_t{0})) {
      return said("leaf address");
    }
    if (Format::decode(options, c.level, c.entry) !=
        Spec::template flags_of_leaf<std::uint64_t>(c.machine, c.level, c.entry)) {
      return said("flags");
    }
    if ((Format::accessed(c.entry) != 0) != (Spec::accessed(c.level, c.entry) != 0)) {
      return said("accessed");
    }
    if ((Format::dirty(c.entry) != 0) != (Spec::dirty(c.level, c.entry) != 0)) return said("dirty");
  }
  return check_writing<Format, Spec>(c, settings, options);
}

template <class Format, class Spec, class Options>
std::optional<std::string> check_writing(EntryCase const& c, typename Spec::Settings const& settings,
                                         Options const& options) {
  auto const said = [&](std::string const& what, std::uint64_t entry) {
    return what + ": level " + std::to_string(c.level) + " flags " + hex(c.flags.bits) +
           " written as " + hex(entry);
  };
  bool const representable = bool(Format::representable(options, c.flags));
  if (representable != bool(Spec::representable(c.machine, c.flags))) {
    return said("representable", 0);
  }
  PageSize const size = static_cast<PageSize>(Spec::level_shift(c.level));
  if (Format::supports(options, size) != Spec::supports(c.machine, size)) {
    return said("supported size", 0);
  }
  std::uint64_t const pa = c.pa.value & ~(bytes(size) - 1);
  std::uint64_t const last = pa + (bytes(size) - 1);
  bool const fits = bool(Format::physical_range_fits(options, pa, last));
  if (fits != bool(Spec::physical_range_fits(c.machine, pa, last))) return said("address width", pa);
  if (!representable || !fits || !Spec::supports(c.machine, size)) return std::nullopt;

  std::uint64_t const entry = Format::leaf(c.level, pa, Format::encode(c.flags));
  if (Spec::classify(settings, c.level, entry) != models::EntryKind::leaf) {
    return said("no leaf", entry);
  }
  if (Spec::output(c.level, entry, std::uint64_t{0}) != pa) return said("address", entry);
  if (Spec::template flags_of_leaf<std::uint64_t>(c.machine, c.level, entry) !=
      Spec::normalise(c.machine, c.flags)) {
    return said("flags read back", entry);
  }
  return std::nullopt;
}

}  // namespace twinwalk::fuzz
