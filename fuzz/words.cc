#include "fuzz/words.hpp"

#include "fuzz/text.hpp"

namespace twinwalk::fuzz {

std::string hex(std::uint64_t value) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  do {
    out.insert(out.begin(), digits[value % 16]);
    value /= 16;
  } while (value != 0);
  return "0x" + out;
}

std::string_view words(PagingError error) { return error_name(error); }

std::string words(std::optional<Failure> const& failure) {
  if (!failure) return "ok";
  return std::string(words(failure->error)) + " at " + hex(failure->where.value);
}

namespace {
std::string attributes(MappingFlags flags, bool accessed, bool dirty) {
  return print(flags) + (accessed ? " A" : "") + (dirty ? " D" : "");
}
}  // namespace

std::string words(Leaf const& leaf) {
  return hex(leaf.virt.value) + " -> " + hex(leaf.phys.value) + " " +
         std::string(print(leaf.size)) + " " +
         attributes(leaf.flags, leaf.accessed != 0, leaf.dirty != 0);
}

std::string words(std::optional<Leaf> const& leaf) { return leaf ? words(*leaf) : "no leaf"; }

std::string words(models::Extent const& run) {
  return hex(run.virt) + " -> " + hex(run.phys) + " " + std::to_string(run.count) + " x " +
         std::string(print(run.size)) + " " + attributes(run.flags, run.accessed, run.dirty);
}

std::string words(FlushScope const& scope) {
  std::string out;
  if (scope.everything) out += " everything";
  for (int i = 0; i < scope.range_count; ++i) {
    FlushRange const& range = scope.ranges[i];
    out +=
        " " + hex(range.first) + ".." + hex(range.last) + " by " + std::string(print(range.stride));
  }
  if (scope.table_changed) out += " table-changed";
  if (scope.global) out += " global";
  if (scope.every_space) out += " every-space";
  if (scope.barrier) out += " barrier";
  if (scope.fence) out += " fence";
  return out.empty() ? "nothing" : out.substr(1);
}

}  // namespace twinwalk::fuzz
