#include "models/vectors.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "models/specs.hpp"

namespace twinwalk::models {
namespace {

using RowRunner = VectorOutcome (*)(VectorRow const&);

RowRunner runner_of(std::string_view arch) {
  RowRunner runner = nullptr;
  AllSpecs::for_each([&]<class Spec>(std::type_identity<Spec>) {
    if (Spec::arch == arch) runner = &Spec::Vectors::run;
  });
  return runner;
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }
char upper(char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); }

// A piece of a line that remembers where it began, counted from 1.
struct Piece {
  std::string_view text;
  int column = 0;
};

Piece trim(Piece piece) {
  while (!piece.text.empty() && is_space(piece.text.front())) {
    piece.text.remove_prefix(1);
    ++piece.column;
  }
  while (!piece.text.empty() && is_space(piece.text.back())) piece.text.remove_suffix(1);
  return piece;
}

std::vector<Piece> split(Piece piece, std::string_view separators) {
  std::vector<Piece> parts;
  std::size_t at = 0;
  while (at < piece.text.size()) {
    if (separators.find(piece.text[at]) != std::string_view::npos) {
      ++at;
      continue;
    }
    std::size_t const end = std::min(piece.text.find_first_of(separators, at), piece.text.size());
    parts.push_back({piece.text.substr(at, end - at), piece.column + static_cast<int>(at)});
    at = end;
  }
  return parts;
}

// The cells of a table row, or nothing when the line is none. "\|" is a bar inside a cell.
std::optional<std::vector<Piece>> cells_of(std::string_view line) {
  Piece const whole = trim({line, 1});
  if (whole.text.empty() || whole.text.front() != '|') return std::nullopt;
  std::vector<Piece> cells;
  std::size_t begin = 1;
  for (std::size_t at = 1; at <= whole.text.size(); ++at) {
    bool const ends = at == whole.text.size();
    if (!ends && (whole.text[at] != '|' || whole.text[at - 1] == '\\')) continue;
    if (!ends || begin < at) {
      cells.push_back(
          trim({whole.text.substr(begin, at - begin), whole.column + static_cast<int>(begin)}));
    }
    begin = at + 1;
  }
  return cells;
}

bool is_rule(std::vector<Piece> const& cells) {
  for (Piece const& cell : cells) {
    if (cell.text.empty() || cell.text.find_first_not_of("-:") != std::string_view::npos) {
      return false;
    }
  }
  return !cells.empty();
}

bool is_number_word(std::string_view text) { return !text.empty() && is_digit(text.front()); }

// Hexadecimal after 0x, else decimal; '_' may group digits. Nothing when it is no number of 64
// bits.
std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t base = 10;
  if (text.size() > 2 && text[0] == '0' && lower(text[1]) == 'x') {
    base = 16;
    text.remove_prefix(2);
  }
  if (text.empty() || text.front() == '_') return std::nullopt;
  std::uint64_t value = 0;
  for (char const c : text) {
    if (c == '_') continue;
    std::size_t const digit = std::string_view("0123456789abcdef").find(lower(c));
    if (digit >= base) return std::nullopt;
    if (value > (~std::uint64_t{0} - digit) / base) return std::nullopt;
    value = value * base + digit;
  }
  return value;
}

// Where a table keeps what a row needs.
struct Columns {
  std::size_t count = 5;
  std::size_t number = 0;
  std::size_t title = 1;
  std::size_t entries = 2;
  std::size_t access = 3;
  std::size_t expected = 4;
};

bool heads(Piece const& cell, std::string_view word) {
  if (cell.text.size() < word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (lower(cell.text[i]) != word[i]) return false;
  }
  return true;
}

// The columns of a table that begins with these cells, or nothing when it holds no vectors.
std::optional<Columns> columns_of(std::vector<Piece> const& head) {
  Columns columns;
  columns.count = head.size();
  int found = 0;
  for (std::size_t i = 0; i < head.size(); ++i) {
    if (heads(head[i], "#")) columns.number = i, ++found;
    if (heads(head[i], "case")) columns.title = i, ++found;
    if (heads(head[i], "entries")) columns.entries = i, ++found;
    if (heads(head[i], "access")) columns.access = i, ++found;
    if (heads(head[i], "expected")) columns.expected = i, ++found;
  }
  if (found != 5) return std::nullopt;
  return columns;
}

// Reads one row.
class RowReader {
 public:
  RowReader(Columns const& columns, int line) : columns_(columns) { row_.line = line; }

  std::optional<VectorError> read(std::vector<Piece> const& cells) {
    if (cells.size() != columns_.count) {
      return fail(cells.empty() ? 1 : cells.back().column,
                  "the row has " + std::to_string(cells.size()) + " cells, its table " +
                      std::to_string(columns_.count));
    }
    row_.number = cells[columns_.number].text;
    row_.title = cells[columns_.title].text;
    std::optional<VectorError> error = read_entries(cells[columns_.entries]);
    if (!error) error = read_access(cells[columns_.access]);
    if (!error) error = read_expected(cells[columns_.expected]);
    return error;
  }
  VectorRow const& row() const { return row_; }

 private:
  VectorError fail(int column, std::string message) const {
    return {row_.line, column, std::move(message)};
  }

  std::optional<VectorError> read_entries(Piece const& cell) {
    row_.entries_column = cell.column;
    for (Piece const& word : split(cell, " \t,;`")) {
      std::optional<std::uint64_t> const entry = number(word.text);
      if (!entry) return fail(word.column, "'" + std::string(word.text) + "' is no entry");
      row_.entries.push_back(*entry);
    }
    return std::nullopt;
  }

  std::optional<VectorError> read_access(Piece const& cell) {
    row_.access_column = cell.column;
    for (Piece const& part : split(cell, ",;")) {
      for (Piece const& word : settings_in(part)) {
        if (row_.access.empty()) {
          for (char const c : word.text) row_.access.push_back(lower(c));
          row_.access_column = word.column;
          continue;
        }
        std::optional<VectorError> const error = read_setting(word);
        if (error) return error;
      }
    }
    if (row_.access.empty()) return fail(cell.column, "no access");
    return std::nullopt;
  }

  // Words parted by blanks, unless the part is one setting written with blanks around its '='.
  static std::vector<Piece> settings_in(Piece const& part) {
    std::vector<Piece> words = split(part, " \t`");
    bool const spaced = words.size() > 1 && words.size() <= 3 &&
                        (words[1].text.front() == '=' || words[0].text.back() == '=');
    if (!spaced) return words;
    Piece const last = words.back();
    auto const length = static_cast<std::size_t>(last.column - words[0].column) + last.text.size();
    return {{std::string_view(words[0].text.data(), length), words[0].column}};
  }

  std::optional<VectorError> read_setting(Piece const& word) {
    VectorSetting setting;
    setting.column = word.column;
    std::size_t const equals = word.text.find('=');
    std::string_view name = word.text.substr(0, equals);
    std::size_t const dot = name.rfind('.');
    if (dot != std::string_view::npos) name.remove_prefix(dot + 1);
    for (char const c : name) {
      if (!is_space(c) && c != '_' && c != '-') setting.name.push_back(lower(c));
    }
    if (setting.name.empty()) return fail(word.column, "a setting without a name");
    if (equals != std::string_view::npos) {
      Piece const text = trim({word.text.substr(equals + 1), word.column});
      std::optional<std::uint64_t> const value = number(text.text);
      if (!value) return fail(word.column, "'" + std::string(text.text) + "' is no number");
      setting.value = *value;
    }
    row_.settings.push_back(std::move(setting));
    return std::nullopt;
  }

  std::optional<VectorError> read_expected(Piece const& cell) {
    row_.expected_column = cell.column;
    for (Piece const& word : split(cell, " \t,;`()#")) {
      VectorToken token;
      token.column = word.column;
      if (is_number_word(word.text)) {
        std::optional<std::uint64_t> const value = number(word.text);
        if (!value) return fail(word.column, "'" + std::string(word.text) + "' is no number");
        token.number = *value;
      } else {
        for (char const c : word.text) token.name.push_back(upper(c));
      }
      row_.expected.push_back(std::move(token));
    }
    return std::nullopt;
  }

  Columns columns_;
  VectorRow row_;
};

bool agrees(VectorAnswer const& answer) {
  if (answer.expected.size() != answer.actual.size()) return false;
  for (std::size_t i = 0; i < answer.actual.size(); ++i) {
    VectorToken const& want = answer.expected[i];
    VectorToken const& have = answer.actual[i];
    if (want.name != have.name) return false;
    if (((want.number ^ have.number) & ~have.open) != 0) return false;
  }
  return true;
}

std::string hexadecimal(std::uint64_t value) {
  std::string digits;
  do {
    digits.insert(digits.begin(), "0123456789abcdef"[value & 0xf]);
    value >>= 4;
  } while (value != 0);
  return "0x" + digits;
}

std::string text_of(std::vector<VectorToken> const& tokens) {
  std::string text;
  for (VectorToken const& token : tokens) {
    if (!text.empty()) text += ' ';
    text += token.is_number() ? hexadecimal(token.number) : token.name;
  }
  return text;
}

// Walks one row and enters what came of it.
std::optional<VectorError> run_row(RowRunner runner, VectorRow const& row, VectorReport& report) {
  VectorOutcome const outcome = runner(row);
  if (auto const* error = std::get_if<VectorRowError>(&outcome)) {
    return VectorError{row.line, error->column, error->message};
  }
  VectorAnswer const& answer = std::get<VectorAnswer>(outcome);
  ++report.run;
  if (agrees(answer)) {
    ++report.agree;
  } else {
    report.disagree.push_back(
        {row.number, row.title, row.line, text_of(answer.expected), text_of(answer.actual)});
  }
  return std::nullopt;
}

// The table that the lines at hand belong to.
struct Table {
  bool open = false;
  std::optional<Columns> columns;
};

std::optional<VectorError> run_line(RowRunner runner, std::string_view line, int line_number,
                                    Table& table, VectorReport& report) {
  std::optional<std::vector<Piece>> const cells = cells_of(line);
  if (!cells) {
    table = {};
    return std::nullopt;
  }
  if (!table.open) {
    table.open = true;
    table.columns = columns_of(*cells);
    if (table.columns) return std::nullopt;
    bool const bare = cells->size() == Columns{}.count && is_number_word(cells->front().text);
    if (bare) table.columns = Columns{};
  }
  if (!table.columns || is_rule(*cells)) return std::nullopt;
  RowReader reader(*table.columns, line_number);
  std::optional<VectorError> error = reader.read(*cells);
  if (!error) error = run_row(runner, reader.row(), report);
  return error;
}

}  // namespace

VectorResult run_vectors(std::string_view arch, std::istream& text) {
  RowRunner const runner = runner_of(arch);
  if (runner == nullptr) return VectorError{0, 0, "unknown arch '" + std::string(arch) + "'"};
  VectorReport report;
  Table table;
  std::string line;
  int line_number = 0;
  while (std::getline(text, line)) {
    ++line_number;
    std::optional<VectorError> error = run_line(runner, line, line_number, table, report);
    if (error) return std::move(*error);
  }
  if (text.bad()) return VectorError{line_number, 0, "cannot be read"};
  if (report.run == 0) return VectorError{1, 1, "no table of vectors"};
  return report;
}

bool knows_vectors(std::string_view arch) { return runner_of(arch) != nullptr; }

std::vector<std::string_view> vector_archs() {
  std::vector<std::string_view> names;
  AllSpecs::for_each([&]<class Spec>(std::type_identity<Spec>) {
    if (names.empty() || names.back() != Spec::arch) names.push_back(Spec::arch);
  });
  return names;
}

}  // namespace twinwalk::models
