// Whether what came out is what the author of a text said must come out.
#pragma once

#include <optional>
#include <string>

#include "fuzz/op.hpp"
#include "fuzz/step.hpp"
#include "models/tlb.hpp"

namespace twinwalk::fuzz {

// What is wrong in words, or nothing.
std::optional<std::string> unmet_by_call(Expectation expected, Answer const& answer);
std::optional<std::string> unmet_by_access(Expectation expected, models::Answers const& answers);

}  // namespace twinwalk::fuzz
