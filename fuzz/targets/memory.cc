// Raw memory as page tables: the engine's reading against the hardware walk, on hostile input.
#include <cstdint>
#include <span>

#include "fuzz/format_pairs.hpp"
#include "fuzz/memory_check.hpp"
#include "fuzz/raw_input.hpp"
#include "fuzz/targets/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace twinwalk;
  fuzz::RawInput input(std::span(data, size));
  MachineOptions machine = input.take_machine();
  VirtAddr const va(input.take<std::uint64_t>());
  // What the first entry leads to is the void, so that some do.
  machine.void_frame = fuzz::RawInput(input.rest()).take_frame();
  fuzz::for_each_format([&]<class Format, class Spec>() {
    if (auto const wrong = fuzz::check_memory<Format, Spec>(machine, input.rest(), va)) {
      fuzz::stop(std::string(Spec::name) + ": " + *wrong);
    }
  });
  return 0;
}
