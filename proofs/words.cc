#include "proofs/words.hpp"

#include <fmt/core.h>

#include <utility>

namespace twinwalk::proofs {
namespace {

std::string size_in_words(PageSize size) {
  constexpr char const* units[] = {"", "K", "M", "G", "T"};
  int const log2 = size_log2(size);
  return fmt::format("{}{}", std::uint64_t{1} << (log2 % 10), units[log2 / 10]);
}

}  // namespace

std::string in_words(MappingFlags flags) {
  std::string text;
  auto const right = [&](Flag flag, char letter) { text += flags.has(flag) ? letter : '-'; };
  right(Flag::READ, 'r');
  right(Flag::WRITE, 'w');
  right(Flag::EXECUTE, 'x');
  if (flags.has(Flag::USER)) text += 'u';
  constexpr std::pair<Flag, char const*> names[] = {{Flag::DEVICE, "device"},
                                                    {Flag::UNCACHED, "uncached"},
                                                    {Flag::GLOBAL, "global"},
                                                    {Flag::IGNORE_PAT, "ignore-pat"}};
  for (auto const& [flag, name] : names) {
    if (flags.has(flag)) text += fmt::format(",{}", name);
  }
  if (flags.has(Flag::TYPED)) text += fmt::format(",type={}", flags.memory_type());
  if (flags.key() != 0) text += fmt::format(",key={}", flags.key());
  if (flags.software() != 0) text += fmt::format(",soft={:#x}", flags.software());
  return text + fmt::format(" ({:#x})", flags.bits);
}

std::string in_words(WalkAnswer const& answer) {
  switch (answer.kind) {
    case WalkAnswer::Kind::hole:
      return "nothing is mapped";
    case WalkAnswer::Kind::malformed:
      return "a reserved bit stops the walk";
    case WalkAnswer::Kind::non_canonical:
      return "the address is not canonical";
    case WalkAnswer::Kind::leaf:
      break;
  }
  return fmt::format("maps to {:#x}, {} {}{}{}", answer.physical, size_in_words(answer.size),
                     in_words(answer.flags), answer.accessed ? ", accessed" : "",
                     answer.dirty ? ", dirty" : "");
}

std::string in_words(FlushScope const& scope) {
  std::string text = fmt::format("of {:#x}", scope.root);
  auto const say = [&](bool so, char const* what) {
    if (so) text += fmt::format(", {}", what);
  };
  say(scope.every_space, "every space");
  say(scope.everything, "everything");
  say(scope.table_changed, "a table changed");
  say(scope.global, "global");
  say(scope.barrier, "a barrier");
  say(scope.fence, "a fence");
  for (int i = 0; i < scope.range_count; ++i) {
    auto const& range = scope.ranges[i];
    text +=
        fmt::format(", {:#x} to {:#x} by {}", range.first, range.last, size_in_words(range.stride));
  }
  return text;
}

std::string print_call(MemoryFile const& file) {
  std::string const borrower = file.borrower == 0 ? "" : fmt::format(" with {:#x}", file.borrower);
  std::string machine =
      fmt::format("{}, {} physical bits", file.format, file.machine.physical_bits);
  for (MachineSwitchInfo const& one : machine_switches) {
    machine += fmt::format(", {}={}", one.name, one.get(file.machine) ? "on" : "off");
  }
  if (file.amd) machine += ", AMD";
  return fmt::format("machine    {}\ncall       {} from {:#x}{}: va {:#x} pa {:#x} flags {}\n",
                     machine, file.call, file.root, borrower, file.va, file.pa,
                     in_words(MappingFlags(file.flags)));
}

std::string print_outcome(CallRecord const& record) {
  std::string text = record.error ? fmt::format("engine     {} at {:#x}\n",
                                                error_name(*record.error), record.where)
                                  : "engine     Ok\n";
  if (record.leaf) {
    Leaf const& leaf = *record.leaf;
    text += fmt::format("leaf       {:#x} to {:#x}, {} {}{}{}\n", leaf.virt.value, leaf.phys.value,
                        size_in_words(leaf.size), in_words(leaf.flags),
                        leaf.accessed != 0 ? ", accessed" : "", leaf.dirty != 0 ? ", dirty" : "");
  }
  if (record.plan) text += fmt::format("plan       {}\n", in_words(*record.plan));
  return text;
}

std::string print_event(MemoryEvent const& event) {
  switch (event.kind) {
    case MemoryEvent::Kind::store:
      return fmt::format("stored     [{:#x}] {:#x}\n", event.address, event.value);
    case MemoryEvent::Kind::run:
      return fmt::format("filled     [{:#x}] {:#x}, {:#x} … to the last of the table, {:#x}\n",
                         event.address, event.value, event.next, event.last);
    case MemoryEvent::Kind::flush:
      return fmt::format("flushed    {}\n", in_words(event.scope));
    case MemoryEvent::Kind::free:
      return fmt::format("freed      {:#x}\n", event.address);
  }
  return {};
}

}  // namespace twinwalk::proofs
