// One raw entry: what the engine reads and writes against the manual's field tables.
#include <cstdint>
#include <span>

#include "fuzz/entry_check.hpp"
#include "fuzz/format_pairs.hpp"
#include "fuzz/raw_input.hpp"
#include "fuzz/targets/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace twinwalk;
  fuzz::RawInput input(std::span(data, size));
  fuzz::EntryCase c;
  c.machine = input.take_machine();
  int const level = input.take<std::uint8_t>();
  c.entry = input.take<std::uint64_t>();
  c.flags = MappingFlags(input.take<std::uint64_t>());
  c.pa = PhysAddr(input.take<std::uint64_t>());
  c.other = input.take<std::uint64_t>();
  c.machine.void_frame = input.take_frame();
  fuzz::for_each_format([&]<class Format, class Spec>() {
    c.level = 1 + level % Spec::levels;
    if (auto const wrong = fuzz::check_entry<Format, Spec>(c)) {
      fuzz::stop(std::string(Spec::name) + ": " + *wrong);
    }
  });
  return 0;
}
