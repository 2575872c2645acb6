// One system call as text, put together from the pieces in which a trace may print it, and taken
// apart into its name, arguments and outcome.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tools/import/call.hpp"
#include "tools/import/malformed.hpp"

namespace twinwalk::tools {

// Text that remembers where each of its pieces stood.
class CallText {
 public:
  void append(std::string_view piece, Position where);

  std::string_view text() const { return text_; }
  // The name of the call: what stands before the first parenthesis.
  std::string_view name() const;
  // Where the byte at `offset` stood; the end of the text is a legal offset.
  Position at(std::size_t offset) const;

 private:
  struct Piece {
    std::size_t offset;
    Position where;
  };
  std::string text_;
  std::vector<Piece> pieces_;
};

// Whether a character may stand in the name of a call, or of a flag.
bool is_name_character(char c);

// Takes `NAME(ARGUMENT, …) = OUTCOME` apart. The process number is left to the caller.
Parsed<Event> parse_call(CallText const& call);

}  // namespace twinwalk::tools
