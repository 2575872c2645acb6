// Sequences of operations from files of every kind that holds some: `.ops` texts, traces of real
// programs, and the binary inputs of fuzzers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/sequence.hpp"
#include "tools/import/malformed.hpp"

namespace twinwalk::tools {

enum class Origin : std::uint8_t { text, trace, binary };

struct NamedSequence {
  std::string name;  // of the file, and of the address space in a trace
  std::string file;
  Origin origin = Origin::text;
  fuzz::Sequence sequence;
};

// What a file holds: one sequence, or one for each address space of a trace. A name that ends in
// .ops, .strace or .strace.gz says what it is; any other file is a text when it looks like one, and
// else an input of a fuzzer, where every byte string is a sequence. Traces become sequences of the
// format at index `format`.
Parsed<std::vector<NamedSequence>> read_sequences(std::filesystem::path const& path,
                                                  std::uint8_t format = 0);

// Whether a file in a folder is taken for sequences: texts, traces, and files without an ending,
// as fuzzers name their inputs.
bool may_hold_sequences(std::filesystem::path const& path);

// Everything that the files and folders hold, or the first file that is malformed.
struct SequenceList {
  std::vector<NamedSequence> sequences;
  std::string bad_file;  // or empty
  Malformed error;
};
SequenceList read_all_sequences(std::vector<std::string> const& paths, std::uint8_t format);

// Where the project's own corpus lies: `corpus` below the working directory, or beside the build
// that this program is from. Empty when there is none.
std::filesystem::path corpus_folder();

// The sequence on another format, without what its author expected, at most `ops_max` operations.
fuzz::Sequence retargeted(fuzz::Sequence sequence, std::uint8_t format, std::size_t ops_max);

// 16 hexadecimal digits that follow from the bytes, or the sequence, alone: names for files.
std::string digest(std::string_view bytes);
std::string digest(fuzz::Sequence const& sequence);

// The name of the file without its folder and endings.
std::string stem_of(std::filesystem::path const& path);

}  // namespace twinwalk::tools
