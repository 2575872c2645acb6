#include "fuzz/expectations.hpp"

#include "fuzz/words.hpp"

namespace twinwalk::fuzz {

std::optional<std::string> unmet_by_call(Expectation expected, Answer const& answer) {
  if (expected == Expectation::none) return std::nullopt;
  bool const met = answer.failure ? expected == expectation_of(answer.failure->error)
                                  : expected == Expectation::ok;
  if (met) return std::nullopt;
  return "the text expects another result than: " + words(answer.failure);
}

std::optional<std::string> unmet_by_access(Expectation expected, models::Answers const& answers) {
  if (expected == Expectation::fault && answers.may_succeed()) {
    return "the text expects a fault, and the access may succeed";
  }
  if (expected == Expectation::ok && answers.may_fault()) {
    return "the text expects success, and the access may fault";
  }
  return std::nullopt;
}

}  // namespace twinwalk::fuzz
