// The words of the proofs: a 64-bit word and a truth value that stand for every value at once, as
// terms of Z3. They offer just what the engine and the specs ask of a word, so the same source that
// runs on std::uint64_t is read here for all inputs.
#pragma once

#include <z3++.h>

#include <cstdint>
#include <string>

namespace twinwalk::proofs {

// The context of this thread: terms of two threads never meet.
z3::context& context();

// A truth that may depend on symbols.
class SymBool {
 public:
  SymBool() : SymBool(false) {}
  explicit SymBool(bool value) : term_(context().bool_val(value)) {}
  explicit SymBool(z3::expr const& term) : term_(term.simplify()) {}

  // The only way to a branch: the explorer decides, and comes back for the other way later.
  explicit operator bool() const;

  z3::expr const& term() const { return term_; }
  bool is_true() const { return term_.is_true(); }
  bool is_false() const { return term_.is_false(); }

  friend SymBool operator!(SymBool const& a) { return SymBool(!a.term_); }

 private:
  z3::expr term_;
};

SymBool both(SymBool const& a, SymBool const& b);
SymBool either(SymBool const& a, SymBool const& b);
SymBool implies(SymBool const& a, SymBool const& b);
SymBool same(SymBool const& a, SymBool const& b);

// 64 bits that may depend on symbols.
class SymWord {
 public:
  SymWord() : SymWord(std::uint64_t{0}) {}
  explicit SymWord(std::uint64_t value) : term_(context().bv_val(value, 64)) {}
  explicit SymWord(z3::expr const& term) : term_(term.simplify()) {}

  z3::expr const& term() const { return term_; }
  // Whether it is one known number, and which.
  bool is_number(std::uint64_t& value) const;

  friend SymWord operator&(SymWord const& a, SymWord const& b);
  friend SymWord operator|(SymWord const& a, SymWord const& b);
  friend SymWord operator^(SymWord const& a, SymWord const& b);
  friend SymWord operator~(SymWord const& a);
  friend SymWord operator+(SymWord const& a, SymWord const& b);
  friend SymWord operator-(SymWord const& a, SymWord const& b);
  friend SymWord operator<<(SymWord const& a, int n);
  friend SymWord operator>>(SymWord const& a, int n);
  friend SymBool operator==(SymWord const& a, SymWord const& b);
  friend SymBool operator!=(SymWord const& a, SymWord const& b);

 private:
  z3::expr term_;
};

SymWord select(SymBool const& condition, SymWord const& yes, SymWord const& no);
SymBool select(SymBool const& condition, SymBool const& yes, SymBool const& no);
// Unsigned comparison: for the statements of theorems; engine and specs do without.
SymBool at_most(SymWord const& a, SymWord const& b);
// Bits hi to lo, both inclusive, of `high` above those of `low`: a word put together.
SymWord join(SymWord const& high, SymWord const& low, int low_bits);

// A free symbol. `bits` of it are free, from `lo` up; the others are 0.
SymWord free_word(std::string const& name, int bits = 64, int lo = 0);
SymBool free_bool(std::string const& name);

}  // namespace twinwalk::proofs
