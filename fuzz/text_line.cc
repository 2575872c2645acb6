#include "fuzz/text_line.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace twinwalk::fuzz {
namespace {

constexpr std::string_view blanks = " \t";

// Takes `prefix` off the front of `text` if it is there.
bool strip(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// One element of the comma list behind the rights.
bool add_attribute(std::string_view word, MappingFlags& flags, std::uint64_t& unnamed) {
  for (auto const& flag : words::plain_flags) {
    if (word == flag.name && !flags.has(flag.value)) {
      flags = flags | flag.value;
      return true;
    }
  }
  std::string_view value = word;
  std::optional<std::uint64_t> number;
  auto const field = [&](std::string_view name, std::uint64_t most) {
    if (!strip(value, name)) return false;
    number = parse_number(value);
    if (number && *number > most) number.reset();
    return true;
  };
  if (field("type=", MappingFlags::memory_type_mask)) {
    if (!number || flags.has(Flag::TYPED)) return false;
    flags = flags.with_memory_type(*number);
  } else if (field("key=", MappingFlags::key_mask)) {
    if (!number || flags.key() != 0) return false;
    flags = flags.with_key(*number);
  } else if (field("soft=", MappingFlags::software_mask)) {
    if (!number || flags.software() != 0) return false;
    flags = flags.with_software(*number);
  } else if (field("bits=", op_flags_mask)) {
    if (!number || unnamed != 0) return false;
    unnamed = *number;
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::optional<std::uint64_t> parse_number(std::string_view word) {
  int const base = strip(word, "0x") ? 16 : 10;
  std::uint64_t value = 0;
  char const* const end = word.data() + word.size();
  auto const result = std::from_chars(word.data(), end, value, base);
  if (word.empty() || result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

std::optional<PageSize> parse_size(std::string_view word) {
  PageSize const* const size = words::find(words::sizes, word);
  return size == nullptr ? std::nullopt : std::optional(*size);
}

std::optional<MappingFlags> parse_flags(std::string_view word) {
  MappingFlags flags;
  auto const right = [&](char letter, Flag flag) {
    if (word.empty() || (word[0] != letter && word[0] != '-')) return false;
    if (word[0] == letter) flags = flags | flag;
    word.remove_prefix(1);
    return true;
  };
  if (!right('r', Flag::READ) || !right('w', Flag::WRITE) || !right('x', Flag::EXECUTE)) {
    return std::nullopt;
  }
  if (strip(word, "u")) flags = flags | Flag::USER;
  std::uint64_t unnamed = 0;
  while (strip(word, ",")) {
    std::string_view const attribute = word.substr(0, word.find(','));
    if (!add_attribute(attribute, flags, unnamed)) return std::nullopt;
    word.remove_prefix(attribute.size());
  }
  if (!word.empty() || (unnamed & ~words::unnamed_bits(flags)) != 0) return std::nullopt;
  return MappingFlags(flags.bits | unnamed);
}

std::string quoted(std::string_view word) {
  constexpr std::size_t longest = 40;
  std::string out = "`";
  for (char const c : word.substr(0, longest)) {
    bool const printable = c >= 0x20 && c < 0x7f;
    out += printable ? c : '?';
  }
  if (word.size() > longest) out += "...";
  return out + '`';
}

void TextLine::read(std::size_t number, std::string_view line) {
  words_.clear();
  next_ = 0;
  number_ = number;
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.size() > text_line_bytes_max) {
    fail_at(text_line_bytes_max + 1,
            "line longer than " + std::to_string(text_line_bytes_max) + " bytes");
    return;
  }
  for (std::size_t i = 0; i < line.size(); ++i) {
    auto const c = static_cast<unsigned char>(line[i]);
    if ((c < 0x20 && c != '\t') || c == 0x7f) {
      fail_at(i + 1, "control character in the text");
      return;
    }
  }
  line = line.substr(0, line.find('#'));
  end_column_ = 1;
  for (std::size_t at = line.find_first_not_of(blanks); at != std::string_view::npos;) {
    std::size_t const end = std::min(line.find_first_of(blanks, at), line.size());
    words_.push_back({line.substr(at, end - at), at + 1});
    end_column_ = end + 1;
    at = line.find_first_not_of(blanks, end);
  }
}

bool TextLine::take(std::string_view word) {
  if (peek() != word || at_end()) return false;
  skip();
  return true;
}

bool TextLine::expect(std::string_view word) { return take(word) || wrong(quoted(word)); }

bool TextLine::number(std::string_view what, std::uint64_t most, std::uint64_t& out) {
  std::string_view const word = peek();
  std::optional<std::uint64_t> const value = parse_number(word);
  if (!value) {
    bool const digits =
        !word.empty() && word[0] >= '0' && word[0] <= '9' &&
        word.find_first_not_of(word.starts_with("0x") ? "x0123456789abcdefABCDEF" : "0123456789") ==
            std::string_view::npos &&
        word != "0x";
    if (digits) return fail(std::string(what) + " exceeds 64 bits: " + quoted(word));
    return wrong(std::string(what));
  }
  if (*value > most) {
    return fail(std::string(what) + " is at most " + std::to_string(most) + ", found " +
                quoted(word));
  }
  out = *value;
  skip();
  return true;
}

bool TextLine::flags(MappingFlags& out) {
  std::optional<MappingFlags> const value = parse_flags(peek());
  if (!value) return wrong("flags such as rw- or r-xu,global,type=1,key=3,soft=0x5");
  out = *value;
  skip();
  return true;
}

bool TextLine::fail(std::string message, std::size_t offset) {
  return fail_at((at_end() ? end_column_ : words_[next_].column) + offset, std::move(message));
}

bool TextLine::fail_at_last(std::string message) {
  return fail_at(words_[next_ - 1].column, std::move(message));
}

bool TextLine::wrong(std::string const& what) {
  return fail("expected " + what + ", found " +
              (at_end() ? "the end of the line" : quoted(peek())));
}

bool TextLine::fail_at(std::size_t column, std::string message) {
  if (!error_) error_ = ParseError{number_, column, std::move(message)};
  return false;
}

}  // namespace twinwalk::fuzz
