#include "proofs/explorer.hpp"

#include <cassert>

namespace twinwalk::proofs {
namespace {

thread_local Explorer* at_work = nullptr;

}  // namespace

// ---- One solver ----

// The plain core of the solver: asked a thousand small questions in growing contexts, it is some
// ten times faster than the tactics that Z3 would pick by itself.
Explorer::Oracle::Oracle() : solver_(context(), z3::solver::simple()) {}

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

bool Explorer::Oracle::possible(z3::expr const& condition, unsigned timeout_ms) {
  for (z3::model const& model : models_) {
    if (model.eval(condition, true).is_true()) return true;
  }
  ++checks;
  solver_.push();
  solver_.add(condition);
  if (timeout_ms != no_timeout) limit(timeout_ms);
  z3::check_result const result = solver_.check();
  if (timeout_ms != no_timeout) limit(no_timeout);
  if (result == z3::sat) {
    if (models_.size() == models_max) models_.erase(models_.begin());
    models_.push_back(solver_.get_model());
  }
  solver_.pop();
  return result != z3::unsat;
}

void Explorer::Oracle::limit(unsigned timeout_ms) {
  z3::params limits(context());
  limits.set("timeout", timeout_ms);
  solver_.set(limits);
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
  for (int paths = 1;; ++paths) {
    taken_ = 0;
    {
      Case const path(*this);
      body();
    }
    while (!trail_.empty() && !trail_.back().open) trail_.pop_back();
    if (trail_.empty()) return paths;
    trail_.back() = {!trail_.back().value, false};
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
  SymBool verdict = condition;
  if (!possible_by_whereabouts(condition)) {
    verdict = SymBool(false);
  } else if (!possible_by_whereabouts(!condition)) {
    verdict = SymBool(true);
  }
  scopes_.back().verdicts.insert({id, {condition.term(), verdict}});
  return verdict;
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
  static constexpr unsigned quickly_ms = 40;
  return condition.is_true() || !everything_.possible((!condition).term(), quickly_ms);
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
