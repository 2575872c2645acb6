#include "proofs/operation.hpp"

#include "proofs/engine_source.hpp"

namespace twinwalk::proofs {
namespace {

// Of the page that a leaf of each level maps.
constexpr std::string_view sizes[] = {"", "4K", "2M", "1G", "512G", "256T"};

}  // namespace

std::vector<Operation> operations(Spec const& spec) {
  std::vector<Operation> all{{"unmap round", Call::unmap_step},
                             {"protect round", Call::protect_step},
                             {"check round for borrowed slots", Call::borrowed_step}};
  auto const of_each_size = [&](std::string const& name, Call call) {
    for (int level = 1; level <= spec.largest_leaf_level(); ++level) {
      all.push_back({name + std::string(sizes[level]), call, level});
    }
  };
  of_each_size("map round, pages of ", Call::map_step);
  of_each_size("check round for room, pages of ", Call::free_step);
  of_each_size("map ", Call::map);
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

PageLevels PageLevels::from(int least) {
  PageLevels levels;
  for (int level = 1; level <= levels_max; ++level) {
    levels.allowed[static_cast<std::size_t>(level)] =
        level <= least ? SymBool(true) : free_bool("pages_of_level_" + std::to_string(level));
  }
  return levels;
}

std::vector<std::string>& failed_assertions() {
  thread_local std::vector<std::string> failed;
  return failed;
}

void note_assertion(bool holds, char const* what) {
  if (!holds) failed_assertions().emplace_back(what);
}

}  // namespace twinwalk::proofs
