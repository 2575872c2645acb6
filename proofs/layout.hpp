// What a theorem about the layout of entries is proved with: no memory and no paths, only words.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/spec/field.hpp"
#include "proofs/engine_source.hpp"
#include "proofs/explorer.hpp"
#include "proofs/prover.hpp"
#include "proofs/spec_of.hpp"

namespace twinwalk::proofs {

template <class Format, class S>
struct Layout {
  Prover& prover;
  Explorer& explorer;
  SpecOf<S> const& spec;
  std::string_view theorem;

  // A word that a refutation shows: field by field if it is an entry of a level.
  struct Shown {
    std::string name;
    SymWord word;
    int level = 0;
  };

  // Claims that `goal` holds for every value of the symbols, where `assumption` does; and that the
  // assumption can be met, for from a contradiction everything follows.
  void prove(std::string const& what, SymBool const& assumption, SymBool const& goal,
             std::vector<Shown> const& shown) {
    Explorer::Case const scope(explorer);
    explorer.assume(assumption);
    prover.prove_satisfiable(theorem, what, explorer.possible(SymBool(true)));
    prover.prove(theorem, what, goal, [&](z3::model const& model) {
      Refutation refutation;
      refutation.explanation = describe_machine(model);
      for (Shown const& one : shown) refutation.explanation += describe(model, one);
      return refutation;
    });
  }

  // Claims that what the engine says, or what is read in an entry that it made, is what the spec
  // asks for; a refutation shows both.
  void prove_same(std::string const& what, SymBool const& assumption, SymWord const& is,
                  SymWord const& expected, std::vector<Shown> shown) {
    shown.push_back({"found", is});
    shown.push_back({"expected", expected});
    prove(what, assumption, is == expected, shown);
  }
  void prove_same(std::string const& what, SymBool const& assumption, SymBool const& is,
                  SymBool const& expected, std::vector<Shown> const& shown) {
    prove_same(what, assumption, as_word(is), as_word(expected), shown);
  }

 private:
  static std::uint64_t number(z3::model const& model, SymWord const& word) {
    return model.eval(word.term(), true).get_numeral_uint64();
  }

  std::string describe_machine(z3::model const& model) const {
    MachineSymbols const& machine = spec.machine();
    std::string text = fmt::format("physical addresses below {:#x}",
                                   number(model, machine.physical_mask + SymWord(1)));
    auto const add = [&](SymBool const& has, std::string_view name) {
      text += fmt::format(", {}={}", name, number(model, as_word(has)) != 0 ? "on" : "off");
    };
    for (std::size_t i = 0; i < machine_switches.size(); ++i) {
      add(machine.switches[i], machine_switches[i].name);
    }
    add(machine.amd, "amd");
    return text + "\n";
  }

  static std::string describe(z3::model const& model, Shown const& one) {
    std::uint64_t const word = number(model, one.word);
    std::string text = fmt::format("{} = {:#x}", one.name, word);
    if (one.level == 0) return text + "\n";
    text += fmt::format(", at level {}\n", one.level);
    for (models::Field const& field : S::fields(one.level, word)) {
      text += fmt::format("  {:<30} {:#x}\n", field.name, models::value(field, word));
    }
    return text;
  }
};

}  // namespace twinwalk::proofs
