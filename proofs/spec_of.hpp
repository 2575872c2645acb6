// A spec of models/spec/ as the theorems see it.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "models/spec/access.hpp"
#include "models/spec/field.hpp"
#include "models/spec/word.hpp"
#include "models/walker.hpp"
#include "proofs/spec.hpp"

namespace twinwalk::proofs {

// `let_options_free<S>(machine)` lets those options be free that the format asks for, and
// `settings_of<S>(machine)` is the machine as the spec's rules ask for it; each architecture says
// so in proofs/formats/.
template <class S>
class SpecOf final : public Spec {
 public:
  using Settings = typename S::template SettingsOver<SymWord>;

  explicit SpecOf(Explorer& explorer)
      : explorer_(explorer), machine_(machine_of_it()), settings_(settings_of<S>(machine_)) {}

  std::string_view name() const override { return S::name; }
  int levels() const override { return S::levels; }
  int largest_leaf_level() const override { return S::largest_leaf_level; }
  int address_bits() const override { return S::address_bits; }
  int level_shift(int level) const override { return S::level_shift(level); }
  MachineSymbols const& machine() const override { return machine_; }
  Settings const& settings() const { return settings_; }

  SymBool is_hole(int level, SymWord const& entry) const override {
    return S::is_hole(settings_, level, entry);
  }
  SymBool is_table(int level, SymWord const& entry) const override {
    return S::is_table(settings_, level, entry);
  }
  SymWord table_address(int level, SymWord const& entry) const override {
    return S::table_address(level, entry);
  }
  SymBool grants_everything(int level, SymWord const& entry) const override {
    return S::grants_everything(level, entry);
  }
  SymWord hardware_may_set(int level, SymWord const& entry) const override {
    auto const set_in = [&](bool leaf) {
      return by_updates([&](auto const& settings) { return changed_in(settings, level, leaf); });
    };
    SymWord const set = select(S::has_leaf_shape(level, entry), set_in(true), set_in(false));
    return select(is_hole(level, entry), SymWord(), set);
  }
  SymWord accessed(int level, SymWord const& entry) const override {
    return S::accessed(level, entry);
  }
  SymWord dirty(int level, SymWord const& entry) const override { return S::dirty(level, entry); }
  SymWord key(int level, SymWord const& entry) const override { return S::key(level, entry); }
  std::string decode(int level, std::uint64_t entry) const override {
    std::span<models::Field const> const fields = S::fields(level, entry);
    std::string text = fmt::format("{:#x}: hole", entry);
    for (models::FieldTable const& table : S::field_tables()) {
      if (table.level != level || table.fields.data() != fields.data()) continue;
      text = fmt::format("{:#x}: {}", entry, table.name);
    }
    for (models::Field const& field : fields) {
      std::uint64_t const value = models::value(field, entry);
      if (value == 0) continue;
      // An address is shown as such, any other field as a number of its own.
      std::uint64_t const address = S::has_leaf_shape(level, entry)
                                        ? S::leaf_address(level, entry)
                                        : S::table_address(level, entry);
      bool const is_address = field.role == models::Role::address;
      text += fmt::format(", {} {:#x}", field.name, is_address ? address : value);
    }
    return text;
  }
  SymWord hole_word(int level) const override { return S::hole_word(settings_, level); }

  SymBool canonical(SymWord const& address) const override { return S::canonical(address); }
  SymWord sign_extend(SymWord const& address) const override { return S::sign_extend(address); }
  SymWord index(int level, SymWord const& address) const override {
    return S::index(level, address);
  }
  SymBool representable(SymFlags const& flags) const override {
    return machine_.of_options(
        [&](MachineOptions const& options) { return S::representable(options, flags); });
  }
  // Only 1G pages are an option, and on some formats alone.
  SymBool supports(int level) const override {
    MachineOptions least;
    least.gigabyte_pages = false;
    bool const always = S::supports(least, static_cast<PageSize>(S::level_shift(level)));
    return always ? SymBool(true) : machine_[MachineSwitch::gigabyte_pages];
  }
  SymBool tells_clean_from_dirty() const override {
    SymWord const told = by_updates([](auto const& settings) {
      return (changed_in(settings, 1, true) & S::dirty_mask(1)) |
             (S::software_must_set(settings, store, 1, clean_leaf() | S::accessed_mask(1)) ==
                      models::Refusal::dirty_clear
                  ? 1U
                  : 0U);
    });
    return told != SymWord(0);
  }
  bool new_entries_owe_fence() const override { return S::new_entries_owe_fence; }
  SymFlags normalise(SymFlags const& flags) const override {
    return SymFlags(machine_.of_options(
        [&](MachineOptions const& options) { return S::normalise(options, flags).bits; }));
  }

  Walk walk(Reader const& read, SymWord const& root, SymWord const& address,
            int lowest) const override {
    Walk walk;
    walk.root = root;
    walk.address = address;
    walk.canonical = S::canonical(address);
    typename S::template RightsOver<SymWord> rights{};
    SymWord table = S::root_table(root);
    SymBool reached = explorer_.settle(walk.canonical);
    for (int level = S::levels; level >= 1; --level) {
      WalkLevel& at = walk.at[static_cast<std::size_t>(level)];
      at.table = table;
      at.slot = S::slot(table, level, address);
      at.reached = reached;
      if (reached.is_false() || level < lowest) break;
      at.entry = read(reached, at.slot);
      at.is_leaf = both(reached, is_leaf(level, at.entry));
      at.is_table = both(reached, S::is_table(settings_, level, at.entry));
      at.is_malformed = both(reached, is_malformed(level, at.entry));
      rights = S::combine(rights, level, at.entry);
      walk.malformed = either(walk.malformed, at.is_malformed);
      if (level <= S::largest_leaf_level) land(walk, level, rights);
      reached = explorer_.settle(at.is_table);
      table = S::table_address(level, at.entry);
    }
    return walk;
  }

  // Leaves that reach beyond the memory that there is are none, for no engine may make such; up to
  // 1G their reserved bits say so.
  SymBool is_leaf(int level, SymWord const& entry) const {
    SymBool const leaf = S::is_leaf(settings_, level, entry);
    if (S::level_shift(level) <= MachineSymbols::physical_bits_min) return leaf;
    return both(leaf, is_in_memory(level, S::leaf_address(level, entry)));
  }
  // Whether the page of a level at this address ends in the memory that there is.
  SymBool is_in_memory(int level, SymWord const& address) const {
    return ((address | offset_mask(level)) & ~machine_.physical_mask) == SymWord(0);
  }

 private:
  void land(Walk& walk, int level, typename S::template RightsOver<SymWord> const& rights) const {
    WalkLevel const& at = walk[level];
    SymWord const flags = machine_.of_options([&](MachineOptions const& options) {
      return S::effective_flags(options, rights, level, at.entry).bits;
    });
    auto const take = [&](SymWord& value, SymWord const& here) {
      value = select(at.is_leaf, here, value);
    };
    walk.found = either(walk.found, at.is_leaf);
    take(walk.physical, S::output(level, at.entry, walk.address));
    take(walk.first, S::leaf_address(level, at.entry));
    take(walk.page_size_log2, SymWord(static_cast<std::uint64_t>(S::level_shift(level))));
    take(walk.flags, flags);
    take(walk.fetches, S::fetches(settings_, rights));
    take(walk.entry, at.entry);
    take(walk.accessed, S::accessed(level, at.entry));
    take(walk.dirty, S::dirty(level, at.entry));
  }

  static constexpr models::Access store{.kind = models::AccessKind::write};

  // A leaf that was neither used nor written, as far as that goes by its bits.
  static constexpr std::uint64_t clean_leaf() {
    if constexpr (requires { S::clean_leaf(); }) return S::clean_leaf();
    return 0;
  }
  // What hardware changes in such an entry when it writes.
  static constexpr std::uint64_t changed_in(typename S::Settings const& settings, int level,
                                            bool leaf) {
    models::EntryKind const kind = leaf ? models::EntryKind::leaf : models::EntryKind::table;
    return models::changed_by_use<S>(settings, store, {0, clean_leaf(), level, kind});
  }

  // A word that depends on nothing but whether hardware sets accessed and dirty.
  template <class Function>
  SymWord by_updates(Function function) const {
    auto const with = [&](bool updates) {
      MachineOptions options;
      machine_switches[static_cast<std::size_t>(MachineSwitch::accessed_and_dirty)].set(options,
                                                                                        updates);
      return SymWord(function(S::settings(options)));
    };
    return select(machine_[MachineSwitch::accessed_and_dirty], with(true), with(false));
  }

  SymBool is_malformed(int level, SymWord const& entry) const {
    SymBool const no_leaf = both(S::is_leaf(settings_, level, entry), !is_leaf(level, entry));
    SymBool const malformed = S::is_malformed(settings_, level, entry);
    bool const any = S::level_shift(level) > MachineSymbols::physical_bits_min;
    return any ? either(malformed, no_leaf) : malformed;
  }

  static MachineSymbols machine_of_it() {
    MachineSymbols machine;
    let_options_free<S>(machine);
    return machine;
  }

  Explorer& explorer_;
  MachineSymbols machine_;
  Settings settings_;
};

// Whether the reserved bits of every level are those of a machine.
template <class S>
SymBool same_reserved(typename S::template SettingsOver<SymWord> const& free,
                      typename S::Settings const& settings) {
  SymBool agrees(true);
  for (int level = 1; level <= S::levels; ++level) {
    SymBool const in_leaf =
        free.reserved_in_leaf(level) == SymWord(settings.reserved_in_leaf(level));
    SymBool const in_table =
        free.reserved_in_table(level) == SymWord(settings.reserved_in_table(level));
    agrees = both(agrees, both(in_leaf, in_table));
  }
  return agrees;
}

}  // namespace twinwalk::proofs
