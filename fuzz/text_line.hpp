// One line of a text as words with their columns, and the questions a parser asks of it. The first
// answer that is wrong is kept as the error. Internal to fuzz/text*.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/text.hpp"
#include "fuzz/text_words.hpp"

namespace twinwalk::fuzz {

class TextLine {
 public:
  // Splits a line into words, without its end and without its comment.
  void read(std::size_t number, std::string_view line);

  bool empty() const { return words_.empty(); }
  bool at_end() const { return next_ == words_.size(); }
  // The next word, or an empty one at the end.
  std::string_view peek() const { return at_end() ? std::string_view() : words_[next_].text; }
  void skip() { ++next_; }
  // Whether the next word is `word`, which is then taken.
  bool take(std::string_view word);

  // Each takes the next word as what it must be, or notes an error and returns false. `what` is
  // how the message calls it.
  bool expect(std::string_view word);
  bool number(std::string_view what, std::uint64_t most, std::uint64_t& out);
  bool flags(MappingFlags& out);
  template <class Value, std::size_t N>
  bool one_of(std::string_view what, std::array<words::Word<Value>, N> const& choice, Value& out) {
    if (Value const* found = words::find(choice, peek()); found != nullptr) {
      out = *found;
      skip();
      return true;
    }
    std::string names;
    for (auto const& word : choice) names.append(names.empty() ? "" : ", ").append(word.name);
    return wrong(std::string(what) + " (" + names + ")");
  }

  // An error at the next word, at the last one taken, or at `offset` bytes into the next word.
  bool fail(std::string message, std::size_t offset = 0);
  bool fail_at_last(std::string message);
  // "expected WHAT" and what stands there instead.
  bool wrong(std::string const& what);

  std::optional<ParseError> const& error() const { return error_; }

 private:
  struct Piece {
    std::string_view text;
    std::size_t column;
  };

  bool fail_at(std::size_t column, std::string message);

  std::vector<Piece> words_;
  std::size_t next_ = 0;
  std::size_t number_ = 0;
  std::size_t end_column_ = 1;
  std::optional<ParseError> error_;
};

// A word of the input as a message may quote it: printable, and not long.
std::string quoted(std::string_view word);

}  // namespace twinwalk::fuzz
