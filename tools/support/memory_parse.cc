#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "fuzz/format_shape.hpp"
#include "fuzz/text_line.hpp"
#include "tools/support/memory_text.hpp"
#include "tools/support/memory_words.hpp"

namespace twinwalk::tools {
namespace {

using proofs::MemoryEvent;
using proofs::MemoryFile;
using proofs::WalkAnswer;

constexpr std::uint64_t any_word = std::numeric_limits<std::uint64_t>::max();

class Parser {
 public:
  explicit Parser(MemoryFile& out) : out_(out) {}

  std::optional<Malformed> run(std::string_view text) {
    std::size_t number = 0;
    bool more = true;
    while (more) {
      std::size_t const end = text.find('\n');
      line_.read(++number, text.substr(0, end));
      if (line_.error()) return line_.error();
      if (!line_.empty() && !one_line()) return line_.error();
      more = end != std::string_view::npos;
      if (more) text.remove_prefix(end + 1);
    }
    if (!has_format_) return Malformed{number, 1, "there is no `format` line"};
    if (out_.call.empty()) return Malformed{number, 1, "there is no `call` line"};
    return std::nullopt;
  }

 private:
  bool one_line() {
    if (!has_format_ && line_.peek() != "format") return line_.fail("expected `format NAME` first");
    bool const fine = line_.take("format")       ? format_line()
                      : line_.take("machine")    ? machine_line()
                      : line_.take("call")       ? call_line()
                      : line_.take("entry")      ? memory_word(out_.entries, "slot")
                      : line_.take("live_count") ? memory_word(out_.live_counts, "frame")
                      : line_.take("link")       ? memory_word(out_.links, "frame")
                      : line_.take("frame")      ? frame_line()
                      : line_.take("no-frame")   ? no_frame_line()
                      : line_.take("strike")     ? strike_line()
                      : line_.take("expect")     ? expect_line()
                                                 : line_.wrong("a line of a memory file");
    return fine && (line_.at_end() || line_.fail("unexpected " + fuzz::quoted(line_.peek())));
  }

  bool word(std::string_view what, std::uint64_t& out) { return line_.number(what, any_word, out); }
  // NAME followed by a number.
  bool named(std::string_view name, std::uint64_t& out) {
    return line_.expect(name) && word(name, out);
  }

  bool format_line() {
    if (std::exchange(has_format_, true)) return line_.fail_at_last("`format` is given twice");
    for (fuzz::FormatShape const& shape : fuzz::known_formats()) {
      if (!line_.take(shape.name)) continue;
      out_.format = shape.name;
      return true;
    }
    return line_.wrong("a known format");
  }

  bool machine_line() {
    while (!line_.at_end()) {
      std::string_view const setting = line_.peek();
      std::size_t const equals = std::min(setting.find('='), setting.size());
      std::string_view const name = setting.substr(0, equals);
      std::string_view const value = setting.substr(std::min(equals + 1, setting.size()));
      if (!machine_setting(name, value, equals + 1)) return false;
      line_.skip();
    }
    return true;
  }

  bool machine_setting(std::string_view name, std::string_view value, std::size_t offset) {
    if (name == "physical-bits") {
      auto const bits = fuzz::parse_number(value);
      if (!bits || *bits < 32 || *bits > 52) {
        return line_.fail("physical-bits is 32 to 52, found " + fuzz::quoted(value), offset);
      }
      out_.machine.physical_bits = static_cast<std::uint8_t>(*bits);
      return true;
    }
    auto const setting =
        std::find_if(proofs::machine_switches.begin(), proofs::machine_switches.end(),
                     [&](proofs::MachineSwitchInfo const& one) { return one.name == name; });
    bool const is_known = setting != proofs::machine_switches.end();
    if (!is_known && name != "amd") return line_.wrong("a setting of the machine such as nx=on");
    bool const* const on = fuzz::words::find(memory_words::switches, value);
    if (on == nullptr) {
      return line_.fail(std::string(name) + " is on or off, found " + fuzz::quoted(value), offset);
    }
    if (is_known) {
      setting->set(out_.machine, *on);
    } else {
      out_.amd = *on;
    }
    return true;
  }

  // call NAME root R [borrower B] va V pa P flags F
  bool call_line() {
    if (!out_.call.empty()) return line_.fail_at_last("`call` is given twice");
    std::string name;
    if (line_.take("map")) {
      PageSize size{};
      if (!line_.one_of("a page size", fuzz::words::sizes, size)) return false;
      name = "map " + std::string(fuzz::print(size));
    } else {
      for (std::string_view const call : memory_words::calls) {
        if (name.empty() && line_.take(call)) name = call;
      }
      if (name.empty()) return line_.wrong("the name of a call");
    }
    if (!named("root", out_.root)) return false;
    if (line_.take("borrower") && !word("borrower", out_.borrower)) return false;
    out_.call = std::move(name);
    return named("va", out_.va) && named("pa", out_.pa) && named("flags", out_.flags);
  }

  bool memory_word(std::vector<proofs::MemoryWord>& words, std::string_view where) {
    proofs::MemoryWord& made = words.emplace_back();
    return word(where, made.address) && word("a word", made.value);
  }
  bool frame_line() {
    std::uint64_t frame = 0;
    if (!word("the frame's address", frame)) return false;
    out_.frames.emplace_back(frame);
    return true;
  }
  bool no_frame_line() {
    out_.frames.emplace_back(std::nullopt);
    return true;
  }
  bool strike_line() {
    MemoryFile::Strike& made = out_.strikes.emplace_back();
    std::uint64_t count = 0;
    if (!word("slot", made.slot) || !word("bits", made.bits)) return false;
    if (!named("before-access", count)) return false;
    made.accesses_before = count;
    return true;
  }

  // ---- What is expected ----

  bool expect_line() {
    proofs::CallRecord& record = out_.predicted;
    if (line_.take("status")) return status();
    if (line_.take("leaf")) return leaf(record.leaf.emplace());
    if (line_.take("plan")) return scope(record.plan.emplace());
    if (line_.take("live_count")) return memory_word(record.live_counts, "frame");
    if (line_.take("link")) return memory_word(record.links, "frame");
    if (line_.take("witness")) return witness();
    if (line_.take("assertion-fails")) return record.assertion_failed = true;
    if (line_.take("not-applicable")) {
      record.applies = false;
      return true;
    }
    if (line_.take("frames-asked")) {
      std::uint64_t count = 0;
      if (!word("a count", count)) return false;
      record.frames_asked = count;
      return true;
    }
    return event();
  }

  bool status() {
    proofs::CallRecord& record = out_.predicted;
    if (line_.take("Ok")) return true;
    return line_.one_of("Ok or an error", memory_words::errors, record.error.emplace()) &&
           word("where", record.where);
  }

  bool event() {
    MemoryEvent made;
    bool fine = false;
    if (line_.take("store")) {
      fine = word("slot", made.address) && word("an entry", made.value);
    } else if (line_.take("run")) {
      made.kind = MemoryEvent::Kind::run;
      fine = word("slot", made.address) && word("the first entry", made.value) &&
             word("the next entry", made.next) && word("the last entry", made.last);
    } else if (line_.take("flush")) {
      made.kind = MemoryEvent::Kind::flush;
      fine = scope(made.scope);
    } else if (line_.take("free")) {
      made.kind = MemoryEvent::Kind::free;
      fine = word("the frame's address", made.address);
    } else {
      return line_.wrong("something to expect");
    }
    out_.predicted.events.push_back(made);
    return fine;
  }

  bool scope(FlushScope& out) {
    if (!word("root", out.root)) return false;
    for (auto const& part : memory_words::scope_parts) {
      if (line_.take(part.name)) out.*part.value = true;
    }
    while (line_.take("range")) {
      if (out.range_count == FlushScope::range_count_max) {
        return line_.fail_at_last("too many ranges");
      }
      FlushRange& range = out.ranges[out.range_count++];
      if (!word("the first address", range.first) || !word("the last address", range.last) ||
          !line_.one_of("a page size", fuzz::words::sizes, range.stride)) {
        return false;
      }
    }
    return true;
  }

  bool leaf(Leaf& out) {
    if (!word("virtual address", out.virt.value) || !word("physical address", out.phys.value) ||
        !line_.one_of("a page size", fuzz::words::sizes, out.size) ||
        !word("flags", out.flags.bits)) {
      return false;
    }
    if (line_.take("accessed")) out.accessed = 1;
    if (line_.take("dirty")) out.dirty = 1;
    return true;
  }

  // Each has two lines, one after the other.
  bool witness() {
    proofs::Witness made;
    if (!word("root", made.root) || !word("address", made.address)) return false;
    std::vector<proofs::Witness>& all = out_.predicted.witnesses;
    if (line_.take("before")) {
      all.push_back(made);
      return answer(all.back().before);
    }
    if (!line_.expect("after")) return false;
    if (all.empty() || all.back().root != made.root || all.back().address != made.address) {
      return line_.fail_at_last("the line before says what this witness found before");
    }
    return answer(all.back().after);
  }

  bool answer(WalkAnswer& out) {
    if (!line_.one_of("what the walk finds", memory_words::answers, out.kind)) return false;
    if (out.kind != WalkAnswer::Kind::leaf) return true;
    if (!word("physical address", out.physical) ||
        !line_.one_of("a page size", fuzz::words::sizes, out.size) ||
        !word("flags", out.flags.bits)) {
      return false;
    }
    out.accessed = line_.take("accessed");
    out.dirty = line_.take("dirty");
    return true;
  }

  MemoryFile& out_;
  fuzz::TextLine line_;
  bool has_format_ = false;
};

}  // namespace

bool is_memory_file(std::string_view name, std::string_view content) {
  return name.ends_with(".mem") || content.starts_with(memory_first_line);
}

Parsed<MemoryFile> parse_memory(std::string_view text) {
  MemoryFile file;
  if (auto const error = Parser(file).run(text)) return *error;
  return file;
}

}  // namespace twinwalk::tools
