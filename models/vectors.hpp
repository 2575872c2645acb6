// Tables of vectors: a path of entries, an access, and what the manual says becomes of it, a row
// each.
//
// The form is the one that ends the fact sheets, a Markdown table:
//
//   | # | case | entries, top level first | access / settings | expected |
//   |---|---|---|---|---|
//   | 16 | write to a read-only page | `0x2027` `0x3027` `0x4027` `0x5065` | w; wp=1 | PF 0x3 |
//
// Entry k stands in the table at 0x1000 * (k + 1), at the index that its level takes from the row's
// address; every other word of memory is 0. The access comes first, settings follow as name=value
// or as a bare name, parted by commas or semicolons. Numbers are hexadecimal after 0x, else
// decimal. Tables with other headings and all text between tables are passed over; a table without
// headings is taken for vectors when its first row has a number and five cells. What the settings
// mean and which results there are is the architecture's (models/spec/<arch>/vectors.hpp).
#pragma once

#include <istream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "models/spec/vector_row.hpp"

namespace twinwalk::models {

// A row that walked to something else than the table says.
struct VectorDisagreement {
  std::string number;    // of the row, as written
  std::string title;     // its case
  int line = 0;          // counted from 1
  std::string expected;  // in one form, however it was written: "OK 0x5abc 0x1000 0x0"
  std::string actual;
};

struct VectorReport {
  int run = 0;
  int agree = 0;
  std::vector<VectorDisagreement> disagree;  // in the order of the file
};

// What is wrong with the input, and where; both counted from 1, or 0 when no place is to blame.
struct VectorError {
  int line = 0;
  int column = 0;
  std::string message;
};

using VectorResult = std::variant<VectorReport, VectorError>;

// Runs every row of a text through the walker of `arch`, a sheet's file name such as "x86_64". The
// first thing that cannot be read ends it: nothing of the file counts then.
VectorResult run_vectors(std::string_view arch, std::istream& text);

// Whether there is a walker of that name, and all of the names.
bool knows_vectors(std::string_view arch);
std::vector<std::string_view> vector_archs();

}  // namespace twinwalk::models
