// Frames are asked for, kept and given back exactly as the flat map predicts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/api.hpp"
#include "fuzz/oracles/machine_findings.hpp"
#include "fuzz/step.hpp"
#include "models/finding.hpp"
#include "models/frames.hpp"

namespace twinwalk::fuzz {

struct FramesBalance {
  static constexpr std::string_view name = "frames-balance";
  static constexpr std::string_view statement =
      "Each call takes and frees the predicted frames; none is leaked, freed twice or linked "
      "twice.";

  template <class World>
  static std::optional<Complaint> after_operation(World const& world, Step const& step) {
    if (auto found = objection(world, step.op.va.value)) return found;
    if (!step.is_contract()) return std::nullopt;
    bool const refused = !step.model.ok();
    std::uint64_t const taken = step.model.frames_taken();
    if (!refused && step.frames_allocated != taken) {
      return said("frames allocated", step.frames_allocated, taken, step);
    }
    // Errors come before payment, and NoMemory is met on the way.
    bool const paid_for_nothing =
        refused &&
        step.frames_allocated >
            (step.model.refused_with(PagingError::NoMemory) ? step.model.frames_needed : 0);
    if (paid_for_nothing) {
      return said("frames asked for and refused", step.frames_allocated, step.model.frames_needed,
                  step);
    }
    if (refused && step.frames_free_after != step.frames_free_before) {
      return said("frames free after a refusal", step.frames_free_after, step.frames_free_before,
                  step);
    }
    if (step.frames_in_plan != step.model.frames_freed) {
      return said("frames in the plan", step.frames_in_plan, step.model.frames_freed, step);
    }
    return linked_tables(world, step);
  }
  template <class World>
  static std::optional<Complaint> at_lifetime(World const&, Lifetime const& life) {
    if (life.created) {
      if (life.frames_asked == life.model.frames_needed) return std::nullopt;
      return Complaint{
          said("frames asked for by create", life.frames_asked, life.model.frames_needed)};
    }
    if (life.frames_freed == life.model.frames_freed) return std::nullopt;
    return Complaint{said("frames freed by destroy", life.frames_freed, life.model.frames_freed)};
  }
  template <class World>
  static std::optional<Complaint> at_end(World const& world) {
    return objection(world, 0);
  }

 private:
  static Complaint said(char const* what, std::uint64_t engine, std::uint64_t model,
                        Step const& step) {
    return {said(what, engine, model), step.op.va.value};
  }
  static std::string said(char const* what, std::uint64_t engine, std::uint64_t model) {
    return std::string(what) + ": engine " + std::to_string(engine) + ", flat map " +
           std::to_string(model);
  }
  template <class World>
  static std::optional<Complaint> objection(World const& world, std::uint64_t va) {
    using enum models::FindingKind;
    return first_machine_finding(world, va, double_free, foreign_free, wrong_size_free,
                                 linked_foreign_frame, linked_data_frame, linked_twice,
                                 leaked_frame, unknown_root);
  }
  template <class World>
  static std::optional<Complaint> linked_tables(World const& world, Step const& step) {
    // The tables of a space are a frame each, but for its root.
    constexpr std::uint64_t frames_of_root = std::uint64_t{1} << (World::Spec::root_bits - 12);
    std::uint64_t predicted = 0;
    for (auto const& space : world.spaces) {
      if (space.exists()) predicted += space.map.table_count() + (frames_of_root - 1);
    }
    std::uint64_t const linked = world.machine.frames().in_state(models::FrameState::table);
    if (linked == predicted) return std::nullopt;
    return said("frames of linked tables", linked, predicted, step);
  }
};

}  // namespace twinwalk::fuzz
