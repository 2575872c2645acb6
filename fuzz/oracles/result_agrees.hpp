// The engine's answer is the one that the flat map predicts.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/api.hpp"
#include "fuzz/op.hpp"
#include "fuzz/step.hpp"
#include "fuzz/words.hpp"

namespace twinwalk::fuzz {

struct ResultAgrees {
  static constexpr std::string_view name = "result-agrees";
  static constexpr std::string_view statement =
      "Status, place of refusal, returned leaf, visited leaves and mapped bytes are as predicted.";

  template <class World>
  static std::optional<Complaint> after_operation(World const&, Step const& step) {
    if (!step.is_contract()) return std::nullopt;
    if (!same(step.engine.failure, step.model.failure)) {
      return said(words(step.engine.failure), words(step.model.failure), step);
    }
    if (step.engine.failure) return std::nullopt;
    if (step.engine.leaf) {
      std::optional<Leaf> const expected = expected_leaf(step);
      if (!expected || *step.engine.leaf != *expected) {
        return said(words(step.engine.leaf), words(expected), step);
      }
    }
    if (step.engine.mapped_bytes != step.model.mapped_bytes) {
      return said(std::to_string(step.engine.mapped_bytes) + " bytes mapped",
                  std::to_string(step.model.mapped_bytes), step);
    }
    return visited_leaves(step);
  }
  template <class World>
  static std::optional<Complaint> at_lifetime(World const&, Lifetime const& life) {
    if (same(life.failure, life.model.failure)) return std::nullopt;
    return Complaint{"create: engine: " + words(life.failure) +
                     "; flat map: " + words(life.model.failure)};
  }

 private:
  static bool same(std::optional<Failure> const& a, std::optional<Failure> const& b) {
    if (a.has_value() != b.has_value()) return false;
    return !a || (a->error == b->error && a->where == b->where);
  }
  static Complaint said(std::string const& engine, std::string const& model, Step const& step) {
    return {"engine: " + engine + "; flat map: " + model, step.op.va.value};
  }
  // The flat map gives the whole leaf; a query is answered for the byte.
  static std::optional<Leaf> expected_leaf(Step const& step) {
    std::optional<Leaf> leaf = step.model.leaf;
    if (!leaf || step.op.kind != OpKind::query) return leaf;
    leaf->phys = PhysAddr(leaf->phys.value + (step.op.va.value - leaf->virt.value));
    leaf->virt = step.op.va;
    return leaf;
  }
  static std::optional<Complaint> visited_leaves(Step const& step) {
    if (step.engine_leaves == step.model_leaves) return std::nullopt;
    auto const engine = step.engine_leaves.all();
    auto const model = step.model_leaves.all();
    std::size_t i = 0;
    while (i < engine.size() && i < model.size() && engine[i] == model[i]) ++i;
    return said(i < engine.size() ? "visited " + words(engine[i]) : "visited no more",
                i < model.size() ? words(model[i]) : "no more", step);
  }
};

}  // namespace twinwalk::fuzz
