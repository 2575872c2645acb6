// What each call on memory does to the address space of its process.
#include <array>
#include <limits>

#include "tools/import/call_arguments.hpp"
#include "tools/import/processes.hpp"

namespace twinwalk::tools {
namespace {

constexpr std::uint64_t page = bytes(PageSize::Size4K);

constexpr std::array<NamedValue, 3> protections{{
    {"PROT_READ", 1},
    {"PROT_WRITE", 2},
    {"PROT_EXEC", 4},
}};

constexpr std::uint64_t map_shared = 0x1;
constexpr std::uint64_t map_private = 0x2;
constexpr std::uint64_t map_anonymous = 0x20;
constexpr std::uint64_t map_hugetlb = 0x40000;
constexpr int map_huge_shift = 26;
constexpr std::uint64_t map_huge_mask = 0x3f;
constexpr std::array<NamedValue, 8> mappings{{
    {"MAP_SHARED", map_shared},
    {"MAP_SHARED_VALIDATE", map_shared | map_private},
    {"MAP_PRIVATE", map_private},
    {"MAP_ANONYMOUS", map_anonymous},
    {"MAP_HUGETLB", map_hugetlb},
    {"MAP_HUGE_SHIFT", map_huge_shift},
    {"MAP_HUGE_2MB", std::uint64_t{21} << map_huge_shift},
    {"MAP_HUGE_1GB", std::uint64_t{30} << map_huge_shift},
}};

constexpr std::uint64_t remap_dontunmap = 4;
constexpr std::array<NamedValue, 1> remappings{{{"MREMAP_DONTUNMAP", remap_dontunmap}}};

enum Advice : std::uint64_t {
  will_need = 3,
  dont_need = 4,
  free_lazily = 8,
  remove = 9,
  dont_fork = 10,
  do_fork = 11,
  populate_read = 22,
  populate_write = 23,
  dont_need_locked = 24,
};
constexpr std::array<NamedValue, 9> advices{{
    {"MADV_WILLNEED", Advice::will_need},
    {"MADV_DONTNEED", Advice::dont_need},
    {"MADV_FREE", Advice::free_lazily},
    {"MADV_REMOVE", Advice::remove},
    {"MADV_DONTFORK", Advice::dont_fork},
    {"MADV_DOFORK", Advice::do_fork},
    {"MADV_POPULATE_READ", Advice::populate_read},
    {"MADV_POPULATE_WRITE", Advice::populate_write},
    {"MADV_DONTNEED_LOCKED", Advice::dont_need_locked},
}};

Protection protection_of(std::uint64_t bits) {
  return {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, 0};
}

// A length as the kernel takes it: in whole pages. Nothing when no address space is that long.
std::optional<std::uint64_t> whole_pages(std::uint64_t length, std::uint64_t unit = page) {
  if (length > std::numeric_limits<std::uint64_t>::max() - unit) return {};
  return (length + unit - 1) / unit * unit;
}

// A huge mapping is rounded to its pages: 2M unless the flags say otherwise.
std::uint64_t mapping_unit(std::uint64_t flags) {
  if ((flags & map_hugetlb) == 0) return page;
  std::uint64_t const size_log2 = (flags >> map_huge_shift) & map_huge_mask;
  return size_log2 < 12 || size_log2 > 40 ? bytes(PageSize::Size2M) : std::uint64_t{1} << size_log2;
}

// The address that stands at an argument, or that the call returned: whole pages, or the kernel
// would have refused.
Parsed<std::uint64_t> page_at(Event const& call, std::size_t index) {
  Parsed<std::uint64_t> const address = number_at(call, index);
  if (address && *address % page != 0) {
    return malformed_at(call.arguments[index].where, "the address of a page is expected here");
  }
  return address;
}

Parsed<std::uint64_t> returned_page(Event const& call) {
  if (call.outcome.value % page == 0) return call.outcome.value;
  return malformed_at(call.outcome.where, "the address of a page is expected here");
}

// A range as most calls name it, by their first two arguments.
struct NamedRange {
  std::uint64_t va = 0;
  std::uint64_t length = 0;
  bool ours = false;  // within the user's half, and not empty
};

NamedRange range_of(AddressSpace const& memory, std::uint64_t va,
                    std::optional<std::uint64_t> length) {
  if (!length) return {};
  return {va, *length, *length != 0 && memory.is_user_range(va, *length)};
}

Parsed<NamedRange> range_at(Event const& call, AddressSpace const& memory) {
  Parsed<std::uint64_t> const va = page_at(call, 0);
  if (!va) return va.malformed();
  Parsed<std::uint64_t> const length = number_at(call, 1);
  if (!length) return length.malformed();
  return range_of(memory, *va, whole_pages(*length));
}

}  // namespace

Processes::Complaint Processes::on_mmap(Event const& call, Process& process) {
  Parsed<std::uint64_t> const length = number_at(call, 1);
  if (!length) return length.malformed();
  Parsed<std::uint64_t> const rights = bits_at(call, 2, protections);
  if (!rights) return rights.malformed();
  Parsed<std::uint64_t> const flags = bits_at(call, 3, mappings);
  if (!flags) return flags.malformed();
  Parsed<std::uint64_t> const va = returned_page(call);
  if (!va) return va.malformed();
  AddressSpace& memory = process.space->memory;
  NamedRange const range = range_of(memory, *va, whole_pages(*length, mapping_unit(*flags)));
  if (!range.ours) {
    ++counts_.elsewhere;
    return {};
  }
  bool const anonymous = (*flags & map_anonymous) != 0 && (*flags & map_shared) == 0;
  memory.map(range.va, range.length, protection_of(*rights), {anonymous, true}, process.cpu);
  return {};
}

Processes::Complaint Processes::on_munmap(Event const& call, Process& process) {
  Parsed<NamedRange> const range = range_at(call, process.space->memory);
  if (!range) return range.malformed();
  if (range->ours) {
    process.space->memory.unmap(range->va, range->length);
  } else {
    ++counts_.elsewhere;
  }
  return {};
}

Processes::Complaint Processes::on_mprotect(Event const& call, Process& process) {
  Parsed<NamedRange> const range = range_at(call, process.space->memory);
  if (!range) return range.malformed();
  Parsed<std::uint64_t> const rights = bits_at(call, 2, protections);
  if (!rights) return rights.malformed();
  if (range->ours) {
    process.space->memory.protect(range->va, range->length, protection_of(*rights), {},
                                  process.cpu);
  } else if (range->length != 0) {
    ++counts_.elsewhere;
  }
  return {};
}

Processes::Complaint Processes::on_pkey_mprotect(Event const& call, Process& process) {
  Parsed<NamedRange> const range = range_at(call, process.space->memory);
  if (!range) return range.malformed();
  Parsed<std::uint64_t> const rights = bits_at(call, 2, protections);
  if (!rights) return rights.malformed();
  Parsed<std::uint64_t> const key = number_at(call, 3);
  if (!key) return key.malformed();
  // -1 leaves the key as it is.
  std::optional<std::uint8_t> named;
  if (*key != ~std::uint64_t{0}) {
    if (*key > MappingFlags::key_mask) {
      return malformed_at(call.arguments[3].where, "a protection key is expected here");
    }
    named = static_cast<std::uint8_t>(*key);
  }
  if (range->ours) {
    process.space->memory.protect(range->va, range->length, protection_of(*rights), named,
                                  process.cpu);
  } else if (range->length != 0) {
    ++counts_.elsewhere;
  }
  return {};
}

Processes::Complaint Processes::on_mremap(Event const& call, Process& process) {
  Parsed<NamedRange> const from = range_at(call, process.space->memory);
  if (!from) return from.malformed();
  Parsed<std::uint64_t> const length = number_at(call, 2);
  if (!length) return length.malformed();
  Parsed<std::uint64_t> const flags = bits_at(call, 3, remappings);
  if (!flags) return flags.malformed();
  Parsed<std::uint64_t> const va = returned_page(call);
  if (!va) return va.malformed();
  AddressSpace& memory = process.space->memory;
  NamedRange const to = range_of(memory, *va, whole_pages(*length));
  bool const second_view = from->length == 0 && memory.is_user_range(from->va, to.length);
  if (!to.ours || !(from->ours || second_view)) {
    ++counts_.elsewhere;
  } else if (second_view) {
    memory.alias(from->va, to.va, to.length, process.cpu);
  } else if (from->va == to.va) {
    memory.resize(to.va, from->length, to.length, process.cpu);
  } else {
    memory.move(from->va, from->length, to.va, to.length, (*flags & remap_dontunmap) != 0,
                process.cpu);
  }
  return {};
}

Processes::Complaint Processes::on_madvise(Event const& call, Process& process) {
  Parsed<NamedRange> const range = range_at(call, process.space->memory);
  if (!range) return range.malformed();
  Parsed<std::uint64_t> const advice = bits_at(call, 2, advices);
  if (!advice) return advice.malformed();
  if (!range->ours) {
    counts_.elsewhere += range->length != 0 ? 1 : 0;
    return {};
  }
  AddressSpace& memory = process.space->memory;
  switch (*advice) {
    case Advice::dont_need:
    case Advice::dont_need_locked:
    case Advice::free_lazily:
    case Advice::remove:
      memory.drop_contents(range->va, range->length);
      break;
    case Advice::will_need:
    case Advice::populate_read:
    case Advice::populate_write:
      memory.populate(range->va, range->length, process.cpu);
      break;
    case Advice::dont_fork:
    case Advice::do_fork:
      memory.set_forked(range->va, range->length, *advice == Advice::do_fork);
      break;
    default:
      break;
  }
  return {};
}

// Returns where the heap ends now, whatever was asked for.
Processes::Complaint Processes::on_brk(Event const& call, Process& process) {
  AddressSpace& memory = process.space->memory;
  std::uint64_t const now = call.outcome.value;
  if (!memory.is_user_range(now, page)) {
    ++counts_.elsewhere;
    return {};
  }
  std::uint64_t const before = whole_pages(memory.program_break.value_or(now)).value();
  std::uint64_t const after = whole_pages(now).value();
  if (after > before) {
    memory.map(before, after - before, {true, true, false, 0}, {}, process.cpu);
  }
  if (after < before) memory.unmap(after, before - after);
  memory.program_break = now;
  return {};
}

}  // namespace twinwalk::tools
