#pragma once

#include "proofs/layout.hpp"
#include "proofs/layout/readings.hpp"

namespace twinwalk::proofs {

// A change of one thing is a change of nothing else, by the masks of the field tables.
struct SettersTouchTheirField {
  static constexpr std::string_view name = "setters-touch-their-field";
  static constexpr std::string_view statement =
      "Each function of the engine that changes a leaf sets its own fields to what was asked and "
      "leaves every other bit, reserved and ignored ones included: new attributes keep address, "
      "accessed, dirty and software bits.";

  template <class Format, class S>
  static void prove(Layout<Format, S>& layout) {
    for (int level = 1; level <= S::largest_leaf_level; ++level) {
      prove_bits(layout, level);
      prove_attributes(layout, level);
      prove_software(layout, level);
    }
  }

 private:
  // The fields of a leaf that say rights, memory type, key and global.
  template <class S>
  static SymWord attribute_fields(int level) {
    using models::Role;
    std::uint64_t bits = 0;
    for (Role const role : {Role::readable, Role::writable, Role::executable, Role::executable_user,
                            Role::not_executable, Role::not_executable_user, Role::user,
                            Role::write_through, Role::cache_disable, Role::memory_type,
                            Role::shareability, Role::global, Role::not_global, Role::key,
                            Role::privilege, Role::exact_privilege, Role::not_readable}) {
      bits |= leaf_mask<S>(level, role);
    }
    return SymWord(bits);
  }

  template <class Format, class S>
  static void prove_bits(Layout<Format, S>& layout, int level) {
    SymWord const entry = free_word("entry");
    SymWord const others(~accessed_field<S>(level));
    auto const is = [&](char const* what, SymWord const& made, SymWord const& expected) {
      layout.prove_same(at_level(level) + ", " + what, SymBool(true), made, expected,
                        {{"entry", entry, level}, {"made", made, level}});
    };
    is("with accessed", Format::with_accessed(entry) & others, entry & others);
    is("without accessed", Format::without_accessed(entry) & others, entry & others);
    prove_dirty(layout, level, entry);
    is("accessed once set", S::accessed(level, Format::with_accessed(entry)), SymWord(1));
    is("accessed once cleared", S::accessed(level, Format::without_accessed(entry)), SymWord(0));
    is("dirty once set", S::dirty(level, Format::with_dirty(entry)), SymWord(1));
    is("dirty once cleared", S::dirty(level, Format::without_dirty(entry)), SymWord(0));
  }

  // Where a bit is dirty and nothing else it alone changes; where it is a right as well, no right
  // does.
  template <class Format, class S>
  static void prove_dirty(Layout<Format, S>& layout, int level, SymWord const& entry) {
    SymWord const field(dirty_field<S>(level));
    for (bool const dirty : {true, false}) {
      SymWord const made = dirty ? Format::with_dirty(entry) : Format::without_dirty(entry);
      char const* const what = dirty ? ", with dirty" : ", without dirty";
      layout.prove_same(at_level(level) + what, SymBool(true), made & ~field, entry & ~field,
                        {{"entry", entry, level}, {"made", made, level}});
      layout.prove_same(at_level(level) + what + ", the flags of a leaf",
                        is_leaf(layout.spec, level, entry), flags_of_leaf(layout.spec, level, made),
                        flags_of_leaf(layout.spec, level, entry),
                        {{"entry", entry, level}, {"made", made, level}});
    }
  }

  template <class Format, class S>
  static void prove_attributes(Layout<Format, S>& layout, int level) {
    SpecOf<S> const& spec = layout.spec;
    auto const options = options_of<Format>(spec.machine());
    SymWord const entry = free_word("entry");
    SymFlags const flags(free_word("flags"));
    SymWord const made = Format::with_attributes(level, entry, Format::encode(options, flags));
    SymWord const dirty(dirty_field<S>(level));
    SymWord const others = ~(attribute_fields<S>(level) & ~dirty);
    auto const same = [&](char const* what, SymBool const& assumption, SymWord const& is,
                          SymWord const& expected) {
      layout.prove_same(at_level(level) + ", " + what, assumption, is, expected,
                        {{"entry", entry, level}, {"flags", flags.bits}, {"made", made, level}});
    };
    // Whatever the attributes hold: even made of flags that no leaf can have, they stay in place.
    SymWord const any = Format::with_attributes(level, entry, {free_word("attributes")});
    same("no other bit changes with attributes", SymBool(true), any & others & ~dirty,
         entry & others & ~dirty);
    // Dirty alone may be set, where the machine does not and WRITE is new.
    SymWord const newly_writable =
        spec.preset_dirty(flags) & ~(flags_of_leaf(spec, level, entry) >> 1);
    same("dirty as it was, or preset", both(is_leaf(spec, level, entry), spec.representable(flags)),
         S::dirty(level, made), S::dirty(level, entry) | newly_writable);
    SymWord const software(neutral_software_field);
    same("with attributes, the flags asked for and the software bits it had",
         both(is_leaf(spec, level, entry), spec.representable(flags)),
         flags_of_leaf(spec, level, made),
         (spec.normalise(flags).bits & ~software) | (flags_of_leaf(spec, level, entry) & software));
    // What the old attributes were leaves no trace, key bits that mean nothing here included.
    same("with attributes, as in a new leaf", spec.representable(flags), made & ~others,
         Format::leaf(level, SymWord(0), Format::encode(options, flags)) & ~others);
  }

  // What attributes are is the format's own; so they are judged by the leaves they give.
  template <class Format, class S>
  static void prove_software(Layout<Format, S>& layout, int level) {
    SpecOf<S> const& spec = layout.spec;
    auto const options = options_of<Format>(spec.machine());
    SymWord const entry = free_word("entry");
    SymFlags const flags(free_word("flags"));
    auto const attributes = Format::encode(options, flags);
    SymWord const address = any_leaf_address(spec, level);
    SymWord const plain = Format::leaf(level, address, attributes);
    SymWord const made = Format::leaf(level, address, Format::with_software_of(entry, attributes));
    SymWord const software(leaf_mask<S>(level, models::Role::software));
    layout.prove_same(at_level(level) + ", with the software bits of another",
                      spec.representable(flags), made, (plain & ~software) | (entry & software),
                      {{"entry", entry, level}, {"plain", plain, level}, {"made", made, level}});
  }
};

}  // namespace twinwalk::proofs
