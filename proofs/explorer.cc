#include "proofs/explorer.hpp"

#include <cassert>
#include <utility>

namespace twinwalk::proofs {
namespace {

thread_local Explorer* at_work = nullptr;

}  // namespace

// ---- One solver ----

// The plain core of the solver: asked a thousand small questions in growing contexts, it is some
// ten times faster than the tactics that Z3 would pick by itself. Once in ten thousand it loses its
// way, so its effort is bounded; by a count and not by a time, so that a run repeats.
Explorer::Oracle::Oracle() : solver_(context(), z3::solver::simple()) {
  z3::params limits(context());
  limits.set("rlimit", effort_max);
  limits.set("relevancy", 0U);
  solver_.set(limits);
}

void Explorer::Oracle::push() {
  solver_.push();
  models_before_.push_back(models_);
}

void Explorer::Oracle::pop() {
  solver_.pop();
  // What holds in the scope holds outside of it, so its models are as good as those from before.
  for (z3::model const& model : models_before_.back()) {
    if (models_.size() == models_max) break;
    models_.push_back(model);
  }
  models_before_.pop_back();
}

void Explorer::Oracle::add(z3::expr const& fact) {
  solver_.add(fact);
  std::erase_if(models_, [&](z3::model const& model) { return !model.eval(fact, true).is_true(); });
}

bool Explorer::Oracle::possible(z3::expr const& condition, Effort effort) {
  for (z3::model const& model : models_) {
    if (model.eval(condition, true).is_true()) return true;
  }
  ++checks;
  solver_.push();
  solver_.add(condition);
  z3::check_result result = solver_.check();
  if (result == z3::sat) {
    keep(solver_.get_model());
  } else if (result == z3::unknown && effort == Effort::full) {
    // Slower at most questions, but never stuck at one.
    z3::solver sure(context(), "QF_BV");
    for (z3::expr const& fact : solver_.assertions()) sure.add(fact);
    result = sure.check();
    if (result == z3::sat) keep(sure.get_model());
  }
  solver_.pop();
  return result != z3::unsat;
}

void Explorer::Oracle::keep(z3::model model) {
  if (models_.size() == models_max) models_.erase(models_.begin());
  models_.push_back(std::move(model));
}

// ---- Paths ----

Explorer::Explorer() = default;

Explorer& Explorer::current() {
  assert(at_work != nullptr);
  return *at_work;
}

int Explorer::run(std::function<void()> const& body) {
  struct AtWork {
    Explorer* before = at_work;
    explicit AtWork(Explorer* now) { at_work = now; }
    ~AtWork() { at_work = before; }
  } const guard(this);
  trail_.clear();
  answers_.clear();
  for (int paths = 1;; ++paths) {
    taken_ = 0;
    answered_ = 0;
    {
      Case const path(*this);
      body();
    }
    while (!trail_.empty() && !trail_.back().open) trail_.pop_back();
    if (trail_.empty()) return paths;
    trail_.back() = {!trail_.back().value, false};
    // The next path asks the same as this one up to where they part.
    std::erase_if(answers_, [&](Answer const& answer) { return answer.taken >= trail_.size(); });
  }
}

bool Explorer::decide(SymBool const& condition) {
  if (taken_ == trail_.size()) {
    if (trail_.size() == decisions_max) throw EndlessPath();
    bool const yes = possible(condition);
    bool const no = !yes || possible(!condition);
    trail_.push_back({yes, yes && no});
  }
  bool const value = trail_[taken_++].value;
  assume(value ? condition : !condition, Topic::whereabouts);
  return value;
}

void Explorer::assume(SymBool const& fact, Topic topic) { add({fact.term(), topic, false}); }
void Explorer::define(SymBool const& fact, Topic topic) { add({fact.term(), topic, true}); }

void Explorer::add(Fact fact) {
  if (fact.term.is_true()) return;
  everything_.add(fact.term);
  if (fact.topic == Topic::whereabouts) whereabouts_.add(fact.term);
  facts_.push_back(std::move(fact));
}

SymBool Explorer::settle(SymBool const& condition) {
  if (condition.is_true() || condition.is_false()) return condition;
  unsigned const id = condition.term().id();
  // What was decided further out holds here too; what was left open there may be decided here.
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    auto const found = scope->verdicts.find(id);
    if (found == scope->verdicts.end()) continue;
    SymBool const& verdict = found->second.second;
    if (scope == scopes_.rbegin() || verdict.is_true() || verdict.is_false()) return verdict;
  }
  SymBool const verdict = answer(condition);
  scopes_.back().verdicts.insert({id, {condition.term(), verdict}});
  return verdict;
}

SymBool Explorer::answer(SymBool const& condition) {
  if (answered_ == answers_.size()) {
    bool const yes = possible_by_whereabouts(condition);
    bool const no = !yes || possible_by_whereabouts(!condition);
    answers_.push_back({yes, no, taken_});
  }
  Answer const& answer = answers_[answered_++];
  return answer.yes && answer.no ? condition : SymBool(answer.yes);
}

SymWord Explorer::settle(SymWord const& word) {
  z3::expr const& term = word.term();
  if (!term.is_app() || term.decl().decl_kind() != Z3_OP_ITE) return word;
  SymBool const condition = settle(SymBool(term.arg(0)));
  SymWord const yes = condition.is_false() ? SymWord() : settle(SymWord(term.arg(1)));
  SymWord const no = condition.is_true() ? SymWord() : settle(SymWord(term.arg(2)));
  return select(condition, yes, no);
}

bool Explorer::possible(SymBool const& condition) {
  return !condition.is_false() && everything_.possible(condition.term());
}

bool Explorer::plainly_certain(SymBool const& condition) {
  return condition.is_true() || !everything_.possible((!condition).term(), Effort::quick);
}

bool Explorer::possible_by_whereabouts(SymBool const& condition) {
  return !condition.is_false() && whereabouts_.possible(condition.term());
}

std::vector<z3::expr> Explorer::facts() const {
  std::vector<z3::expr> terms;
  terms.reserve(facts_.size());
  for (Fact const& fact : facts_) terms.push_back(fact.term);
  return terms;
}

void Explorer::push() {
  everything_.push();
  whereabouts_.push();
  scopes_.push_back({facts_.size(), {}});
}

void Explorer::pop() {
  everything_.pop();
  whereabouts_.pop();
  facts_.erase(facts_.begin() + static_cast<std::ptrdiff_t>(scopes_.back().facts_before),
               facts_.end());
  scopes_.pop_back();
}

Explorer::Within::Within(Explorer& explorer, SymBool const& condition)
    : explorer_(explorer), pushed_(!condition.is_true()) {
  if (!pushed_) return;
  explorer_.push();
  explorer_.assume(condition, Topic::whereabouts);
}

Explorer::Within::~Within() {
  if (!pushed_) return;
  std::vector<Fact> kept;
  for (std::size_t i = explorer_.scopes_.back().facts_before; i < explorer_.facts_.size(); ++i) {
    if (explorer_.facts_[i].definition) kept.push_back(explorer_.facts_[i]);
  }
  explorer_.pop();
  for (Fact& fact : kept) explorer_.add(std::move(fact));
}

}  // namespace twinwalk::proofs
