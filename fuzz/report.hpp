// A finding explained from the state it was found in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/api.hpp"
#include "fuzz/look.hpp"
#include "fuzz/reasons.hpp"
#include "fuzz/step.hpp"
#include "fuzz/text.hpp"
#include "fuzz/words.hpp"
#include "models/spec/access.hpp"
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

// What engine, flat map and walker say about an address, and each entry on the walk.
template <class World>
std::string explain_address(World& world, std::uint8_t space_index, VirtAddr va) {
  using Spec = typename World::Spec;
  auto const& space = world.spaces[space_index];
  std::string out = "address    " + hex(va.value) + " in space " + std::to_string(space_index);
  out += "\n";
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
    out += "    level " + std::to_string(at.level) + " [" + hex(at.slot) + "] = " + hex(at.entry) +
           "  " + describe_entry<Spec>(world.machine.settings(), at.level, at.entry) + "\n";
  }
  std::optional<Leaf> said;
  if (answer) said = *answer;
  View hardware;
  if (walked.found()) {
    hardware = {true,
                walked.physical,
                walked.size,
                walked.effective_flags(world.options),
                walked.accessed,
                walked.dirty};
  }
  out += "verdict    " + verdict(view_of(said, va), view_of(space.map.leaf_at(va), va), hardware) +
         "\n";
  return out + withheld_rights(world, walked) + page_taken_for_table(world, walked);
}

template <class World>
std::string explain(World& world, Step const& step, Finding const& finding) {
  std::string out = "oracle     " + finding.oracle + "\n";
  out += "objection  " + finding.what + "\n";
  if (step.executed) {
    out += "operation  #" + std::to_string(finding.op) + " " + print(step.op) + "\n";
    out += "engine     " + words(step.engine.failure) + "\n";
    out += "flat map   " + words(step.model.failure) + "\n";
    out += "plan       " + words(step.engine.scope) + (step.engine.deferred ? " (deferred)" : "") +
           "\n";
    out += visible_stores(world, step);
  }
  if (!world.spaces[finding.space].exists()) return out;
  out += explain_address(world, finding.space, VirtAddr(finding.va));
  for (FlushScope const& scope : world.pending_scopes) out += "pending    " + words(scope) + "\n";
  return out;
}

// The hardware's view of an address in a space that exists.
template <class World>
Look look_at(World& world, std::uint8_t space_index, VirtAddr va) {
  auto const& space = world.spaces[space_index];
  Look look;
  look.explanation = explain_address(world, space_index, va);
  look.root = space.table->root().value;
  auto const translation = world.machine.translate(space.id, va.value);
  look.path.assign(translation.path.begin(), translation.path.end());
  using enum models::AccessKind;
  for (bool const user : {false, true}) {
    for (models::AccessKind const kind : {read, write, fetch}) {
      auto const walked = world.machine.walk(space.id, va.value, {kind, user, false});
      look.accesses.push_back({kind, user, walked.ok(), walked.translation.physical, walked.fault});
    }
  }
  return look;
}

}  // namespace twinwalk::fuzz
