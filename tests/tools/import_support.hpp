// What the tests of the importer share: traces in short, operations as lines, and a page-by-page
// replay that knows what must be mapped.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/text.hpp"
#include "tools/import/import.hpp"

namespace twinwalk::tools::testing {

// Only what the calls do: no touches, no expectations, every space kept.
inline ImportOptions bare_options() {
  ImportOptions options = import_options(fuzz::known_formats(), "x86_64-4").value();
  options.policy.touch = false;
  options.policy.expect = false;
  options.ops_min = 0;
  return options;
}

inline Import import_or_fail(std::string_view text, ImportOptions const& options = bare_options()) {
  Parsed<Import> import = import_trace(text, options);
  if (import) return std::move(*import);
  Malformed const& wrong = import.malformed();
  ADD_FAILURE() << wrong.line << ":" << wrong.column << ": " << wrong.message;
  return {};
}

inline std::vector<std::string> lines_of(fuzz::Sequence const& sequence) {
  std::vector<std::string> lines;
  for (fuzz::Op const& op : sequence.ops) {
    std::string& line = lines.emplace_back(fuzz::print(op));
    // A text pads names into a column; that is not what is tested here.
    for (std::size_t at; (at = line.find("  ")) != std::string::npos;) line.erase(at, 1);
  }
  return lines;
}

// The operations of the space at `index`, one text line each.
inline std::vector<std::string> ops_of(std::string_view text, std::size_t index = 0,
                                       ImportOptions const& options = bare_options()) {
  Import const import = import_or_fail(text, options);
  if (index < import.spaces.size()) return lines_of(import.spaces[index].sequence);
  return {};
}

// "LINE:COLUMN: MESSAGE" of a trace that must be refused.
inline std::string refusal_of(std::string_view text) {
  Parsed<Import> const import = import_trace(text, bare_options());
  if (import) return "accepted";
  Malformed const& wrong = import.malformed();
  return std::to_string(wrong.line) + ":" + std::to_string(wrong.column) + ": " + wrong.message;
}

// The pages of one address space. Each operation of an import must succeed on it.
class PageTwin {
 public:
  struct Page {
    std::uint64_t frame;
    std::uint64_t flags;
  };

  void run(fuzz::Sequence const& sequence) {
    for (std::size_t i = 0; i < sequence.ops.size() && !::testing::Test::HasFailure(); ++i) {
      SCOPED_TRACE("operation " + std::to_string(i) + ": " + fuzz::print(sequence.ops[i]));
      run(sequence.ops[i]);
    }
  }

  std::map<std::uint64_t, Page> const& pages() const { return pages_; }

 private:
  static constexpr std::uint64_t page = 4096;

  void run(fuzz::Op const& op) {
    std::uint64_t const first = op.va.value;
    std::uint64_t const end = first + op.length;
    ASSERT_EQ(op.length % page, 0U);
    switch (op.kind) {
      case fuzz::OpKind::map_region:
        ASSERT_EQ(op.pa.value % page, 0U);
        ASSERT_LE(op.pa.value + op.length, std::uint64_t{1} << 46);
        for (std::uint64_t va = first; va != end; va += page) {
          Page const mapped{op.pa.value + (va - first), op.flags.bits};
          ASSERT_TRUE(pages_.emplace(va, mapped).second) << std::hex << va << " is mapped already";
        }
        break;
      case fuzz::OpKind::unmap_region:
        ASSERT_FALSE(in(first, end).empty()) << "nothing to unmap";
        pages_.erase(pages_.lower_bound(first), pages_.lower_bound(end));
        break;
      case fuzz::OpKind::protect_region:
        ASSERT_FALSE(in(first, end).empty()) << "nothing to protect";
        for (Page* mapped : in(first, end)) mapped->flags = op.flags.bits;
        break;
      case fuzz::OpKind::access: {
        Flag const right = op.access == fuzz::AccessKind::write   ? Flag::WRITE
                           : op.access == fuzz::AccessKind::fetch ? Flag::EXECUTE
                                                                  : Flag::READ;
        auto const mapped = pages_.find(first / page * page);
        ASSERT_TRUE(mapped != pages_.end());
        ASSERT_TRUE(MappingFlags(mapped->second.flags).has(right));
        ASSERT_TRUE(MappingFlags(mapped->second.flags).has(Flag::USER));
        break;
      }
      default:
        FAIL() << "the importer makes no such operation";
    }
  }

  std::vector<Page*> in(std::uint64_t first, std::uint64_t end) {
    std::vector<Page*> found;
    for (auto it = pages_.lower_bound(first); it != pages_.lower_bound(end); ++it) {
      found.push_back(&it->second);
    }
    return found;
  }

  std::map<std::uint64_t, Page> pages_;
};

}  // namespace twinwalk::tools::testing
