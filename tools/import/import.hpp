// Traces of real programs as sequences of operations: what `twinwalk import` does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/format_shape.hpp"
#include "fuzz/sequence.hpp"
#include "tools/import/address_space.hpp"
#include "tools/import/malformed.hpp"
#include "tools/import/processes.hpp"

namespace twinwalk::tools {

struct ImportOptions {
  std::uint8_t format = 0;               // of the sequences: an index into the known formats
  SpacePolicy policy;                    // `user_end` follows from the format
  std::uint64_t first = 0;               // where it puts the program's address 0
  bool has_user = true;                  // false: the pages are the kernel's, as all are there
  std::optional<std::uint32_t> process;  // only the address spaces that this process lived in
  std::size_t ops_min = 8;               // a space with fewer operations is left out

  // The machine is a generous one: what a trace asks for is never refused by it.
  std::uint8_t physical_bits = 46;
};

// The options for a format by name; nothing when there is no such format.
std::optional<ImportOptions> import_options(fuzz::FormatList formats, std::string_view format);

// One address space of a trace, from its first mapping to its teardown.
struct ImportedSpace {
  std::string program;                   // what was executed last in it; empty when nobody knows
  std::vector<std::uint32_t> processes;  // who lived in it, first to last
  fuzz::Sequence sequence;
  bool truncated = false;  // the last operations are missing: there were too many
};

struct Import {
  std::vector<ImportedSpace> spaces;  // in order of appearance
  std::size_t spaces_left_out = 0;    // too few operations, or not the process asked for
  std::size_t lines = 0;
  std::size_t calls_lost = 0;  // began before the trace did, or never came back
  CallCounts calls;
};

// Every operation of the result succeeds on a machine that keeps the contract.
Parsed<Import> import_trace(std::string_view text, ImportOptions const& options = {});

// `STEM-NN-PROGRAM.ops`, a file name for the space at `index`; the same for the same trace.
std::string sequence_file_name(std::string_view stem, Import const& import, std::size_t index);

}  // namespace twinwalk::tools
