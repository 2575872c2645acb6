// The seeded bugs: engines that are broken in one named way each, and who says so.
//
// A mutant is one header under a folder of its architecture. It says what real bug it is like, of
// which kind, and which oracle must find it; the list of all is made of the files.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "fuzz/sequence.hpp"
#include "fuzz/step.hpp"

namespace twinwalk::mutants {

// The classes of bugs that an engine can commit.
enum class Kind : unsigned char {
  masks_and_levels,
  huge_pages,
  permissions,
  accessed_dirty,
  flush,
  lifetime,
  rollback,
  ranges,
  encoding,
  break_before_make,
  misconfiguration,
  pointer_confusion,
  races_with_hardware,
};
std::string_view name(Kind kind);

struct Info {
  Kind kind;
  std::string_view origin;   // the real bug that it is like, or where it was seen
  std::string_view oracle;   // that must find it
  std::string_view summary;  // what the engine does wrong
  std::size_t ops_max = 3;   // of the minimised sequence
};

// A broken engine at work.
class Engine {
 public:
  virtual ~Engine() = default;
  // Runs a sequence of the mutant's format to its end, or to the first complaint.
  virtual std::optional<fuzz::Finding> run(fuzz::Sequence const& sequence) = 0;
};

struct Mutant {
  std::string_view name;    // folder and file: x86_64/frees_before_flush
  std::string_view format;  // that it is broken in
  Info info;
  std::unique_ptr<Engine> (*make)();
};

// Every mutant, in the order of their names.
std::vector<Mutant> const& all_mutants();

// One of them, in which nothing is broken, for each format that has mutants: the oracles must have
// nothing against it.
struct Control {
  std::string_view format;
  std::unique_ptr<Engine> (*make)();
};
std::vector<Control> const& all_controls();

}  // namespace twinwalk::mutants
