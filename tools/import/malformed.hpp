// Where in an input something stands, and a value or what is wrong there.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "fuzz/text.hpp"

namespace twinwalk::tools {

// Both count from 1; a column counts bytes.
struct Position {
  std::size_t line = 1;
  std::size_t column = 1;

  friend constexpr bool operator==(Position, Position) = default;
};

// Every reader of the project refuses its input in the same way.
using Malformed = fuzz::ParseError;

inline Malformed malformed_at(Position where, std::string what) {
  return Malformed{where.line, where.column, std::move(what)};
}

// A value, or why there is none. (std::expected is C++23.)
template <class Value>
class Parsed {
 public:
  Parsed(Value value) : value_(std::move(value)) {}
  Parsed(Malformed malformed) : malformed_(std::move(malformed)) {}

  explicit operator bool() const { return value_.has_value(); }
  Value& operator*() { return value_.value(); }
  Value const& operator*() const { return value_.value(); }
  Value* operator->() { return &value_.value(); }
  Value const* operator->() const { return &value_.value(); }
  // Only when there is no value.
  Malformed const& malformed() const { return malformed_; }

 private:
  std::optional<Value> value_;
  Malformed malformed_;
};

}  // namespace twinwalk::tools
