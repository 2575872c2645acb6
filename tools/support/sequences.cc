#include "tools/support/sequences.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <span>

#include "fuzz/codec.hpp"
#include "fuzz/format_shape.hpp"
#include "fuzz/text.hpp"
#include "tools/import/import.hpp"
#include "tools/import/trace_file.hpp"
#include "tools/support/files.hpp"

namespace twinwalk::tools {
namespace {

namespace fs = std::filesystem;

bool is_trace(std::string const& name) {
  return name.ends_with(".strace") || name.ends_with(".strace.gz");
}

// Inputs of a fuzzer begin with the codec's version, and are full of zeros.
bool looks_like_text(std::string const& content) {
  return !content.empty() && std::all_of(content.begin(), content.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t' || c == '\r';
  });
}

Parsed<std::vector<NamedSequence>> read_trace(fs::path const& path, std::uint8_t format) {
  Parsed<std::string> const text = read_trace_file(path.string());
  if (!text) return text.malformed();
  fuzz::FormatList const formats = fuzz::known_formats();
  Parsed<Import> const import =
      import_trace(*text, import_options(formats, formats[format].name).value());
  if (!import) return import.malformed();
  std::vector<NamedSequence> sequences;
  for (std::size_t i = 0; i < import->spaces.size(); ++i) {
    sequences.push_back({path.string() + ":" + sequence_file_name(stem_of(path), *import, i),
                         path.string(), Origin::trace, import->spaces[i].sequence});
  }
  return sequences;
}

}  // namespace

Parsed<std::vector<NamedSequence>> read_sequences(fs::path const& path, std::uint8_t format) {
  std::string const name = path.filename().string();
  if (is_trace(name)) return read_trace(path, format);
  Parsed<std::string> const content = read_file(path);
  if (!content) return content.malformed();
  std::vector<NamedSequence> sequences(1);
  sequences.front().name = sequences.front().file = path.string();
  fuzz::Sequence& sequence = sequences.front().sequence;
  if (name.ends_with(".ops") || looks_like_text(*content)) {
    if (auto const error = fuzz::parse(*content, fuzz::known_formats(), sequence)) return *error;
    return sequences;
  }
  sequences.front().origin = Origin::binary;
  auto const* bytes = reinterpret_cast<std::uint8_t const*>(content->data());
  fuzz::decode(std::span(bytes, content->size()), fuzz::known_formats(), sequence);
  return sequences;
}

bool may_hold_sequences(fs::path const& path) {
  std::string const name = path.filename().string();
  return name.ends_with(".ops") || is_trace(name) || !path.has_extension();
}

SequenceList read_all_sequences(std::vector<std::string> const& paths, std::uint8_t format) {
  SequenceList all;
  FileList const list = files_below(paths, may_hold_sequences);
  all.bad_file = list.unreadable;
  all.error = list.error;
  for (fs::path const& file : list.files) {
    if (!all.bad_file.empty()) break;
    Parsed<std::vector<NamedSequence>> const found = read_sequences(file, format);
    if (found) {
      all.sequences.insert(all.sequences.end(), found->begin(), found->end());
    } else {
      all.bad_file = file.string();
      all.error = found.malformed();
    }
  }
  return all;
}

fs::path corpus_folder() {
  std::error_code error;
  if (fs::is_directory("corpus/seeds", error)) return "corpus";
  for (fs::path folder = program_folder(); folder.has_relative_path();
       folder = folder.parent_path()) {
    if (fs::is_directory(folder / "corpus" / "seeds", error)) return folder / "corpus";
  }
  return {};
}

fuzz::Sequence retargeted(fuzz::Sequence sequence, std::uint8_t format, std::size_t ops_max) {
  fuzz::FormatShape const& from = fuzz::known_formats()[sequence.format];
  fuzz::FormatShape const& to = fuzz::known_formats()[format];
  // What had a translation before keeps one in a narrower address space.
  for (fuzz::Op& op : sequence.ops) {
    if (fuzz::is_canonical(from, op.va.value)) {
      op.va = VirtAddr(fuzz::make_canonical(to, op.va.value));
    }
  }
  sequence.format = format;
  fuzz::drop_expectations(sequence);
  if (sequence.ops.size() > ops_max) sequence.ops.resize(ops_max);
  return sequence;
}

std::string digest(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (char const byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return fmt::format("{:016x}", hash);
}

std::string digest(fuzz::Sequence const& sequence) {
  std::vector<std::uint8_t> const bytes = fuzz::encode(sequence);
  return digest(std::string_view(reinterpret_cast<char const*>(bytes.data()), bytes.size()));
}

std::string stem_of(fs::path const& path) {
  std::string name = path.filename().string();
  for (std::string_view ending : {".gz", ".strace", ".ops"}) {
    if (name.ends_with(ending)) name.resize(name.size() - ending.size());
  }
  return name;
}

}  // namespace twinwalk::tools
