// How a refutation says things: for people, so that nothing reads it back.
#pragma once

#include <cstdint>
#include <string>

#include "proofs/memory_file.hpp"

namespace twinwalk::proofs {

std::string in_words(MappingFlags flags);
std::string in_words(WalkAnswer const& answer);
std::string in_words(FlushScope const& scope);

// A line each: what was called on which machine, what the engine answered, what it did.
std::string print_call(MemoryFile const& file);
std::string print_outcome(CallRecord const& record);
std::string print_event(MemoryEvent const& event);

}  // namespace twinwalk::proofs
