#pragma once

#include <concepts>
#include <string>
#include <utility>

#include "proofs/layout.hpp"
#include "proofs/layout/readings.hpp"
#include "proofs/layout/typed_fields.hpp"
#include "proofs/operation.hpp"

namespace twinwalk::proofs {

// The typed entries of x86-64 (engine/formats/x86_64_entries.hpp) against the field tables.
struct TypedEntriesAgree {
  static constexpr std::string_view name = "typed-entries-agree";
  static constexpr std::string_view statement =
      "Every field of every typed entry is read and set where the field tables have it, and "
      "setting it changes no other bit; checked forms refuse exactly what does not fit; addresses "
      "are those of the field tables, and what present_with makes has its flags, its address and "
      "no reserved bit.";

  template <class Format, class S>
    requires std::derived_from<Format, X86_64<Format::levels>>
  static void prove(Layout<Format, S>& layout) {
    failed_assertions().clear();
    [&]<int... Index>(std::integer_sequence<int, Index...>) {
      (prove_table<Index + 2>(layout), ...);
    }(std::make_integer_sequence<int, S::levels - 1>{});
    [&]<int... Index>(std::integer_sequence<int, Index...>) {
      (prove_page<Index + 1>(layout), ...);
    }(std::make_integer_sequence<int, S::largest_leaf_level>{});
    [&]<int... Index>(std::integer_sequence<int, Index...>) {
      (prove_either<Index + 2>(layout), ...);
    }(std::make_integer_sequence<int, S::largest_leaf_level - 1>{});
    layout.prove("no assertion fails", SymBool(true), SymBool(failed_assertions().empty()), {});
  }

 private:
  template <int Level, class Format, class S>
  static void prove_table(Layout<Format, S>& layout) {
    using Entry = typename TypedEntriesOf<Format>::template Table<Level>;
    std::string const at = at_level(Level) + ", table, ";
    Entry const entry(free_word("entry"));
    auto const fields = common_fields<S, Entry>(Level, models::EntryKind::table);
    for (auto const& field : fields) prove_field(layout, at, Level, entry, field);
    constexpr std::uint64_t mask =
        role_mask<S>(Level, models::EntryKind::table, models::Role::address);
    prove_address<PageSize::Size4K>(layout, at, Level, entry, mask);
    prove_next_table(layout, at, Level, entry, SymBool(true));

    auto const flags = any_flags<S>(Level, models::EntryKind::table);
    SymWord const address = any_table_address(layout.spec, Level);
    using Page = BasicPhysicalPage<PageSize::Size4K, SymWord>;
    Entry const made =
        Entry::present_with(flags, Page::containing(BasicPhysAddr<SymWord>(address)));
    SymBool const allowed =
        either(layout.spec.machine()[MachineSwitch::no_execute], flags.no_execute() == SymWord(0));
    prove_made(layout, at, Level, allowed, made.bits(), layout.spec.is_table(Level, made.bits()),
               S::table_address(Level, made.bits()) == address);
    prove_flags_kept(layout, at, Level, made, flags.bits(), fields);
  }

  template <int Level, class Format, class S>
  static void prove_page(Layout<Format, S>& layout) {
    using Entry = typename TypedEntriesOf<Format>::template Page<Level>;
    std::string const at = at_level(Level) + ", page, ";
    Entry const entry(free_word("entry") | SymWord(size_mask<S>(Level)));
    auto const fields = common_fields<S, Entry>(Level, models::EntryKind::leaf);
    auto const own_fields = page_fields<S, Entry>(Level);
    for (auto const& field : fields) prove_field(layout, at, Level, entry, field);
    for (auto const& field : own_fields) prove_field(layout, at, Level, entry, field);
    constexpr PageSize size = S::page_size(Level);
    prove_address<size>(layout, at, Level, entry, leaf_mask<S>(Level, models::Role::address));

    auto flags = any_flags<S>(Level, models::EntryKind::leaf);
    // Flags have PAT where a large page has it, whatever page they are for.
    using Flags = decltype(flags);
    for (auto const& field : page_fields<S, Flags>(S::largest_leaf_level)) {
      field.set(flags, any_value(field));
    }
    SymWord const address = any_leaf_address(layout.spec, Level);
    using Page = BasicPhysicalPage<size, SymWord>;
    Entry const made =
        Entry::present_with(flags, Page::containing(BasicPhysAddr<SymWord>(address)));
    SymBool const allowed = both(
        layout.spec.supports(Level),
        either(layout.spec.machine()[MachineSwitch::no_execute], flags.no_execute() == SymWord(0)));
    prove_made(layout, at, Level, allowed, made.bits(), is_leaf(layout.spec, Level, made.bits()),
               S::leaf_address(Level, made.bits()) == address);
    prove_flags_kept(layout, at, Level, made, flags.bits(), fields);
    for (std::size_t i = 0; i < own_fields.size(); ++i) {
      auto const asked = page_fields<S, Flags>(S::largest_leaf_level)[i].read(flags.bits());
      layout.prove_same(at + "present_with keeps " + std::string(own_fields[i].name), SymBool(true),
                        own_fields[i].read(made.bits()), asked, {{"made", made.bits(), Level}});
    }
  }

  template <int Level, class Format, class S>
  static void prove_either(Layout<Format, S>& layout) {
    using Entry = typename TypedEntriesOf<Format>::template Either<Level>;
    std::string const at = at_level(Level) + ", either, ";
    Entry const entry(free_word("entry"));
    for (models::EntryKind const kind : {models::EntryKind::table, models::EntryKind::leaf}) {
      for (auto const& field : common_fields<S, Entry>(Level, kind)) {
        prove_field(layout, at + std::string(models::kind_name(kind)) + ", ", Level, entry, field);
      }
    }
    prove_field(layout, at, Level, entry, size_field<S, Entry>(Level));
    SymBool const large = S::has_leaf_shape(Level, entry.bits());
    prove_next_table(layout, at, Level, entry, !large);
    auto const bits_of = [](auto const& form, SymWord& bits) {
      if (form) bits = form->bits();
      return static_cast<bool>(form);
    };
    auto const table = [&](SymWord& bits) { return bits_of(entry.table(), bits); };
    auto const page = [&](SymWord& bits) { return bits_of(entry.page(), bits); };
    auto const next = [&](SymWord&) { return static_cast<bool>(entry.next_table()); };
    expect_none(layout, at + "no next table of a page", Level, entry, large, next);
    expect_none(layout, at + "a page is no table", Level, entry, large, table);
    expect_one(layout, at + "table", Level, entry, !large, table, entry.bits());
    expect_none(layout, at + "a table is no page", Level, entry, !large, page);
    expect_one(layout, at + "page", Level, entry, large, page, entry.bits());
  }

  // ---- Fields ----

  template <class Format, class S, class Entry>
  static void prove_field(Layout<Format, S>& layout, std::string const& at, int level,
                          Entry const& entry, TypedField<Entry> const& field) {
    std::string const what = at + std::string(field.name);
    SymWord const value = free_word("value");
    SymWord const bits(field.bits);
    SymWord const put = (entry.bits() & ~bits) | ((value << field.lo()) & bits);
    SymBool const fits = (value & ~(bits >> field.lo())) == SymWord(0);
    auto const is = [&](char const* form, SymBool const& assumption, SymWord const& made,
                        SymWord const& expected) {
      layout.prove_same(what + ", " + form, assumption, made, expected,
                        {{"entry", entry.bits(), level}, {"value", value}});
    };
    is("read", SymBool(true), field.get(entry), field.read(entry.bits()));
    is("with", SymBool(true), field.with(entry, value), put);
    Entry set = entry;
    field.set(set, value);
    is("set", SymBool(true), set.bits(), put);
    for (bool const fit : {true, false}) {
      Explorer::Case const scope(layout.explorer);
      layout.explorer.assume(fit ? fits : !fits);
      Entry checked = entry;
      SymWord made = entry.bits();
      bool const taken = field.set_checked(checked, value);
      bool const has = field.with_checked(entry, value, made);
      char const* const form = fit ? "checked, where it fits" : "checked, where it does not";
      layout.prove(what + ", " + form + ", taken or refused", SymBool(true),
                   SymBool(taken == fit && has == fit), {{"value", value}});
      is(form, SymBool(true), checked.bits(), fit ? put : entry.bits());
      is(form, SymBool(true), made, fit ? put : entry.bits());
    }
  }

  // ---- Addresses ----

  template <PageSize size, class Format, class S, class Entry>
  static void prove_address(Layout<Format, S>& layout, std::string const& at, int level,
                            Entry const& entry, std::uint64_t mask) {
    SymWord const word = entry.bits();
    SymWord const address = free_word("address") & SymWord(mask);
    layout.prove_same(at + "physical address", SymBool(true), entry.physical_address().base().value,
                      word & SymWord(mask), {{"entry", word, level}});
    using Page = BasicPhysicalPage<size, SymWord>;
    auto const page = Page::containing(BasicPhysAddr<SymWord>(address));
    layout.prove_same(at + "with a physical address", SymBool(true),
                      entry.with_physical_address(page).bits(), (word & SymWord(~mask)) | address,
                      {{"entry", word, level}, {"address", address}});
    for (bool const is_base : {true, false}) {
      Explorer::Case const scope(layout.explorer);
      SymWord const base = free_word("base");
      SymBool const fits = (base & SymWord(~mask)) == SymWord(0);
      layout.explorer.assume(is_base ? fits : !fits);
      auto const from = Page::from_base(BasicPhysAddr<SymWord>(base));
      bool const has = static_cast<bool>(from);
      layout.prove(at + (is_base ? "a page that starts there" : "no page that starts there"),
                   SymBool(true),
                   both(SymBool(has == is_base), has ? from->base().value == base : SymBool(true)),
                   {{"base", base}});
    }
  }

  // Where it leads, given that it refers to a table if it is present.
  template <class Format, class S, class Entry>
  static void prove_next_table(Layout<Format, S>& layout, std::string const& at, int level,
                               Entry const& entry, SymBool const& refers) {
    SymBool const hole = layout.spec.is_hole(level, entry.bits());
    auto const next = [&](SymWord& address) {
      auto const table = entry.next_table();
      if (table) address = table->base().value;
      return static_cast<bool>(table);
    };
    expect_none(layout, at + "no next table of a hole", level, entry, both(refers, hole), next);
    expect_one(layout, at + "next table", level, entry, both(refers, !hole), next,
               S::table_address(level, entry.bits()));
  }

  // `get` says whether it yields a word, and which. The assumption leaves the entry no choice.
  template <class Format, class S, class Entry, class Get>
  static void expect_none(Layout<Format, S>& layout, std::string const& what, int level,
                          Entry const& entry, SymBool const& assumption, Get const& get) {
    Explorer::Case const scope(layout.explorer);
    layout.explorer.assume(assumption);
    SymWord got;
    layout.prove(what, SymBool(true), SymBool(!get(got)), {{"entry", entry.bits(), level}});
  }
  template <class Format, class S, class Entry, class Get>
  static void expect_one(Layout<Format, S>& layout, std::string const& what, int level,
                         Entry const& entry, SymBool const& assumption, Get const& get,
                         SymWord const& expected) {
    Explorer::Case const scope(layout.explorer);
    layout.explorer.assume(assumption);
    SymWord got;
    bool const has = get(got);
    layout.prove(what + ", there is one", SymBool(true), SymBool(has),
                 {{"entry", entry.bits(), level}});
    layout.prove_same(what, SymBool(true), got, expected, {{"entry", entry.bits(), level}});
  }

  // ---- present_with ----

  template <class Entry>
  static SymWord any_value(TypedField<Entry> const& field) {
    return free_word("asked_" + std::string(field.name));
  }
  // Flags with every common field free.
  template <class S>
  static BasicVirtualMemoryPageBits<SymWord> any_flags(int level, models::EntryKind kind) {
    using Flags = BasicVirtualMemoryPageBits<SymWord>;
    Flags flags;
    for (auto const& field : common_fields<S, Flags>(level, kind)) {
      field.set(flags, any_value(field));
    }
    return flags;
  }

  template <class Format, class S>
  static void prove_made(Layout<Format, S>& layout, std::string const& at, int level,
                         SymBool const& allowed, SymWord const& made, SymBool const& kind,
                         SymBool const& address) {
    layout.prove(at + "present_with makes a well-formed one", allowed, kind,
                 {{"made", made, level}});
    layout.prove(at + "present_with keeps the address", SymBool(true), address,
                 {{"made", made, level}});
  }

  template <class Format, class S, class Entry>
  static void prove_flags_kept(Layout<Format, S>& layout, std::string const& at, int level,
                               Entry const& made, SymWord const& flags,
                               std::vector<TypedField<Entry>> const& fields) {
    for (auto const& field : fields) {
      SymWord const asked = field.name == "present" ? SymWord(1) : field.read(flags);
      layout.prove_same(at + "present_with keeps " + std::string(field.name), SymBool(true),
                        field.read(made.bits()), asked,
                        {{"flags", flags}, {"made", made.bits(), level}});
    }
  }
};

}  // namespace twinwalk::proofs
