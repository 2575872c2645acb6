// Which entries of a table are live, one bit for each, and how many: what a live count counts.
#pragma once

#include <z3++.h>

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "proofs/symbols.hpp"

namespace twinwalk::proofs {

// 2^height bits; each is a term of one bit, so what a change leaves alone stays the same term.
class Presence {
 public:
  explicit Presence(std::vector<z3::expr> bits) : bits_(std::move(bits)) {}

  // The low 2^height bits of one free vector.
  static Presence any(std::string const& name, unsigned height) {
    unsigned const size = 1u << height;
    z3::expr const vector = context().bv_const(name.c_str(), size);
    std::vector<z3::expr> bits;
    for (unsigned k = 0; k < size; ++k) bits.push_back(vector.extract(k, k));
    return Presence(bits);
  }
  static Presence all(bool live, unsigned height) {
    return Presence(std::vector<z3::expr>(std::size_t{1} << height, bit(live)));
  }

  std::span<z3::expr const> bits() const { return bits_; }
  Presence half(bool upper) const {
    auto const middle = bits_.begin() + static_cast<std::ptrdiff_t>(bits_.size() / 2);
    return Presence(upper ? std::vector(middle, bits_.end()) : std::vector(bits_.begin(), middle));
  }

  // The bit at an index.
  z3::expr at(z3::expr const& index) const {
    z3::expr found = bit(false);
    for (unsigned k = 0; k < bits_.size(); ++k) {
      found = found | z3::ite(is(index, k), bits_[k], bit(false)).simplify();
    }
    return found.simplify();
  }
  // With another bit at the index.
  Presence with(z3::expr const& index, z3::expr const& value) const {
    std::vector<z3::expr> bits;
    for (unsigned k = 0; k < bits_.size(); ++k) {
      bits.push_back(z3::ite(is(index, k), value, bits_[k]).simplify());
    }
    return Presence(bits);
  }

  SymBool none() const {
    SymBool none(true);
    for (z3::expr const& one : bits_) none = both(none, SymBool(one == bit(false)));
    return none;
  }
  SymBool every() const { return (~*this).none(); }

  friend Presence operator&(Presence const& a, Presence const& b) {
    std::vector<z3::expr> bits;
    for (std::size_t k = 0; k < a.bits_.size(); ++k) bits.push_back(a.bits_[k] & b.bits_[k]);
    return Presence(bits);
  }
  friend Presence operator~(Presence const& a) {
    std::vector<z3::expr> bits;
    for (z3::expr const& one : a.bits_) bits.push_back(~one);
    return Presence(bits);
  }

  static z3::expr bit(bool value) { return context().bv_val(value ? 1 : 0, 1); }

 private:
  static z3::expr is(z3::expr const& index, unsigned k) {
    return (index == context().bv_val(k, index.get_sort().bv_size())).simplify();
  }

  std::vector<z3::expr> bits_;
};

// The sum of bits, as a balanced tree of adders: each a bit wider than what it adds.
struct AdderTree {
  static z3::expr sum(std::span<z3::expr const> bits) {
    if (bits.size() == 1) return bits.front();
    std::size_t const half = bits.size() / 2;
    return z3::zext(sum(bits.first(half)), 1) + z3::zext(sum(bits.subspan(half)), 1);
  }
};

}  // namespace twinwalk::proofs
