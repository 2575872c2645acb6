#include "fuzz/minimize.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>

#include "fuzz/machine_keys.hpp"
#include "fuzz/text_words.hpp"

namespace twinwalk::fuzz {
namespace {

class Minimizer {
 public:
  Minimizer(Sequence const& sequence, StillFails const& still_fails, MinimizeOptions options)
      : best_(sequence), still_fails_(still_fails), runs_max_(options.runs_max) {
    for (Op& op : best_.ops) op = canonical(op);
  }

  MinimizeResult run() {
    MinimizeResult out;
    out.reproduced = asks(best_);
    if (out.reproduced) {
      bool progress = true;
      while (progress && !spent()) {
        progress = drop_ops();
        progress = simplify_machine() || progress;
        progress = simplify_together() || progress;
        for (std::size_t i = 0; i < best_.ops.size(); ++i) {
          progress = simplify_op(i) || progress;
        }
      }
      out.finished = !progress;
    }
    out.sequence = std::move(best_);
    out.runs = runs_;
    return out;
  }

 private:
  bool spent() const { return runs_ >= runs_max_; }

  bool asks(Sequence const& candidate) {
    if (spent()) return false;
    ++runs_;
    return still_fails_(candidate);
  }

  // Takes the candidate if it differs and still fails.
  bool attempt(Sequence candidate) {
    for (Op& op : candidate.ops) op = canonical(op);
    if (candidate == best_ || !asks(candidate)) return false;
    best_ = std::move(candidate);
    return true;
  }

  // The best with one operation changed.
  template <class Change>
  bool attempt_op(std::size_t i, Change change) {
    Sequence candidate = best_;
    change(candidate.ops[i]);
    return attempt(std::move(candidate));
  }

  // The best with each operation changed.
  template <class Change>
  bool attempt_all(Change change) {
    Sequence candidate = best_;
    for (Op& op : candidate.ops) change(op);
    return attempt(std::move(candidate));
  }

  // Runs of halving lengths, from the end, where what follows a failure lies.
  bool drop_ops() {
    bool progress = false;
    for (std::size_t run = std::bit_ceil(std::max<std::size_t>(best_.ops.size(), 1)); run > 0;
         run /= 2) {
      for (std::size_t end = best_.ops.size(); end > 0;) {
        std::size_t const first = end > run ? end - run : 0;
        Sequence candidate = best_;
        candidate.ops.erase(candidate.ops.begin() + static_cast<std::ptrdiff_t>(first),
                            candidate.ops.begin() + static_cast<std::ptrdiff_t>(end));
        progress = attempt(std::move(candidate)) || progress;
        end = first;
      }
    }
    return progress;
  }

  bool simplify_machine() {
    bool progress = false;
    for (MachineKey const& key : machine_keys) {
      if (key.get(best_) == key.usual) continue;
      Sequence candidate = best_;
      key.set(candidate, key.usual);
      progress = attempt(std::move(candidate)) || progress;
    }
    if (best_.frames != frame_count_default) progress = fewer_frames() || progress;
    return progress;
  }

  // Where the usual number of frames does not do, the least that does.
  bool fewer_frames() {
    bool progress = false;
    for (std::uint32_t step = std::bit_floor(best_.frames); step > 0; step /= 2) {
      while (best_.frames > step) {
        Sequence candidate = best_;
        candidate.frames -= step;
        if (!attempt(std::move(candidate))) break;
        progress = true;
      }
    }
    return progress;
  }

  // What only works when all operations change alike.
  bool simplify_together() {
    bool progress = attempt_all([](Op& op) { op.expect = Expectation::none; });
    progress = attempt_all([](Op& op) { op.space = op.owner = 0; }) || progress;
    progress = attempt_all([](Op& op) { op.cpu = 0; }) || progress;
    progress = attempt_all([](Op& op) { op.defer = false; }) || progress;
    // Lower addresses, all by the same distance, or with the same bit cleared.
    for (int bit = 63; bit >= 12 && !spent(); --bit) {
      progress = clear_bit(bit, [](Op& op) -> std::uint64_t& { return op.va.value; }) || progress;
      progress = clear_bit(bit, [](Op& op) -> std::uint64_t& { return op.pa.value; }) || progress;
    }
    return progress;
  }

  template <class Field>
  bool clear_bit(int bit, Field field) {
    // An upper half is upper with all its sign bits: they go together.
    std::uint64_t const mask = bit == 63 ? ~std::uint64_t{0} << 47 : std::uint64_t{1} << bit;
    bool progress = false;
    std::uint64_t bits = 0;
    for (Op& op : best_.ops) bits |= field(op);
    if ((bits & mask) == 0) return false;
    progress = attempt_all([&](Op& op) { field(op) &= ~mask; });
    return progress;
  }

  bool simplify_op(std::size_t i) {
    bool progress = attempt_op(i, [](Op& op) { op.expect = Expectation::none; });
    progress = attempt_op(i, [](Op& op) { op.defer = false; }) || progress;
    progress = attempt_op(i, [](Op& op) { op.space = 0; }) || progress;
    progress = attempt_op(i, [](Op& op) { op.cpu = 0; }) || progress;
    progress = attempt_op(i, [](Op& op) { op.user = op.visit = false; }) || progress;
    progress = attempt_op(i, [](Op& op) { op.access = AccessKind::read; }) || progress;
    progress = attempt_op(i, [](Op& op) { op.moment = Moment::before_store; }) || progress;
    progress = simplify_flags(i) || progress;
    progress = simplify_size(i) || progress;
    progress = simplify_numbers(i) || progress;
    return progress;
  }

  bool simplify_flags(std::size_t i) {
    std::uint64_t const bits = best_.ops[i].flags.bits;
    if (bits == 0) return false;
    MappingFlags const plain(Flag::READ);
    if (bits == plain.bits) return false;
    if (attempt_op(i, [&](Op& op) { op.flags = plain; })) return true;
    bool progress = false;
    for (std::uint64_t left = bits; left != 0; left &= left - 1) {
      std::uint64_t const bit = left & (0 - left);
      if (bit == plain.bits) continue;
      progress = attempt_op(i, [&](Op& op) { op.flags.bits &= ~bit; }) || progress;
    }
    // Rights without READ are no simpler than with it.
    if ((bits & plain.bits) == 0) {
      progress = attempt_op(i, [&](Op& op) { op.flags.bits |= plain.bits; }) || progress;
    }
    return progress;
  }

  bool simplify_size(std::size_t i) {
    if (info(best_.ops[i].kind).operands.has(Operand::policy)) {
      return attempt_op(i, [](Op& op) { op.size = words::no_policy; });
    }
    for (auto const& size : words::sizes) {
      if (size.value >= best_.ops[i].size) return false;
      if (attempt_op(i, [&](Op& op) { op.size = size.value; })) return true;
    }
    return false;
  }

  bool simplify_numbers(std::size_t i) {
    bool progress = round(i, [](Op& op) -> std::uint64_t& { return op.va.value; });
    progress = round(i, [](Op& op) -> std::uint64_t& { return op.pa.value; }) || progress;
    progress = round(i, [](Op& op) -> std::uint64_t& { return op.length; }) || progress;
    progress = round(i, [](Op& op) -> std::uint64_t& { return op.word; }) || progress;
    progress = attempt_op(i, [](Op& op) { op.level = 1; }) || progress;
    while (best_.ops[i].count > 0 && attempt_op(i, [](Op& op) { op.count /= 2; })) progress = true;
    if (best_.ops[i].count > 0) {
      progress = attempt_op(i, [](Op& op) { --op.count; }) || progress;
    }
    return progress;
  }

  // A number with as many zeros at its end as do, or none but its highest bit, or 0; or one page.
  template <class Field>
  bool round(std::size_t i, Field field) {
    std::uint64_t const value = field(best_.ops[i]);
    if (value == 0) return false;
    for (std::uint64_t const simple :
         {std::uint64_t{0}, std::uint64_t{1} << 12, std::uint64_t{1} << 21, std::uint64_t{1} << 30,
          std::bit_floor(value), value >> 39 << 39, value >> 30 << 30, value >> 21 << 21,
          value >> 12 << 12}) {
      bool const simpler = simple < value && std::popcount(simple) <= std::popcount(value);
      if (simpler && attempt_op(i, [&](Op& op) { field(op) = simple; })) return true;
    }
    return false;
  }

  Sequence best_;
  StillFails const& still_fails_;
  std::size_t runs_max_;
  std::size_t runs_ = 0;
};

}  // namespace

MinimizeResult minimize(Sequence const& sequence, StillFails const& still_fails,
                        MinimizeOptions const& options) {
  return Minimizer(sequence, still_fails, options).run();
}

}  // namespace twinwalk::fuzz
