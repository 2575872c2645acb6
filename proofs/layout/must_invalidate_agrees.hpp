#pragma once

#include "engine/api.hpp"
#include "models/spec/neutral.hpp"
#include "models/spec/word.hpp"
#include "proofs/layout.hpp"
#include "proofs/layout/readings.hpp"

namespace twinwalk::proofs {

// What the spec reads in a leaf of which a processor may hold a copy.
template <class Word>
struct Held {
  BasicMappingFlags<Word> flags;
  Word fetches;  // that it allows, a bit for each kind; EXECUTE may stand for several
  Word dirty;    // 0 or 1; 0 where a clean page is no other than a dirty one
  Word memory;   // what says beside the type what its memory is
};
template <class S, class Word>
constexpr Held<Word> held(typename S::template SettingsOver<Word> const& settings,
                          BasicMappingFlags<Word> flags, Word tracked, int level, Word entry) {
  Word const dirty = S::dirty(level, entry) & tracked;
  if constexpr (requires { S::template grants<Word>(settings, level, entry); }) {
    // Whom neutral flags name the rights for is not all who have some.
    namespace neutral = models::neutral;
    constexpr std::uint64_t named = neutral::bits(Flag::READ) | neutral::bits(Flag::WRITE) |
                                    neutral::bits(Flag::EXECUTE) | neutral::bits(Flag::USER);
    return {BasicMappingFlags<Word>(flags.bits & Word(~named)),
            S::template grants<Word>(settings, level, entry), dirty,
            entry & Word(S::other_memory_field(level))};
  } else {
    return {flags, S::fetches(settings, S::own_rights(level, entry)), dirty, Word(0)};
  }
}

// Whether it must forget the copy once the leaf says something else. (docs/invalidation.md, 2.1.)
template <class Word>
constexpr models::Truth<Word> must_forget(Held<Word> const& before, Held<Word> const& after) {
  namespace neutral = models::neutral;
  constexpr std::uint64_t rights = neutral::bits(Flag::READ) | neutral::bits(Flag::WRITE);
  // A change either way of these; of U/S, since SMEP and SMAP deny what user mode may.
  constexpr std::uint64_t changed = neutral::bits(Flag::USER) | neutral::bits(Flag::DEVICE) |
                                    neutral::bits(Flag::UNCACHED) | neutral::bits(Flag::TYPED) |
                                    neutral::bits(Flag::IGNORE_PAT) | neutral::memory_type_field |
                                    neutral::key_field;
  Word const lost =
      before.flags.bits & ~after.flags.bits & Word(rights | neutral::bits(Flag::GLOBAL));
  Word const different = (before.flags.bits ^ after.flags.bits) & Word(changed);
  Word const denied = before.fetches & ~after.fetches;
  Word const cleaned = before.dirty & ~after.dirty;
  Word const other_memory = before.memory ^ after.memory;
  return (lost | different | denied | cleaned | other_memory) != Word(0);
}

struct MustInvalidateAgrees {
  static constexpr std::string_view name = "must-invalidate-agrees";
  static constexpr std::string_view statement =
      "For every two well-formed leaves of a level with the same address, the engine has a stale "
      "copy of the first forgotten exactly when a right, G or D is lost, or U/S, memory type or "
      "key changes (U/S where that takes a right from somebody); besides, to be on the safe side, "
      "when G is gained, when key bits change that the machine ignores, and of a leaf that grants "
      "nothing.";

  template <class Format, class S>
  static void prove(Layout<Format, S>& layout) {
    SpecOf<S> const& spec = layout.spec;
    auto const options = options_of<Format>(spec.machine());
    SymWord const tracked = as_word(spec.tells_clean_from_dirty());
    SymWord const before = free_word("before");
    SymWord const after = free_word("after");
    for (int level = 1; level <= S::largest_leaf_level; ++level) {
      SymBool const leaves = both(both(is_leaf(spec, level, before), is_leaf(spec, level, after)),
                                  S::leaf_address(level, before) == S::leaf_address(level, after));
      auto const read = [&](SymWord const& leaf) {
        return held<S>(spec.settings(), SymFlags(flags_of_leaf(spec, level, leaf)), tracked, level,
                       leaf);
      };
      SymBool const must = must_forget(read(before), read(after));
      SymBool const engine = Format::must_invalidate(options, level, before, after);
      SymBool const gains_global = (~S::global(spec.settings(), level, before) &
                                    S::global(spec.settings(), level, after)) != SymWord(0);
      SymBool const key_bits = S::key(level, before) != S::key(level, after);
      SymBool const useless = grants_nothing(flags_of_leaf(spec, level, before));
      typename std::vector<typename Layout<Format, S>::Shown> const shown{{"before", before, level},
                                                                          {"after", after, level}};
      layout.prove(at_level(level) + ", what must be forgotten is", leaves, implies(must, engine),
                   shown);
      layout.prove_same(at_level(level) + ", and nothing else but to be on the safe side", leaves,
                        both(engine, !useless),
                        both(either(must, either(gains_global, key_bits)), !useless), shown);
    }
  }
};

}  // namespace twinwalk::proofs
