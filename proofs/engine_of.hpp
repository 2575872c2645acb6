// An engine as the theorems call it, for a format and a handler.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <utility>

#include "proofs/engine_source.hpp"
#include "proofs/machine.hpp"
#include "proofs/operation.hpp"

namespace twinwalk::proofs {

// `options_of<Format>(machine)` are the machine's options as the format has them; each architecture
// says so in proofs/formats/.
template <class Format, class Handler = Machine>
class EngineOf : public Engine {
 public:
  using Table = PageTable<Format, Handler>;
  using Options = typename Format::template Options<SymWord>;

  std::unique_ptr<Machine> machine(Machine const& first) const override {
    return std::make_unique<Handler>(first);
  }

  Outcome call(Machine& machine, Operation const& operation, Inputs const& in) const override {
    auto& handler = static_cast<Handler&>(machine);
    Options options = options_of<Format>(machine.spec().machine());
    // Only a 1G leaf asks whether the machine has such.
    if constexpr (requires { options.gigabyte_pages; }) {
      if (operation.level == 3) {
        options.gigabyte_pages = bool(machine.spec().machine()[MachineSwitch::gigabyte_pages]);
      }
    }
    if (is_region_check(operation.call)) return check(handler, options, operation, in);
    if (is_region_round(operation.call)) return round(handler, options, operation, in);
    Table table(handler, in.root, options);
    auto cursor = table.cursor();
    Outcome outcome = call_on(cursor, operation, in);
    if (operation.call == Call::split) return split(handler, options, in);
    if (operation.call == Call::share) {
      Table borrower(handler, in.borrower, options);
      SymWord const slot(Geometry<Format>::span(Format::levels));
      return with_plan(borrower.share_root_entries(table, VirtAddr(in.va), slot));
    }
    note_position(outcome, cursor.position());
    return outcome;
  }

  Outcome create(Machine& machine) const override {
    auto& handler = static_cast<Handler&>(machine);
    auto created = Table::create(handler, options_of<Format>(machine.spec().machine()));
    if (!created) return refused(created.failure());
    return {};
  }

  std::array<Outcome, 2> seek(Machine& machine, Inputs const& in, Walk const& from,
                              int lowest) const override {
    auto& handler = static_cast<Handler&>(machine);
    Position remembering(in.root);
    remembering.level = lowest;
    remembering.address = from.address;
    for (int level = lowest; level <= Format::levels; ++level) {
      remembering.table[level] = from[level].table;
    }
    Position fresh(in.root);
    Options const options = options_of<Format>(machine.spec().machine());
    std::array<Outcome, 2> ends;
    int next = 0;
    for (Position* const path : {&remembering, &fresh}) {
      twinwalk::seek(handler, options, *path, in.va, 1);
      Outcome& end = ends[static_cast<std::size_t>(next++)];
      note_position(end, *path);
      end.where = path->entry;
    }
    return ends;
  }

 private:
  using Plan = typename Table::Plan;
  using Cursor = typename Table::Cursor;
  using Position = twinwalk::Path<Format, SymWord>;
  using VirtAddr = BasicVirtAddr<SymWord>;
  using PhysAddr = BasicPhysAddr<SymWord>;

  static void note_position(Outcome& outcome, Position const& position) {
    outcome.position.lowest = position.level;
    outcome.position.address = position.address;
    for (int level = position.level; level <= Format::levels; ++level) {
      outcome.position.tables[static_cast<std::size_t>(level)] = position.table[level];
    }
  }

  static Outcome call_on(Cursor& cursor, Operation const& operation, Inputs const& in) {
    VirtAddr const va(in.va);
    PhysAddr const pa(in.pa);
    switch (operation.call) {
      case Call::map:
        return with_plan(
            cursor.map(va, pa, Geometry<Format>::page_size(operation.level), in.flags));
      case Call::unmap:
        return with_leaf(cursor.unmap(va));
      case Call::protect:
        return with_plan(cursor.protect(va, in.flags));
      case Call::remap:
        return with_leaf(cursor.remap(va, pa, in.flags));
      case Call::query: {
        auto found = cursor.query(va);
        if (!found) return refused(found.failure());
        Outcome outcome;
        outcome.leaf = *found;
        return outcome;
      }
      case Call::clear_accessed:
        return with_plan(cursor.clear_accessed(va));
      case Call::clear_dirty:
        return with_plan(cursor.clear_dirty(va));
      case Call::set_accessed:
        return with_plan(cursor.set_accessed(va));
      case Call::set_dirty:
        return with_plan(cursor.set_dirty(va));
      default:
        break;
    }
    return {};
  }

  static Outcome refused(BasicFailure<SymWord> const& failure) {
    return Outcome::refused(failure.error, failure.where.value);
  }
  static Outcome with_plan(twinwalk::Result<Plan, SymWord> result) {
    if (!result) return refused(result.failure());
    Outcome outcome;
    outcome.plan = result->scope();
    result->carry_out();
    return outcome;
  }
  static Outcome with_leaf(twinwalk::Result<Removed<Handler>, SymWord> result) {
    if (!result) return refused(result.failure());
    Outcome outcome;
    outcome.leaf = result->leaf;
    outcome.plan = result->plan.scope();
    result->plan.carry_out();
    return outcome;
  }

  // As a region does it: the leaf that contains the address, above the last level, in a tree that
  // may be changed, with a table paid for.
  static Outcome split(Handler& handler, Options const& options, Inputs const& in) {
    Steps<Format, Handler> steps{handler, options, twinwalk::Path<Format, SymWord>(in.root)};
    if (!Format::canonical(in.va)) return Outcome::none();
    steps.seek(in.va, 1);
    Ownership const owner = steps.ownership();
    if (steps.path.level == 1 || !steps.present() || owner == Ownership::borrowed) {
      return Outcome::none();
    }
    FrameChain<Handler> paid;
    if (!steps.pay(SymWord(1), paid)) return Outcome::refused(PagingError::NoMemory, in.va);
    FlushPlan<Handler> plan(handler, in.root);
    steps.split(paid, owner, plan);
    plan.carry_out();
    return {};
  }

  // One round of the checks that a region makes before it changes anything.
  static Outcome check(Handler& handler, Options const& options, Operation const& operation,
                       Inputs const& in) {
    Region<Format, Handler> region(handler, in.root, options, in.first, in.last);
    SymWord tables;
    auto const checked = operation.call == Call::borrowed_step
                             ? region.borrowed_step(in.va)
                             : region.free_step(in.va, {in.pa, operation.level}, tables);
    Outcome outcome;
    if (checked.refused.refused) outcome = refused(checked.refused.failure);
    outcome.end = checked.end;
    outcome.shared = region.ownership() == Ownership::shared;
    return outcome;
  }

  // One round of a region's loop, with as many frames at hand as it could want, in tables that
  // belong to this root alone; what sharing adds to a split is proved of the split.
  static Outcome round(Handler& handler, Options const& options, Operation const& operation,
                       Inputs const& in) {
    Steps<Format, Handler> steps{handler, options, Position(in.root)};
    steps.seek(in.va, Format::levels);
    if (steps.ownership() != Ownership::own) return Outcome::none();
    FrameChain<Handler> paid;
    int const frames = operation.call == Call::map_step ? Format::levels - 1 : 1;
    if (!steps.pay(SymWord(static_cast<std::uint64_t>(frames)), paid)) return Outcome::none();
    Outcome outcome;
    Region<Format, Handler> region(handler, in.root, options, in.first, in.last);
    RegionChange<Handler> done{SymWord(), Plan(handler, in.root)};
    if (operation.call == Call::map_step) {
      outcome.end = region.map_step(in.va, {in.pa, operation.level},
                                    Format::encode(options, in.flags), paid, done.plan);
    } else {
      NoVisitor nobody;
      auto const progress =
          operation.call == Call::unmap_step
              ? region.unmap_step(in.va, nobody, paid, done)
              : region.protect_step(in.va, Format::encode(options, in.flags.without_software()),
                                    paid, done);
      outcome.end = progress.end;
      outcome.again = progress.again;
    }
    outcome.plan = done.plan.scope();
    done.plan.carry_out();
    paid.free_all(handler);
    return outcome;
  }
};

}  // namespace twinwalk::proofs
