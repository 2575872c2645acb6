#include <fmt/format.h>

#include <algorithm>

#include "tools/support/memory_text.hpp"
#include "tools/support/memory_words.hpp"

namespace twinwalk::tools {
namespace {

using proofs::CallRecord;
using proofs::MemoryEvent;
using proofs::MemoryFile;
using proofs::MemoryWord;
using proofs::WalkAnswer;

char const* on_off(bool on) { return on ? "on" : "off"; }

// Words that only one of the two states has.
std::string marks(bool accessed, bool dirty) {
  return fmt::format("{}{}", accessed ? " accessed" : "", dirty ? " dirty" : "");
}

std::string scope_words(FlushScope const& scope) {
  std::string text = fmt::format("{:#x}", scope.root);
  for (auto const& part : memory_words::scope_parts) {
    if (scope.*part.value) text += fmt::format(" {}", part.name);
  }
  for (int i = 0; i < scope.range_count; ++i) {
    auto const& range = scope.ranges[i];
    text +=
        fmt::format(" range {:#x} {:#x} {}", range.first, range.last, fuzz::print(range.stride));
  }
  return text;
}

std::string answer_words(WalkAnswer const& answer) {
  std::string text(fuzz::words::name(memory_words::answers, answer.kind));
  if (answer.kind != WalkAnswer::Kind::leaf) return text;
  return text + fmt::format(" {:#x} {} {:#x}{}", answer.physical, fuzz::print(answer.size),
                            answer.flags.bits, marks(answer.accessed, answer.dirty));
}

RecordLine event_line(MemoryEvent const& event) {
  switch (event.kind) {
    case MemoryEvent::Kind::store:
      return {fmt::format("store {:#x} {:#x}", event.address, event.value), event.address,
              event.value};
    case MemoryEvent::Kind::run:
      return {fmt::format("run {:#x} {:#x} {:#x} {:#x}", event.address, event.value, event.next,
                          event.last),
              event.address, event.value};
    case MemoryEvent::Kind::flush:
      return {"flush " + scope_words(event.scope)};
    case MemoryEvent::Kind::free:
      return {fmt::format("free {:#x}", event.address)};
  }
  return {};
}

void add_words(std::string& text, std::string_view what, std::vector<MemoryWord> const& words) {
  for (MemoryWord const& word : words) {
    text += fmt::format("{} {:#x} {:#x}\n", what, word.address, word.value);
  }
}

std::string call_line(MemoryFile const& file) {
  std::string text = fmt::format("call {} root {:#x}", file.call, file.root);
  if (file.borrower != 0) text += fmt::format(" borrower {:#x}", file.borrower);
  return text + fmt::format(" va {:#x} pa {:#x} flags {:#x}  # {}\n", file.va, file.pa, file.flags,
                            fuzz::print(MappingFlags(file.flags)));
}

}  // namespace

std::vector<RecordLine> record_lines(CallRecord const& record) {
  std::vector<RecordLine> lines;
  auto const add = [&](std::string text) { lines.push_back({std::move(text)}); };
  if (record.assertion_failed) add("assertion-fails");
  if (!record.applies) add("not-applicable");
  if (record.applies) {
    add(record.error ? fmt::format("status {} {:#x}", error_name(*record.error), record.where)
                     : "status Ok");
  }
  if (record.leaf) {
    Leaf const& leaf = *record.leaf;
    add(fmt::format("leaf {:#x} {:#x} {} {:#x}{}", leaf.virt.value, leaf.phys.value,
                    fuzz::print(leaf.size), leaf.flags.bits,
                    marks(leaf.accessed != 0, leaf.dirty != 0)));
  }
  if (record.plan) add("plan " + scope_words(*record.plan));
  add(fmt::format("frames-asked {}", record.frames_asked));
  for (MemoryEvent const& event : record.events) lines.push_back(event_line(event));
  for (MemoryWord const& word : record.live_counts) {
    add(fmt::format("live_count {:#x} {:#x}", word.address, word.value));
  }
  for (MemoryWord const& word : record.links) {
    add(fmt::format("link {:#x} {:#x}", word.address, word.value));
  }
  for (proofs::Witness const& witness : record.witnesses) {
    std::string const where = fmt::format("{:#x} {:#x}", witness.root, witness.address);
    add(fmt::format("witness {} before {}", where, answer_words(witness.before)));
    add(fmt::format("witness {} after {}", where, answer_words(witness.after)));
  }
  return lines;
}

std::string print_memory(MemoryFile const& file, std::string_view comment) {
  std::string text = fmt::format("{}\n", memory_first_line);
  while (!comment.empty()) {
    std::size_t const end = std::min(comment.find('\n'), comment.size());
    text += fmt::format("# {}\n", comment.substr(0, end));
    comment.remove_prefix(std::min(end + 1, comment.size()));
  }
  text +=
      fmt::format("\nformat {}\nmachine physical-bits={}", file.format, file.machine.physical_bits);
  for (proofs::MachineSwitchInfo const& one : proofs::machine_switches) {
    text += fmt::format(" {}={}", one.name, on_off(one.get(file.machine)));
  }
  text += fmt::format(" amd={}\n", on_off(file.amd));
  text += call_line(file);
  text += "\n# What memory held at first; whatever is not named holds 0.\n";
  add_words(text, "entry", file.entries);
  add_words(text, "live_count", file.live_counts);
  add_words(text, "link", file.links);
  if (!file.frames.empty() || !file.strikes.empty()) {
    text += "\n# What the allocator gives, and what hardware sets meanwhile.\n";
  }
  for (auto const& frame : file.frames) {
    text += frame ? fmt::format("frame {:#x}\n", *frame) : "no-frame\n";
  }
  for (MemoryFile::Strike const& strike : file.strikes) {
    text += fmt::format("strike {:#x} {:#x} before-access {}\n", strike.slot, strike.bits,
                        strike.accesses_before);
  }
  text += "\n# What the proof's path predicts.\n";
  for (RecordLine const& line : record_lines(file.predicted)) {
    text += fmt::format("expect {}\n", line.text);
  }
  return text;
}

}  // namespace twinwalk::tools
