// Which ways the engine can go. A run of the engine on symbols asks for a decision wherever it
// branches; the explorer answers with what is possible, and runs it again for what it left out,
// depth first, until every feasible path was taken. So the source must be deterministic.
//
// It also holds what is known on the path at hand, and can be asked what follows from it: terms
// stay small only where what cannot be is left out of them.
#pragma once

#include <z3++.h>

#include <cstddef>
#include <functional>
#include <stdexcept>
#include <unordered_map>
#include <utility>
#include <vector>

#include "proofs/symbols.hpp"

namespace twinwalk::proofs {

// A path that makes more decisions than any sane engine: it does not end.
struct EndlessPath : std::runtime_error {
  EndlessPath() : std::runtime_error("the path does not end") {}
};

// What a fact speaks of. Which addresses may be equal follows from who stands where alone, and is
// asked a hundred times more often than anything else.
enum class Topic : bool { anything, whereabouts };

class Explorer {
 public:
  static constexpr std::size_t decisions_max = 2000;

  Explorer();

  // The explorer at work on this thread; a decision outside of one is a programmer error.
  static Explorer& current();

  // Runs `body` once for each feasible path; how many there were.
  int run(std::function<void()> const& body);

  bool decide(SymBool const& condition);

  // A fact of the scope at hand.
  void assume(SymBool const& fact, Topic topic = Topic::anything);
  // A fact that holds in itself, such as that equal addresses hold equal words: it outlives a
  // `Within` in which it is met, but not a `Case`.
  void define(SymBool const& fact, Topic topic = Topic::anything);

  // The condition, or true or false where the decisions and the facts about whereabouts decide it.
  SymBool settle(SymBool const& condition);
  // The same word, without the choices in it that are settled.
  SymWord settle(SymWord const& word);
  bool possible(SymBool const& condition);
  bool certain(SymBool const& condition) { return !possible(!condition); }
  // Whether it is certain and that is quickly seen.
  bool plainly_certain(SymBool const& condition);
  // The same by decisions and whereabouts alone: "no" is final, "yes" may be too generous.
  bool possible_by_whereabouts(SymBool const& condition);

  // Everything that is known here.
  std::vector<z3::expr> facts() const;

  // How often the solver was asked.
  int checks() const { return everything_.checks + whereabouts_.checks; }

  // While it lives, `condition` is a fact: for terms that only matter where it holds.
  class Within {
   public:
    explicit Within(Explorer& explorer, SymBool const& condition);
    ~Within();
    Within(Within const&) = delete;
    Within& operator=(Within const&) = delete;

   private:
    Explorer& explorer_;
    bool pushed_;
  };

  // A scope whose definitions end with it as well.
  class Case {
   public:
    explicit Case(Explorer& explorer) : explorer_(explorer) { explorer_.push(); }
    ~Case() { explorer_.pop(); }
    Case(Case const&) = delete;
    Case& operator=(Case const&) = delete;

   private:
    Explorer& explorer_;
  };

 private:
  struct Decision {
    bool value;
    bool open;  // the other way is feasible and was not taken yet
  };
  // What came of a condition that was to be settled: whether it and its opposite are possible.
  struct Answer {
    bool yes;
    bool no;
    std::size_t taken;  // how many decisions were made before
  };
  struct Fact {
    z3::expr term;
    Topic topic;
    bool definition;
  };
  // How hard to try: a quick try that fails leaves what was asked possible.
  enum class Effort : bool { quick, full };
  // A solver in a growing context, with some states in which everything it was told holds: they
  // answer most questions before it has to.
  class Oracle {
   public:
    Oracle();
    void push();
    void pop();
    void add(z3::expr const& fact);
    bool possible(z3::expr const& condition, Effort effort = Effort::full);
    int checks = 0;

   private:
    void keep(z3::model model);

    static constexpr unsigned effort_max = 400'000;  // in the solver's own steps
    static constexpr std::size_t models_max = 4;
    z3::solver solver_;
    std::vector<z3::model> models_;
    std::vector<std::vector<z3::model>> models_before_;
  };
  // Verdicts by the identity of a term, which they keep alive.
  using Verdicts = std::unordered_map<unsigned, std::pair<z3::expr, SymBool>>;
  struct Scope {
    std::size_t facts_before;
    Verdicts verdicts;
  };

  void push();
  void pop();
  void add(Fact fact);
  SymBool answer(SymBool const& condition);

  Oracle everything_;
  Oracle whereabouts_;
  std::vector<Decision> trail_;
  std::size_t taken_ = 0;
  std::vector<Answer> answers_;
  std::size_t answered_ = 0;
  std::vector<Fact> facts_;
  std::vector<Scope> scopes_;
};

}  // namespace twinwalk::proofs
