#include "tools/import/processes.hpp"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "tools/import/call_arguments.hpp"

namespace twinwalk::tools {
namespace {

// Threads take turns on so many processors.
constexpr std::size_t processors = 2;

// When a call that was interrupted on paper took effect. What gives memory up, or makes a process,
// did so before it came back: others may have used the result already. What asks for memory had it
// only afterwards.
std::size_t effective_line(Event const& event) {
  constexpr std::string_view early[] = {"munmap", "clone", "clone3",    "fork",
                                        "vfork",  "exit",  "exit_group"};
  bool const begins = std::find(std::begin(early), std::end(early), event.name) != std::end(early);
  return begins || event.kind != Event::Kind::call ? event.where.line : event.last_line;
}

}  // namespace

std::optional<Malformed> Processes::replay(Trace const& trace) {
  std::vector<std::pair<std::size_t, Event const*>> order;
  order.reserve(trace.events.size());
  // No two events have a line in common, for one line tells one beginning or one end.
  for (Event const& event : trace.events) order.emplace_back(effective_line(event), &event);
  std::sort(order.begin(), order.end());
  for (auto const& [line, event] : order) {
    if (auto wrong = apply(*event)) return wrong;
  }
  return {};
}

Processes::Complaint Processes::apply(Event const& event) {
  if (event.kind == Event::Kind::ended) {
    end(known_as(event.process));
    return {};
  }
  if (event.kind == Event::Kind::superseded) {
    if (processes_.contains(event.by) && event.by != event.process) {
      end(event.process);
      rename(event.by, event.process);
    }
    return {};
  }
  Process* const process = find(event.process);
  if (process == nullptr) {
    ++counts_.of_the_dead;
    return {};
  }
  Handler const handler = handler_of(event.name);
  if (handler == nullptr) {
    ++counts_.skipped[event.name];
    return {};
  }
  bool const returns = event.name != "exit" && event.name != "exit_group";
  if (returns && (event.outcome.failed || !event.outcome.known)) {
    ++counts_.failed;
    return {};
  }
  ++counts_.applied;
  return (this->*handler)(event, *process);
}

struct Processes::Entry {
  std::string_view name;
  Handler handler;
};

Processes::Handler Processes::handler_of(std::string const& name) {
  static constexpr Entry table[] = {
      {"mmap", &Processes::on_mmap},
      {"munmap", &Processes::on_munmap},
      {"mprotect", &Processes::on_mprotect},
      {"pkey_mprotect", &Processes::on_pkey_mprotect},
      {"mremap", &Processes::on_mremap},
      {"madvise", &Processes::on_madvise},
      {"brk", &Processes::on_brk},
      {"clone", &Processes::on_clone},
      {"clone3", &Processes::on_clone},
      {"fork", &Processes::on_fork},
      {"vfork", &Processes::on_vfork},
      {"execve", &Processes::on_execve},
      {"execveat", &Processes::on_execveat},
      {"exit", &Processes::on_exit},
      {"exit_group", &Processes::on_exit_group},
  };
  auto const found = std::find_if(std::begin(table), std::end(table),
                                  [&](Entry const& entry) { return entry.name == name; });
  return found == std::end(table) ? nullptr : found->handler;
}

// ---- Who lives where -------------------------------------------------------------------------

// The number under which the process of a line is known. On a terminal strace names a process only
// while there are several: the one without a name is given the first unknown number, and a line
// without a number belongs to the only one left, or to whoever spoke last.
std::uint32_t Processes::known_as(std::uint32_t id) {
  if (processes_.contains(id)) return id;
  if (id != unnamed_process) {
    if (processes_.contains(unnamed_process) && !dead_.contains(id)) rename(unnamed_process, id);
    return id;
  }
  if (processes_.size() == 1) return processes_.begin()->first;
  return processes_.contains(current_) ? current_ : id;
}

// The process of a line; null when it has ended.
Processes::Process* Processes::find(std::uint32_t id) {
  current_ = known_as(id);
  if (auto const known = processes_.find(current_); known != processes_.end()) {
    return &known->second;
  }
  if (dead_.contains(current_)) return nullptr;
  return &add(current_, ++groups_, new_space(AddressSpace(policy_, frames_), {}));
}

Processes::Process& Processes::add(std::uint32_t id, std::uint64_t group, TracedSpace& space) {
  end(id);  // a number that is given out again
  dead_.erase(id);
  int const cpu = static_cast<int>(space.processes.size() % processors);
  space.processes.push_back(id);
  ++space.users;
  return processes_.insert_or_assign(id, Process{group, &space, cpu}).first->second;
}

TracedSpace& Processes::new_space(AddressSpace memory, std::string program) {
  return spaces_.emplace_back(TracedSpace{std::move(memory), std::move(program), {}, 0});
}

void Processes::rename(std::uint32_t from, std::uint32_t to) {
  auto entry = processes_.extract(from);
  std::vector<std::uint32_t>& names = entry.mapped().space->processes;
  if (from == unnamed_process) {
    std::replace(names.begin(), names.end(), from, to);
  } else {
    names.push_back(to);
  }
  entry.key() = to;
  processes_.insert(std::move(entry));
  dead_.erase(to);
  if (from != unnamed_process) dead_.insert(from);
}

// What nobody lives in any more is torn down, as the kernel does.
void Processes::leave(TracedSpace& space) {
  if (--space.users == 0) space.memory.clear();
}

void Processes::end(std::uint32_t id) {
  auto const entry = processes_.extract(id);
  if (!entry) return;
  leave(*entry.mapped().space);
  dead_.insert(id);
}

void Processes::end_group(std::uint64_t group, std::optional<std::uint32_t> survivor) {
  std::vector<std::uint32_t> members;
  for (auto const& [id, process] : processes_) {
    if (process.group == group && id != survivor) members.push_back(id);
  }
  for (std::uint32_t const id : members) end(id);
}

Processes::Complaint Processes::on_clone(Event const& call, Process& process) {
  Parsed<std::uint64_t> const flags = clone_flags(call);
  if (!flags) return flags.malformed();
  return spawn(call, process, *flags);
}

Processes::Complaint Processes::on_fork(Event const& call, Process& process) {
  return spawn(call, process, 0);
}

Processes::Complaint Processes::on_vfork(Event const& call, Process& process) {
  return spawn(call, process, clone_vm);
}

Processes::Complaint Processes::spawn(Event const& call, Process& parent, std::uint64_t flags) {
  std::uint64_t const id = call.outcome.value;
  if (id == unnamed_process || id > std::numeric_limits<std::uint32_t>::max()) {
    return malformed_at(call.outcome.where, "the number of the new process is expected here");
  }
  auto const child = static_cast<std::uint32_t>(id);
  // Kept here, for a trace may claim that a process made itself.
  TracedSpace& space = *parent.space;
  std::uint64_t const group = (flags & clone_thread) != 0 ? parent.group : ++groups_;
  if ((flags & clone_vm) != 0) {
    add(child, group, space);
  } else {
    add(child, group, new_space(AddressSpace::forked(space.memory), space.program));
  }
  return {};
}

Processes::Complaint Processes::on_execve(Event const& call, Process& process) {
  return execute(call, process, 0);
}

Processes::Complaint Processes::on_execveat(Event const& call, Process& process) {
  return execute(call, process, 1);
}

// The other threads of the process are gone, and with them its memory, unless somebody else (who
// made it by vfork) lives there too.
Processes::Complaint Processes::execute(Event const& call, Process& process, std::size_t path) {
  Parsed<Argument> const program = argument_at(call, path);
  if (!program) return program.malformed();
  end_group(process.group, current_);
  TracedSpace& old = *process.space;
  if (old.users == 1) {
    old.memory.clear();
    old.program = base_name(*program);
    return {};
  }
  TracedSpace& fresh = new_space(AddressSpace(policy_, frames_), base_name(*program));
  process.space = &fresh;
  process.cpu = 0;
  fresh.processes.push_back(current_);
  fresh.users = 1;
  leave(old);
  return {};
}

Processes::Complaint Processes::on_exit(Event const&, Process&) {
  end(current_);
  return {};
}

Processes::Complaint Processes::on_exit_group(Event const&, Process& process) {
  end_group(process.group, {});
  return {};
}

}  // namespace twinwalk::tools
