// Raw memory taken for page tables. Where the entries on a path are what the engine itself could
// have written, the engine's walk must equal the hardware's; anywhere else it must end, stay inside
// the frames that entries name, and write nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "engine/api.hpp"
#include "engine/page_table.hpp"
#include "fuzz/words.hpp"
#include "models/walker.hpp"

namespace twinwalk::fuzz {

// Memory that folds every physical address onto a few frames, so that hostile pointers lead
// somewhere; it notes writes and reads of frames that no entry named.
class HostileMemory {
 public:
  using Word = std::uint64_t;
  static constexpr std::size_t frame_count = 8;
  static constexpr std::size_t frame_words = 512;

  void fill_from(std::span<std::uint8_t const> data);

  std::uint64_t load(std::uint64_t slot) const { return words_[index(slot)]; }
  std::uint64_t live_count(std::uint64_t) const { return 1; }
  std::uint64_t link(std::uint64_t) const { return 0; }
  std::uint64_t loads() const { return loads_; }
  bool written() const { return written_; }

  // The rest of a handler: all of it would change something.
  std::uint64_t load(std::uint64_t slot) {
    ++loads_;
    return words_[index(slot)];
  }
  void store(std::uint64_t, std::uint64_t) { written_ = true; }
  std::uint64_t exchange(std::uint64_t slot, std::uint64_t) {
    written_ = true;
    return words_[index(slot)];
  }
  std::uint64_t compare_exchange(std::uint64_t slot, std::uint64_t, std::uint64_t) {
    return exchange(slot, 0);
  }
  bool alloc_frames(int, std::uint64_t&) { return false; }
  void dealloc_frames(std::uint64_t, int) { written_ = true; }
  void set_live_count(std::uint64_t, std::uint64_t) { written_ = true; }
  void set_link(std::uint64_t, std::uint64_t) { written_ = true; }
  void fill(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t) { written_ = true; }
  template <class Live>
  std::uint64_t find_live(std::uint64_t, std::uint64_t count, Live) {
    return count;
  }
  template <class Live>
  std::uint64_t count_live(std::uint64_t, std::uint64_t, Live) {
    return 0;
  }
  template <class Live>
  std::uint64_t clear(std::uint64_t, std::uint64_t, std::uint64_t, Live) {
    written_ = true;
    return 0;
  }
  template <class Function>
  std::uint64_t rewrite(std::uint64_t, std::uint64_t, Function) {
    written_ = true;
    return 0;
  }
  void invalidate(FlushScope const&) { written_ = true; }

 private:
  static std::size_t index(std::uint64_t slot) {
    return (slot >> 3) % (frame_count * frame_words);
  }

  std::array<std::uint64_t, frame_count * frame_words> words_{};
  std::uint64_t loads_ = 0;
  bool written_ = false;
};

// What is wrong, or nothing. `data` becomes the memory, the root its first frame.
template <class Format, class Spec>
std::optional<std::string> check_memory(MachineOptions const& machine,
                                        std::span<std::uint8_t const> data, VirtAddr va) {
  using Table = PageTable<Format, HostileMemory>;
  static thread_local HostileMemory memory;
  memory.fill_from(data);
  typename Table::Options const options(machine);
  Table const table(memory, 0, options);
  auto const settings = Spec::settings(machine);

  auto answer = table.query(va);
  HostileMemory const& readable = memory;
  auto const walked = models::translate<Spec>(readable, settings, 0, va.value);
  if (memory.loads() > Spec::levels) return "a query reads more than one entry a level";

  // The engine's own tables grant everything and set no reserved bit.
  bool own = walked.refusal != models::Refusal::malformed;
  for (models::WalkStep const& step : walked.path) {
    if (step.kind != models::EntryKind::table) continue;
    own &= Format::table(Spec::table_address(step.level, step.entry)) ==
           (step.entry & ~Spec::accessed_mask(step.level));
  }
  if (own) {
    if (bool(answer) != walked.found()) return "found: query of " + hex(va.value);
    if (answer) {
      bool const same = answer->phys.value == walked.physical && answer->size == walked.size &&
                        answer->flags == walked.effective_flags(machine) &&
                        (answer->accessed != 0) == walked.accessed &&
                        (answer->dirty != 0) == walked.dirty;
      if (!same) return "engine: " + words(*answer) + "; walker: " + hex(walked.physical);
    }
  }

  // A walk over a few leaf tables ends, whatever the entries are.
  std::uint64_t constexpr length = std::uint64_t{1} << 23;
  std::uint64_t const first = va.value & ~(length - 1);
  std::uint64_t leaves = 0;
  auto const ended = table.walk(VirtAddr(first), length, [&](Leaf const&) {
    ++leaves;
    return leaves < 4096;
  });
  if (bool(ended) != bool(Spec::canonical(first))) return "walk from " + hex(first);
  if (memory.written()) return "something was written for " + hex(va.value);
  return std::nullopt;
}

}  // namespace twinwalk::fuzz
