// The smallest program that uses the installed engine.
#include <cinttypes>
#include <cstdio>

#include <twinwalk/api.hpp>

int main() {
  auto const start = twinwalk::VirtAddr(twinwalk::bytes(twinwalk::PageSize::Size1G));
  std::printf("0x%" PRIx64 "\n", start.value);
}
