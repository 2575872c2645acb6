#include "tools/import/import.hpp"

#include <algorithm>

#include "tools/import/strace.hpp"

namespace twinwalk::tools {
namespace {

// What one call may map at most, whatever the options say: the frames of any two calls fit into
// physical memory, and their tables are quickly counted.
constexpr std::uint64_t reservation_bound_max = std::uint64_t{1} << 40;

SpacePolicy bounded(SpacePolicy policy) {
  policy.reservation_bound = std::min(policy.reservation_bound, reservation_bound_max) /
                             bytes(PageSize::Size4K) * bytes(PageSize::Size4K);
  return policy;
}

fuzz::Sequence sequence_of(AddressSpace const& memory, ImportOptions const& options) {
  fuzz::Sequence sequence;
  sequence.format = options.format;
  sequence.machine.physical_bits = options.physical_bits;
  sequence.machine.protection_keys = memory.uses_keys();
  sequence.frames = static_cast<std::uint32_t>(
      std::min(memory.table_bound(), AddressSpace::tables_max) + AddressSpace::spare_frames);
  sequence.ops = memory.ops();
  for (fuzz::Op& op : sequence.ops) {
    if (fuzz::info(op.kind).operands.has(fuzz::Operand::va)) op.va.value += options.first;
    if (options.has_user) continue;
    op.flags = op.flags.without(Flag::USER);
    op.user = false;
  }
  return sequence;
}

bool wanted(TracedSpace const& space, ImportOptions const& options) {
  std::vector<std::uint32_t> const& processes = space.processes;
  return space.memory.ops().size() >= options.ops_min &&
         (!options.process ||
          std::find(processes.begin(), processes.end(), *options.process) != processes.end());
}

}  // namespace

std::optional<ImportOptions> import_options(fuzz::FormatList formats, std::string_view format) {
  auto const found = std::find_if(formats.begin(), formats.end(),
                                  [&](auto const& shape) { return shape.name == format; });
  if (found == formats.end()) return {};
  ImportOptions options;
  options.format = static_cast<std::uint8_t>(found - formats.begin());
  options.policy.user_end = fuzz::half_bytes(*found);
  options.first = found->first;
  options.has_user = found->has_user;
  return options;
}

Parsed<Import> import_trace(std::string_view text, ImportOptions const& options) {
  Parsed<Trace> const trace = parse_strace(text);
  if (!trace) return trace.malformed();
  Processes processes(bounded(options.policy), options.physical_bits);
  if (auto wrong = processes.replay(*trace)) return *wrong;

  Import import;
  import.lines = trace->lines;
  import.calls_lost = trace->calls_lost;
  import.calls = processes.counts();
  for (TracedSpace const& space : processes.spaces()) {
    if (!wanted(space, options)) {
      ++import.spaces_left_out;
      continue;
    }
    import.spaces.push_back({space.program, space.processes, sequence_of(space.memory, options),
                             space.memory.truncated()});
  }
  return import;
}

std::string sequence_file_name(std::string_view stem, Import const& import, std::size_t index) {
  std::string const& program = import.spaces[index].program;
  std::string number = std::to_string(index + 1);
  if (number.size() < 2) number.insert(0, "0");
  return std::string(stem) + '-' + number + '-' + (program.empty() ? "process" : program) + ".ops";
}

}  // namespace twinwalk::tools
