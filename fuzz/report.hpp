// A finding explained from the state it was found in.
#pragma once

#include <cstdint>
#include <string>

#include "engine/api.hpp"
#include "fuzz/step.hpp"
#include "fuzz/text.hpp"
#include "fuzz/words.hpp"
#include "models/spec/field.hpp"
#include "models/walker.hpp"

namespace twinwalk::fuzz {

// One entry by the manual's field names, those that are not zero.
template <class Spec>
std::string describe_entry(typename Spec::Settings const& settings, int level,
                           std::uint64_t entry) {
  models::EntryKind const kind = Spec::classify(settings, level, entry);
  std::string out(models::kind_name(kind));
  for (models::Field const& field : Spec::fields(level, entry)) {
    std::uint64_t const value = models::value(field, entry);
    if (value == 0 || field.role == models::Role::ignored) continue;
    out += " " + std::string(field.name);
    if (field.hi != field.lo) out += "=" + hex(value);
  }
  return out;
}

template <class World>
std::string explain(World& world, Step const& step, Finding const& finding) {
  using Spec = typename World::Spec;
  std::string out = "oracle     " + finding.oracle + "\n";
  out += "objection  " + finding.what + "\n";
  if (step.executed) {
    out += "operation  #" + std::to_string(finding.op) + " " + print(step.op) + "\n";
    out += "engine     " + words(step.engine.failure) + "\n";
    out += "flat map   " + words(step.model.failure) + "\n";
    out += "plan       " + words(step.engine.scope) +
           (step.engine.deferred ? " (deferred)" : "") + "\n";
  }
  auto const& space = world.spaces[finding.space];
  if (!space.exists()) return out;
  VirtAddr const va(finding.va);
  out += "address    " + hex(va.value) + " in space " + std::to_string(finding.space) + "\n";
  auto answer = space.table->query(va);
  out += "  engine   " + (answer ? words(*answer) : words(answer.failure())) + "\n";
  out += "  flat map " + words(space.map.leaf_at(va)) + "\n";
  auto const walked = world.machine.translate(space.id, va.value);
  out += "  walker   ";
  if (walked.found()) {
    out += hex(walked.physical) + " " + std::string(print(walked.size)) + " " +
           print(walked.effective_flags(world.options)) + (walked.accessed ? " A" : "") +
           (walked.dirty ? " D" : "") + "\n";
  } else {
    out += std::string(models::refusal_name(walked.refusal)) + " at level " +
           std::to_string(walked.level) + "\n";
  }
  for (models::WalkStep const& at : walked.path) {
    out += "    level " + std::to_string(at.level) + " [" + hex(at.slot) + "] = " +
           hex(at.entry) + "  " +
           describe_entry<Spec>(world.machine.settings(), at.level, at.entry) + "\n";
  }
  for (FlushScope const& scope : world.pending_scopes) out += "pending    " + words(scope) + "\n";
  return out;
}

}  // namespace twinwalk::fuzz
