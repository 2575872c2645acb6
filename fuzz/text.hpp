// The readable form of a sequence, `.ops`: line-based, `#` starts a comment, nothing volatile.
//
//   format  x86_64-4
//   machine physical-bits=46 frames=64
//   map     0x40000000 2M rw- -> 0x80000000
//   defer protect 0x40000000 r--
//   cpu 1 access 0x40000000 write expect fault
//
// `format` comes first; `machine`, if it is there, before any operation, and what it leaves out is
// as usual. Numbers are decimal, or hexadecimal with 0x. Operations are those of op_table, each
// after its modifiers (`space N`, `cpu N`, `defer`) and before `expect ok|fault|<error>`. Flags are
// `rwx` with `-` for what is missing, `u` for USER, then what else in a comma list: device,
// uncached, global, ignore-pat, type=N, key=N, soft=N, and bits=N for bits without a name.
//
// Lossless: parse(print(s)) == s for every canonical sequence; and print is the only form that a
// sequence is printed in, so texts can be compared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fuzz/format_shape.hpp"
#include "fuzz/sequence.hpp"

namespace twinwalk::fuzz {

// Bounds that keep hostile files cheap.
inline constexpr std::size_t text_line_bytes_max = 1024;
inline constexpr std::size_t text_op_count_max = std::size_t{1} << 20;

// What is wrong with a text and where, both counted from 1; a column counts bytes. For a file, a
// tool prints "file:line:column: message". The message is one line of printable ASCII.
struct ParseError {
  std::size_t line = 0;
  std::size_t column = 0;
  std::string message;

  friend bool operator==(ParseError const&, ParseError const&) = default;
};

// Reads a text into `out`, or says what is wrong and leaves `out` as it was.
std::optional<ParseError> parse(std::string_view text, FormatList formats, Sequence& out);

// The canonical text. `comment` goes to the top, each of its lines behind a `#`.
std::string print(Sequence const& sequence, FormatList formats, std::string_view comment = {});

// One operation as in a text, without the end of the line.
std::string print(Op const& op);
// Flags as in a text.
std::string print(MappingFlags flags);
std::string_view print(PageSize size);

// A size or flags as in a text, for command lines; nothing when the word is none.
std::optional<PageSize> parse_size(std::string_view word);
std::optional<MappingFlags> parse_flags(std::string_view word);
// A decimal number, or a hexadecimal one with 0x; nothing when it is none or exceeds 64 bits.
std::optional<std::uint64_t> parse_number(std::string_view word);

}  // namespace twinwalk::fuzz
