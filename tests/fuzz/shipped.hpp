// The shipped engine, judged on texts.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "fuzz/runner.hpp"
#include "fuzz/text.hpp"

namespace twinwalk::fuzz {

inline Sequence parsed(std::string const& text) {
  Sequence out;
  auto const error = parse("format x86_64-4\n" + text, known_formats(), out);
  EXPECT_FALSE(error) << error->line << ':' << error->column << ": " << error->message << '\n'
                      << text;
  return out;
}

inline AnyRunner& shipped() {
  static AnyRunner instance(shipped_engine);
  return instance;
}

// What is wrong with the sequence on the shipped engine, explained; empty when it holds.
inline std::string wrong_with(Sequence const& sequence, std::size_t checkpoint_every = 1) {
  Runner* const runner = shipped().for_sequence(sequence);
  auto const found =
      runner->run(sequence, {.checkpoint_every = checkpoint_every, .judge_expectations = true});
  if (!found) return {};
  return print(sequence, known_formats()) + runner->explain(*found);
}
inline std::string wrong_with(std::string const& text) { return wrong_with(parsed(text)); }

}  // namespace twinwalk::fuzz
