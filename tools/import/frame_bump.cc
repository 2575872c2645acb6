#include "tools/import/frame_bump.hpp"

#include <initializer_list>

namespace twinwalk::tools {
namespace {

constexpr std::uint64_t align_up(std::uint64_t value, std::uint64_t to) {
  return (value + to - 1) / to * to;
}

}  // namespace

std::uint64_t FrameBump::take(std::uint64_t va, std::uint64_t length, PageSize largest) {
  std::uint64_t alignment = bytes(PageSize::Size4K);
  for (PageSize size : {PageSize::Size2M, PageSize::Size1G}) {
    std::uint64_t const page = align_up(va, bytes(size));
    if (size_log2(size) > size_log2(largest) || page - va + bytes(size) > length) break;
    alignment = bytes(size);
  }
  auto const placed = [&](std::uint64_t from) { return from + (va - from) % alignment; };
  std::uint64_t frames = placed(next_);
  if (frames > end_ || length > end_ - frames) frames = placed(first);
  next_ = frames + length;
  return frames;
}

}  // namespace twinwalk::tools
