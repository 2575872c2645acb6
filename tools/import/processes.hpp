// The processes of a trace, which address space each has, and what its calls do to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tools/import/address_space.hpp"
#include "tools/import/call.hpp"
#include "tools/import/malformed.hpp"

namespace twinwalk::tools {

// One address space and who had it.
struct TracedSpace {
  AddressSpace memory;
  std::string program;                   // what was executed last in it
  std::vector<std::uint32_t> processes;  // every process and thread, in order of appearance
  std::size_t users = 0;                 // how many live in it now
};

// What became of the calls of a trace.
struct CallCounts {
  std::size_t applied = 0;
  std::size_t failed = 0;                      // returned an error, or never came back
  std::size_t elsewhere = 0;                   // named addresses that are not the user's
  std::size_t of_the_dead = 0;                 // printed for a process that had ended
  std::map<std::string, std::size_t> skipped;  // calls that move no memory, by name
};

class Processes {
 public:
  Processes(SpacePolicy const& policy, int physical_bits)
      : policy_(policy), frames_(physical_bits) {}
  // The spaces hold on to the frames.
  Processes(Processes const&) = delete;
  Processes& operator=(Processes const&) = delete;

  // Lets everything happen that the trace tells. Refuses a call whose arguments cannot be.
  std::optional<Malformed> replay(Trace const& trace);

  std::deque<TracedSpace> const& spaces() const { return spaces_; }
  CallCounts const& counts() const { return counts_; }

 private:
  struct Process {
    std::uint64_t group;  // threads of one process have the same
    TracedSpace* space;
    int cpu;  // that its accesses happen on
  };
  using Complaint = std::optional<Malformed>;
  using Handler = Complaint (Processes::*)(Event const&, Process&);
  struct Entry;

  static Handler handler_of(std::string const& name);
  Complaint apply(Event const& event);
  std::uint32_t known_as(std::uint32_t id);
  Process* find(std::uint32_t id);
  Process& add(std::uint32_t id, std::uint64_t group, TracedSpace& space);
  TracedSpace& new_space(AddressSpace memory, std::string program);
  void rename(std::uint32_t from, std::uint32_t to);
  void leave(TracedSpace& space);
  void end(std::uint32_t id);
  void end_group(std::uint64_t group, std::optional<std::uint32_t> survivor);

  Complaint on_mmap(Event const& call, Process& process);
  Complaint on_munmap(Event const& call, Process& process);
  Complaint on_mprotect(Event const& call, Process& process);
  Complaint on_pkey_mprotect(Event const& call, Process& process);
  Complaint on_mremap(Event const& call, Process& process);
  Complaint on_madvise(Event const& call, Process& process);
  Complaint on_brk(Event const& call, Process& process);
  Complaint on_clone(Event const& call, Process& process);
  Complaint on_fork(Event const& call, Process& process);
  Complaint on_vfork(Event const& call, Process& process);
  Complaint on_execve(Event const& call, Process& process);
  Complaint on_execveat(Event const& call, Process& process);
  Complaint on_exit(Event const& call, Process& process);
  Complaint on_exit_group(Event const& call, Process& process);

  Complaint spawn(Event const& call, Process& parent, std::uint64_t clone_flags);
  Complaint execute(Event const& call, Process& process, std::size_t path);

  SpacePolicy policy_;
  FrameBump frames_;
  std::deque<TracedSpace> spaces_;  // references to its elements last
  std::map<std::uint32_t, Process> processes_;
  std::set<std::uint32_t> dead_;
  std::uint32_t current_ = unnamed_process;  // who spoke last
  std::uint64_t groups_ = 0;
  CallCounts counts_;
};

}  // namespace twinwalk::tools
