// What an entry is, where a format says of any when it is a hole, when it faults whatever is asked
// of it, and when it would map a page: exactly one of hole, table, leaf and malformed.
#pragma once

#include <cstdint>

#include "models/spec/field.hpp"
#include "models/spec/word.hpp"

namespace twinwalk::models {

// A base of `Reading`, which has is_hole, has_leaf_shape, and for entries that are no hole
// `faults`.
template <class Reading, template <class Word> class SettingsOver>
struct EntryKinds {
  template <class Word>
  static constexpr Truth<Word> is_malformed(SettingsOver<Word> const& settings, int level,
                                            Word entry) {
    return both(!Reading::is_hole(settings, level, entry), Reading::faults(settings, level, entry));
  }
  template <class Word>
  static constexpr Truth<Word> is_well_formed(SettingsOver<Word> const& settings, int level,
                                              Word entry) {
    return both(!Reading::is_hole(settings, level, entry),
                !Reading::faults(settings, level, entry));
  }
  template <class Word>
  static constexpr Truth<Word> is_table(SettingsOver<Word> const& settings, int level, Word entry) {
    return both(is_well_formed(settings, level, entry), !Reading::has_leaf_shape(level, entry));
  }
  template <class Word>
  static constexpr Truth<Word> is_leaf(SettingsOver<Word> const& settings, int level, Word entry) {
    return both(is_well_formed(settings, level, entry), Reading::has_leaf_shape(level, entry));
  }
  static constexpr EntryKind classify(SettingsOver<std::uint64_t> const& settings, int level,
                                      std::uint64_t entry) {
    if (Reading::is_hole(settings, level, entry)) return EntryKind::hole;
    if (Reading::faults(settings, level, entry)) return EntryKind::malformed;
    return Reading::has_leaf_shape(level, entry) ? EntryKind::leaf : EntryKind::table;
  }
};

}  // namespace twinwalk::models
