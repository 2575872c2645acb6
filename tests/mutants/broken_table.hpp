// An engine that does what a Breakage says.
//
// All mutants of a format share one instantiation of the executor, for compiling one takes many
// seconds: the functions below are reached through whichever breakage is at work.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "engine/page_table.hpp"
#include "fuzz/executor.hpp"
#include "tests/mutants/breakage.hpp"
#include "tests/mutants/mutant.hpp"

namespace twinwalk::mutants {

// The one that is at work; runs come one after the other.
template <class B>
inline B whole;
template <class B>
inline B* at_work = &whole<B>;

template <class B, class F = typename B::Format>
struct BrokenEntries : F {
  template <class W>
  using Options = typename F::template Options<W>;

  static bool canonical(Word va) { return at_work<B>->canonical(va); }
  static bool physical_range_fits(Options<Word> const& options, Word first, Word last) {
    return at_work<B>->fits(options, first, last);
  }
  static bool representable(Options<Word> const& options, MappingFlags flags) {
    return at_work<B>->representable(options, flags);
  }
  static Attributes<Word> encode(Options<Word> const& options, MappingFlags flags) {
    return at_work<B>->encode(options, flags);
  }
  static MappingFlags decode(Options<Word> const& options, int level, Word entry) {
    return at_work<B>->decode(options, level, entry);
  }
  static Word hole(Options<Word> const& options, int level) {
    return at_work<B>->hole(options, level);
  }
  static Word leaf(int level, Word pa, Attributes<Word> attributes) {
    return at_work<B>->leaf(level, pa, attributes);
  }
  static Word table(Word address) { return at_work<B>->table(address); }
  static bool large(Word entry) { return at_work<B>->large(entry); }
  static Word first_piece(int level, Word entry) { return at_work<B>->first_piece(level, entry); }
  static Word with_attributes(int level, Word entry, Attributes<Word> attributes) {
    return at_work<B>->with_attributes(level, entry, attributes);
  }
  static Word without_dirty(Word entry) { return at_work<B>->without_dirty(entry); }
  static bool must_invalidate(Options<Word> const& options, int level, Word before, Word after) {
    return at_work<B>->must_invalidate(options, level, before, after);
  }
  static bool global(int level, Word entry) { return at_work<B>->global(level, entry); }
};
template <class B, bool Breaks = BreaksBeforeMaking<typename B::Format>>
struct BrokenFormat : BrokenEntries<B> {};
template <class B>
struct BrokenFormat<B, true> : BrokenEntries<B> {
  static bool demands_break(int level, Word before, Word after) {
    return at_work<B>->demands_break(level, before, after);
  }
};

// The machine, reached through what is broken.
template <class B>
class BrokenMachine : public B::Machine {
  using Base = typename B::Machine;

 public:
  using Base::Base;

  void store(Word slot, Word entry) { at_work<B>->store(*this, slot, entry); }
  Word exchange(Word slot, Word entry) { return at_work<B>->exchange(*this, slot, entry); }
  Word compare_exchange(Word slot, Word expected, Word desired) {
    return at_work<B>->compare_exchange(*this, slot, expected, desired);
  }
  void fill(Word slot, Word count, Word first, Word stride) {
    at_work<B>->fill(*this, slot, count, first, stride);
  }
  template <class Live>
  Word find_live(Word slot, Word count, Live live) {
    Word const found = Base::find_live(slot, count, live);
    at_work<B>->have_read(*this, slot, count);
    return found;
  }
  template <class Live>
  Word count_live(Word slot, Word count, Live live) {
    Word const found = Base::count_live(slot, count, live);
    at_work<B>->have_read(*this, slot, count);
    return found;
  }
  Word live_count(Word table) { return at_work<B>->live_count(*this, table); }
  void set_live_count(Word table, Word count) { at_work<B>->set_live_count(*this, table, count); }
  void dealloc_frames(Word frame, int size_log2) {
    at_work<B>->dealloc_frames(*this, frame, size_log2);
  }
  void invalidate(FlushScope const& scope) { at_work<B>->invalidate(*this, scope); }
};

template <class B>
class BrokenTable : public PageTable<BrokenFormat<B>, BrokenMachine<B>> {
  using Base = PageTable<BrokenFormat<B>, BrokenMachine<B>>;
  using Spec = typename B::Spec;

 public:
  using Machine = BrokenMachine<B>;
  using typename Base::Options;
  using typename Base::Plan;

  static twinwalk::Result<BrokenTable, Word> create(Machine& machine, Options const& options) {
    auto created = Base::create(machine, options);
    if (!created) return created.failure();
    return BrokenTable(machine, *created);
  }
  BrokenTable() = default;

  twinwalk::Result<Plan, Word> map(VirtAddr va, PhysAddr pa, PageSize size, MappingFlags flags) {
    InCall const call;
    if (auto const failure = at_work<B>->refuse_map(va, pa, size)) return *failure;
    auto result = Base::map(va, pa, size, flags);
    if (!result) {
      return at_work<B>->refused(*machine_, this->root().value, va, result.failure());
    }
    return result;
  }
  twinwalk::Result<Plan, Word> map_region(VirtAddr va, PhysAddr pa, Word length, MappingFlags flags,
                                          PageSize policy) {
    InCall const call;
    auto result = Base::map_region(va, pa, length, flags, policy);
    if (!result) {
      return at_work<B>->refused(*machine_, this->root().value, va, result.failure());
    }
    return result;
  }
  auto unmap(VirtAddr va) {
    InCall const call;
    at_work<B>->in_unmap = true;
    auto result = Base::unmap(va);
    at_work<B>->in_unmap = false;
    if (result) change_range(result->plan, result->leaf);
    return result;
  }
  template <class... Visitor>
  auto unmap_region(VirtAddr va, Word length, Visitor&&... visitor) {
    InCall const call;
    return Base::unmap_region(va, at_work<B>->length_of_range(va, length), visitor...);
  }
  auto protect_region(VirtAddr va, Word length, MappingFlags flags) {
    InCall const call;
    return Base::protect_region(va, at_work<B>->length_of_range(va, length), flags);
  }

 private:
  struct InCall {
    InCall() { at_work<B>->in_call = true; }
    ~InCall() { at_work<B>->in_call = false; }
    InCall(InCall const&) = delete;
    InCall& operator=(InCall const&) = delete;
  };

  // Plans cannot be narrowed, so the same is owed by a new one.
  void change_range(Plan& plan, Leaf const& leaf) {
    FlushScope const scope = plan.scope();
    FlushRange const range = at_work<B>->range_of_unmap(scope.ranges[0], leaf);
    if (range.first == scope.ranges[0].first && range.last == scope.ranges[0].last) return;
    Plan narrow(*machine_, scope.root);
    narrow.cover(range.first, range.last, range.stride);
    if (scope.table_changed) narrow.note_table_changed();
    if (scope.global) narrow.note_global();
    if (scope.every_space) narrow.concern_every_space();
    auto const& frames = machine_->frames();
    for (std::size_t i = 0; i < frames.used_end(); ++i) {
      models::FrameRecord const& frame = frames[i];
      bool const unlinked = frame.state == models::FrameState::awaiting_flush &&
                            is_within(frame.prefix, scope.ranges[0]);
      if (unlinked) narrow.free_later(machine_->memory().address(i), models::frame_log2);
    }
    plan.abandon();
    plan = std::move(narrow);
  }
  static bool is_within(Word prefix, FlushRange const& range) {
    Word const va = Spec::sign_extend(prefix);
    return range.first <= va && va <= range.last;
  }

  BrokenTable(Machine& machine, Base const& base) : Base(base), machine_(&machine) {}

  Machine* machine_ = nullptr;
};

// Runs a sequence on whatever is broken. The executor holds several megabytes, and there is one for
// each format.
template <class B>
std::optional<fuzz::Finding> run_broken(B& what, fuzz::Sequence const& sequence) {
  static fuzz::Executor<BrokenTable<B>, typename B::Spec> executor;
  at_work<B> = &what;
  auto found = executor.run(sequence, {});
  // The next run begins by dropping what this one left: on a whole engine.
  at_work<B> = &whole<B>;
  return found;
}

// ---- What the lists are made with ----

template <class M, class B>
class EngineOf final : public Engine {
 public:
  std::optional<fuzz::Finding> run(fuzz::Sequence const& sequence) override {
    return run_broken<B>(mutant_, sequence);
  }

 private:
  M mutant_;
};

template <class F, class S>
Breakage<F, S> base_of(Breakage<F, S> const&);

template <class M>
constexpr Mutant mutant_named(std::string_view name) {
  using B = decltype(base_of(std::declval<M const&>()));
  return {name, B::Spec::name, M::info,
          []() -> std::unique_ptr<Engine> { return std::make_unique<EngineOf<M, B>>(); }};
}
// The formats of an architecture that are broken, each by its breakage.
template <class... Bs>
struct BaseList {
  static constexpr std::array<Control, sizeof...(Bs)> controls{
      Control{Bs::Spec::name,
              []() -> std::unique_ptr<Engine> { return std::make_unique<EngineOf<Bs, Bs>>(); }}...};
};

}  // namespace twinwalk::mutants
