#include "proofs/operation.hpp"

#include "proofs/engine_source.hpp"

namespace twinwalk::proofs {

std::vector<Operation> operations(Spec const& spec) {
  static constexpr std::string_view sizes[] = {"", "4K", "2M", "1G", "512G", "256T"};
  std::vector<Operation> all;
  for (int level = 1; level <= spec.largest_leaf_level(); ++level) {
    all.push_back({"map " + std::string(sizes[level]), Call::map, level});
  }
  all.insert(all.end(), {{"unmap", Call::unmap},
                         {"protect", Call::protect},
                         {"remap", Call::remap},
                         {"query", Call::query},
                         {"clear_accessed", Call::clear_accessed},
                         {"clear_dirty", Call::clear_dirty},
                         {"set_accessed", Call::set_accessed},
                         {"set_dirty", Call::set_dirty},
                         {"split", Call::split},
                         {"share_root_entries", Call::share}});
  return all;
}

std::vector<Operation> region_rounds(Spec const& /*spec*/) {
  return {{"map round, pages of 4K", Call::map_step, 1},
          {"unmap round", Call::unmap_step},
          {"protect round", Call::protect_step}};
}

std::vector<std::string>& failed_assertions() {
  thread_local std::vector<std::string> failed;
  return failed;
}

void note_assertion(bool holds, char const* what) {
  if (!holds) failed_assertions().emplace_back(what);
}

}  // namespace twinwalk::proofs
