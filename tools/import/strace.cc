#include "tools/import/strace.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "tools/import/call_text.hpp"

namespace twinwalk::tools {
namespace {

constexpr std::string_view unfinished_mark = "<unfinished ...>";
constexpr std::string_view detached_mark = "<detached ...>";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  return text;
}

// A line without what stands in front of the call, and the process it belongs to.
struct Line {
  std::string_view body;
  Position where;  // of the body
  std::uint32_t process = unnamed_process;

  // Drops `count` bytes from the front.
  void drop(std::size_t count) {
    body.remove_prefix(count);
    where.column += count;
  }
  void drop_blanks() {
    while (!body.empty() && (body.front() == ' ' || body.front() == '\t')) drop(1);
  }
  Malformed complain(std::string what) const { return malformed_at(where, std::move(what)); }
};

// Reads digits at the front of the line as the number of its process.
bool take_process(Line& line) {
  auto const [end, error] =
      std::from_chars(line.body.data(), line.body.data() + line.body.size(), line.process);
  if (error != std::errc() || line.process == unnamed_process) return false;
  line.drop(static_cast<std::size_t>(end - line.body.data()));
  return true;
}

// `12:34:56.789` or `1700000000.123`: a stamp is digits with a colon or a point among them.
std::size_t stamp_length(std::string_view body) {
  std::size_t length = 0;
  bool mark = false;
  while (length < body.size() &&
         (is_digit(body[length]) || body[length] == ':' || body[length] == '.')) {
    mark = mark || !is_digit(body[length]);
    ++length;
  }
  bool const ends = length < body.size() && body[length] == ' ';
  return mark && ends ? length : 0;
}

std::optional<Malformed> take_prefix(Line& line) {
  line.drop_blanks();
  if (line.body.starts_with("[pid")) {
    line.drop(4);
    line.drop_blanks();
    if (!take_process(line)) return line.complain("the number of a process is expected here");
    if (!line.body.starts_with(']')) return line.complain("']' is expected here");
    line.drop(1);
  } else if (!line.body.empty() && is_digit(line.body.front()) && stamp_length(line.body) == 0) {
    if (!take_process(line)) return line.complain("this is no number of a process");
    if (!line.body.starts_with(' ')) {
      return line.complain("a blank is expected behind the number of a process");
    }
  }
  line.drop_blanks();
  while (std::size_t const stamp = stamp_length(line.body)) {
    line.drop(stamp);
    line.drop_blanks();
  }
  return {};
}

class StraceReader {
 public:
  Parsed<Trace> read(std::string_view text) {
    while (!text.empty()) {
      std::size_t const newline = text.find('\n');
      ++trace_.lines;
      if (auto wrong = read_line(text.substr(0, newline))) return *wrong;
      if (newline == std::string_view::npos) break;
      text.remove_prefix(newline + 1);
    }
    if (interrupted_) return malformed_at(interrupted_->where, "the trace ends within this call");
    trace_.calls_lost += pending_.size();
    return std::move(trace_);
  }

 private:
  using Complaint = std::optional<Malformed>;

  // A call that strace's own message about a new process has broken in two, on a terminal.
  struct Interrupted {
    CallText call;
    std::uint32_t process;
    Position where;
  };

  Complaint read_line(std::string_view raw) {
    Line line{trimmed(raw), {trace_.lines, 1}};
    if (std::size_t const nul = line.body.find('\0'); nul != std::string_view::npos) {
      line.drop(nul);
      return line.complain("this is no text");
    }
    if (interrupted_) {
      Interrupted const begun = std::move(*interrupted_);
      interrupted_.reset();
      return read_call(begun.call, line, begun.process);
    }
    if (auto wrong = take_prefix(line)) return wrong;
    if (line.body.empty() || line.body.starts_with("strace: ")) return {};
    if (line.body.starts_with("[ Process PID=")) return {};
    if (line.body.starts_with("+++ ")) return read_end(line);
    if (line.body.starts_with("--- ")) {
      return line.body.size() > 7 && line.body.ends_with(" ---")
                 ? Complaint{}
                 : line.complain("this line about a signal does not end in '---'");
    }
    if (line.body.starts_with("<... ")) return read_resumption(line);
    return read_call({}, line, line.process);
  }

  // `begun` is what an earlier line printed of this call, if any.
  Complaint read_call(CallText begun, Line line, std::uint32_t process) {
    std::size_t const message = line.body.find("strace: Process ");
    if (message != std::string_view::npos && line.body.ends_with(" attached")) {
      begun.append(line.body.substr(0, message), line.where);
      interrupted_ = Interrupted{std::move(begun), process, line.where};
      return {};
    }
    std::optional<std::size_t> const mark =
        std::max(ending(line.body, unfinished_mark), ending(line.body, detached_mark));
    begun.append(line.body.substr(0, mark.value_or(line.body.size())), line.where);
    if (!mark) return keep(begun, process);
    if (begun.name().empty() ||
        !std::all_of(begun.name().begin(), begun.name().end(), is_name_character)) {
      return line.complain("a system call or a line of strace is expected here");
    }
    if (pending_.contains(process)) {
      return line.complain("this process has another call unfinished");
    }
    pending_.emplace(process, std::move(begun));
    return {};
  }

  // Where the mark stands that ends the line. A process that dies in a call leaves
  // `<unfinished ...>) = ?`.
  static std::optional<std::size_t> ending(std::string_view body, std::string_view mark) {
    std::size_t const found = body.rfind(mark);
    if (found == std::string_view::npos) return {};
    std::string_view const rest = body.substr(found + mark.size());
    bool const ends = rest.empty() || (rest.starts_with(')') && rest.ends_with('?'));
    return ends ? std::optional(found) : std::nullopt;
  }

  Complaint keep(CallText const& call, std::uint32_t process) {
    Parsed<Event> event = parse_call(call);
    if (!event) return event.malformed();
    event->process = process;
    trace_.events.push_back(std::move(*event));
    return {};
  }

  Complaint read_resumption(Line line) {
    std::size_t const end = line.body.find(" resumed>");
    if (end == std::string_view::npos) return line.complain("' resumed>' is expected in this line");
    std::string_view const name = line.body.substr(5, end - 5);
    auto const found = find_pending(line.process, name);
    if (found == pending_.end()) {
      // It began before the trace did, as happens when strace is attached to a running process.
      ++trace_.calls_lost;
      return {};
    }
    if (found->second.name() != name) {
      return line.complain("this process has '" + std::string(found->second.name()) +
                           "' unfinished, and not this call");
    }
    std::uint32_t const process = std::max(found->first, line.process);
    CallText begun = std::move(found->second);
    pending_.erase(found);
    line.drop(end + 9);
    return read_call(std::move(begun), line, process);
  }

  // On a terminal a process is not named while it is alone, so the two halves of its call may bear
  // a number and none.
  std::map<std::uint32_t, CallText>::iterator find_pending(std::uint32_t process,
                                                           std::string_view name) {
    auto const own = pending_.find(process);
    if (own != pending_.end()) return own;
    if (process != unnamed_process) {
      auto const unnamed = pending_.find(unnamed_process);
      return unnamed != pending_.end() && unnamed->second.name() == name ? unnamed : pending_.end();
    }
    return std::find_if(pending_.begin(), pending_.end(),
                        [&](auto const& entry) { return entry.second.name() == name; });
  }

  Complaint read_end(Line const& line) {
    constexpr std::string_view superseded = "+++ superseded by execve in pid ";
    if (line.body.size() < 8 || !line.body.ends_with(" +++")) {
      return line.complain("this line about the end of a process does not end in '+++'");
    }
    Event event;
    event.process = line.process;
    event.where = line.where;
    event.last_line = line.where.line;
    event.kind = Event::Kind::ended;
    if (line.body.starts_with(superseded)) {
      Line number = line;
      number.drop(superseded.size());
      if (!take_process(number)) {
        return number.complain("the number of a process is expected here");
      }
      event.kind = Event::Kind::superseded;
      event.by = number.process;
    }
    trace_.calls_lost += pending_.erase(line.process);
    // The thread that lives on comes back from its execve under the number it takes over.
    if (event.by != 0) {
      if (auto call = pending_.extract(event.by)) {
        call.key() = line.process;
        pending_.insert(std::move(call));
      }
    }
    trace_.events.push_back(std::move(event));
    return {};
  }

  Trace trace_;
  std::map<std::uint32_t, CallText> pending_;  // by process: the call that has not come back
  std::optional<Interrupted> interrupted_;
};

}  // namespace

Parsed<Trace> parse_strace(std::string_view text) { return StraceReader().read(text); }

}  // namespace twinwalk::tools
