#include "proofs/symbols.hpp"

#include "proofs/explorer.hpp"

namespace twinwalk::proofs {

z3::context& context() {
  thread_local z3::context terms;
  return terms;
}

SymBool::operator bool() const {
  if (is_true()) return true;
  if (is_false()) return false;
  return Explorer::current().decide(*this);
}

SymBool both(SymBool const& a, SymBool const& b) { return SymBool(a.term() && b.term()); }
SymBool either(SymBool const& a, SymBool const& b) { return SymBool(a.term() || b.term()); }
SymBool implies(SymBool const& a, SymBool const& b) {
  return SymBool(z3::implies(a.term(), b.term()));
}
SymBool same(SymBool const& a, SymBool const& b) { return SymBool(a.term() == b.term()); }

bool SymWord::is_number(std::uint64_t& value) const { return term_.is_numeral_u64(value); }

SymWord operator&(SymWord const& a, SymWord const& b) { return SymWord(a.term_ & b.term_); }
SymWord operator|(SymWord const& a, SymWord const& b) { return SymWord(a.term_ | b.term_); }
SymWord operator^(SymWord const& a, SymWord const& b) { return SymWord(a.term_ ^ b.term_); }
SymWord operator~(SymWord const& a) { return SymWord(~a.term_); }
SymWord operator+(SymWord const& a, SymWord const& b) { return SymWord(a.term_ + b.term_); }
SymWord operator-(SymWord const& a, SymWord const& b) { return SymWord(a.term_ - b.term_); }
SymWord operator<<(SymWord const& a, int n) {
  return SymWord(z3::shl(a.term_, context().bv_val(n, 64)));
}
SymWord operator>>(SymWord const& a, int n) {
  return SymWord(z3::lshr(a.term_, context().bv_val(n, 64)));
}
SymBool operator==(SymWord const& a, SymWord const& b) { return SymBool(a.term_ == b.term_); }
SymBool operator!=(SymWord const& a, SymWord const& b) { return SymBool(a.term_ != b.term_); }

SymWord select(SymBool const& condition, SymWord const& yes, SymWord const& no) {
  return SymWord(z3::ite(condition.term(), yes.term(), no.term()));
}
SymBool select(SymBool const& condition, SymBool const& yes, SymBool const& no) {
  return SymBool(z3::ite(condition.term(), yes.term(), no.term()));
}
SymBool at_most(SymWord const& a, SymWord const& b) { return SymBool(z3::ule(a.term(), b.term())); }

SymWord join(SymWord const& high, SymWord const& low, int low_bits) {
  auto const bits = static_cast<unsigned>(low_bits);
  if (bits == 0) return high;
  if (bits == 64) return low;
  return SymWord(z3::concat(high.term().extract(63, bits), low.term().extract(bits - 1, 0)));
}

SymWord free_word(std::string const& name, int bits, int lo) {
  z3::expr word = context().bv_const(name.c_str(), static_cast<unsigned>(bits));
  if (lo > 0) word = z3::concat(word, context().bv_val(0, static_cast<unsigned>(lo)));
  int const above = 64 - bits - lo;
  if (above > 0) word = z3::concat(context().bv_val(0, static_cast<unsigned>(above)), word);
  return SymWord(word);
}
SymBool free_bool(std::string const& name) { return SymBool(context().bool_const(name.c_str())); }

}  // namespace twinwalk::proofs
