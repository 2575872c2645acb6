// The words that the printer and the parser of .mem share. Internal to tools/support/memory_*.cc.
#pragma once

#include <array>
#include <string_view>

#include "fuzz/text_words.hpp"
#include "proofs/memory_file.hpp"

namespace twinwalk::tools::memory_words {

using fuzz::words::Word;

// The calls without a page size; `map` has one.
inline constexpr std::array<std::string_view, 10> calls{
    "unmap",       "protect",      "remap",     "query", "clear_accessed",
    "clear_dirty", "set_accessed", "set_dirty", "split", "share_root_entries"};

inline constexpr std::array<Word<bool>, 2> switches{{{"on", true}, {"off", false}}};

inline constexpr std::array<Word<PagingError>, 9> errors{
    {{"UnsupportedPageSize", PagingError::UnsupportedPageSize},
     {"InvalidAddress", PagingError::InvalidAddress},
     {"NotAligned", PagingError::NotAligned},
     {"UnrepresentableFlags", PagingError::UnrepresentableFlags},
     {"Borrowed", PagingError::Borrowed},
     {"NotMapped", PagingError::NotMapped},
     {"AlreadyMapped", PagingError::AlreadyMapped},
     {"MappedToHugePage", PagingError::MappedToHugePage},
     {"NoMemory", PagingError::NoMemory}}};

// The parts of a flush that are there or not.
inline constexpr std::array<Word<bool FlushScope::*>, 6> scope_parts{
    {{"every-space", &FlushScope::every_space},
     {"everything", &FlushScope::everything},
     {"table-changed", &FlushScope::table_changed},
     {"global", &FlushScope::global},
     {"barrier", &FlushScope::barrier},
     {"fence", &FlushScope::fence}}};

inline constexpr std::array<Word<proofs::WalkAnswer::Kind>, 4> answers{
    {{"leaf", proofs::WalkAnswer::Kind::leaf},
     {"hole", proofs::WalkAnswer::Kind::hole},
     {"malformed", proofs::WalkAnswer::Kind::malformed},
     {"non-canonical", proofs::WalkAnswer::Kind::non_canonical}}};

}  // namespace twinwalk::tools::memory_words
