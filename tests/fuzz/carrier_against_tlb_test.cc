// The flush carrier that ships, on every modelled processor, in the place of the machine's own
// invalidation: generated sequences leave nothing stale, and carriers that are wrong in one place
// do.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "engine/flush/x86_64.hpp"
#include "engine/formats/x86_64.hpp"
#include "engine/page_table.hpp"
#include "fuzz/executor.hpp"
#include "fuzz/generator.hpp"
#include "fuzz/random.hpp"
#include "models/machine.hpp"
#include "models/machine/x86_64_processor.hpp"
#include "models/specs.hpp"

namespace twinwalk::fuzz {
namespace {

using Spec = models::X86_64Spec<4>;

// What may be wrong with a carrier: what it takes from the plan, and the address it gives to
// INVLPG.
struct CarrierFault {
  virtual ~CarrierFault() = default;
  virtual FlushScope scope(FlushScope scope) { return scope; }
  virtual std::uint64_t page(std::uint64_t address) { return address; }
  virtual std::uint64_t cr3(std::uint64_t value) { return value; }
  virtual bool runs_on(int /*processor*/) { return true; }
};
CarrierFault no_fault;
CarrierFault* fault = &no_fault;

using Processor = models::X86_64Processor<models::Tlb<Spec>>;
Processor::Features features;

// The processor as a carrier with a fault uses it.
struct FaultyProcessor {
  Processor& cpu;

  std::uint64_t read_cr3() const { return cpu.read_cr3(); }
  std::uint64_t read_cr4() const { return cpu.read_cr4(); }
  void write_cr3(std::uint64_t value) { cpu.write_cr3(fault->cr3(value)); }
  void write_cr4(std::uint64_t value) { cpu.write_cr4(value); }
  void invlpg(std::uint64_t address) { cpu.invlpg(fault->page(address)); }
  bool has_invpcid() const { return cpu.has_invpcid(); }
  void invpcid(x86::Invpcid type, std::uint64_t pcid, std::uint64_t address) {
    cpu.invpcid(type, pcid, address);
  }
};
static_assert(x86::Instructions<FaultyProcessor>);

// A machine whose processors switch between the spaces from operation to operation, and flush by
// the carrier.
class CarrierMachine : public models::Machine<Spec> {
  using Base = models::Machine<Spec>;

 public:
  using Base::Base;

  void reset(models::MachineShape const& shape, MachineOptions const& options) {
    Base::reset(shape, options);
    space_count_ = 0;
    count_ = shape.processors;
    random_ = Random(shape.placement + 1);
    for (int p = 0; p < count_; ++p) at(p).reset(tlb(), p, features);
  }
  int add_space(Word root) {
    int const space = Base::add_space(root);
    if (space >= 0) roots_[static_cast<std::size_t>(space)] = root;
    if (space >= space_count_) space_count_ = space + 1;
    live_ |= 1U << space;
    return space;
  }
  void retire_space(int space) {
    live_ &= ~(1U << space);
    for (int p = 0; p < count_; ++p) {
      if (at(p).loaded() == space) at(p).unload();
    }
    Base::retire_space(space);
  }
  void begin_operation() {
    for (int p = 0; p < count_ && space_count_ != 0; ++p) {
      int const space = static_cast<int>(random_.below(static_cast<std::uint64_t>(space_count_)));
      if ((live_ >> space & 1) == 0) continue;
      at(p).load(space, roots_[static_cast<std::size_t>(space)]);
    }
    Base::begin_operation();
  }
  void end_operation() {
    for (int p = 0; p < count_; ++p) at(p).drop_what_is_not_loaded();
    Base::end_operation();
  }
  void invalidate(FlushScope const& scope) {
    for (int p = 0; p < count_; ++p) {
      at(p).drop_what_is_not_loaded();
      if (!fault->runs_on(p)) continue;
      FaultyProcessor cpu{at(p)};
      x86::Carrier<FaultyProcessor>(cpu).carry_out(fault->scope(scope));
    }
  }

 private:
  Processor& at(int p) { return processors_[static_cast<std::size_t>(p)]; }

  std::array<Processor, models::processors_max> processors_{};
  std::array<Word, models::spaces_max> roots_{};
  int space_count_ = 0;
  int count_ = 0;
  std::uint32_t live_ = 0;
  Random random_{1};
};

using Table = PageTable<X86_64<4>, CarrierMachine>;

}  // namespace

template <>
struct MachineOf<Table, Spec> {
  using type = CarrierMachine;
};

namespace {

// The first finding of a carrier among the sequences of the seeds.
std::optional<Finding> first_finding(CarrierFault& what, Processor::Features on, int seeds) {
  static Executor<Table, Spec> executor;
  static Sequence sequence;
  fault = &what;
  features = on;
  std::optional<Finding> found;
  for (int seed = 1; seed <= seeds && !found; ++seed) {
    GeneratorOptions options;
    options.format = 0;
    generate(static_cast<std::uint64_t>(seed), options, sequence);
    found = executor.run(sequence, {});
    if (found) found->what += " (seed " + std::to_string(seed) + ")";
  }
  fault = &no_fault;
  return found;
}

constexpr Processor::Features every_processor[] = {
    {.pcid = false, .invpcid = false},
    {.pcid = false, .invpcid = true},
    {.pcid = true, .invpcid = false},
    {.pcid = true, .invpcid = true},
};

TEST(CarrierAgainstTlb, LeavesNothingStaleOnAnyProcessor) {
  for (Processor::Features const& on : every_processor) {
    auto const found = first_finding(no_fault, on, 1000);
    EXPECT_FALSE(found) << "pcid " << on.pcid << " invpcid " << on.invpcid << ": " << found->oracle
                        << ": " << found->what;
  }
}

// ---- Carriers that are wrong in one place ------------------------------------------------------

struct IgnoresGlobal : CarrierFault {
  FlushScope scope(FlushScope scope) override {
    scope.global = false;
    return scope;
  }
};
struct ForgetsTheLastPage : CarrierFault {
  FlushScope scope(FlushScope scope) override {
    for (int i = 0; i < scope.range_count; ++i) {
      FlushRange& range = scope.ranges[i];
      if (range.last - range.first >= bytes(range.stride)) range.last -= bytes(range.stride);
    }
    return scope;
  }
};
struct UsesRawPageNumbers : CarrierFault {
  std::uint64_t page(std::uint64_t address) override { return address >> 12; }
};
struct ForgetsOtherSpaces : CarrierFault {
  FlushScope scope(FlushScope scope) override {
    scope.every_space = false;
    return scope;
  }
};
struct ForgetsEverything : CarrierFault {
  FlushScope scope(FlushScope scope) override {
    scope.everything = false;
    return scope;
  }
};
struct StepsByTheLargestPage : CarrierFault {
  FlushScope scope(FlushScope scope) override {
    for (int i = 0; i < scope.range_count; ++i) scope.ranges[i].stride = PageSize::Size2M;
    return scope;
  }
};
// Reads CR3 and writes it back with the bit that says not to flush.
struct KeepsBit63 : CarrierFault {
  std::uint64_t cr3(std::uint64_t value) override { return value | bit(63); }
};
struct FlushesOneProcessor : CarrierFault {
  bool runs_on(int processor) override { return processor == 0; }
};

template <class Fault>
int processors_on_which_it_rings() {
  Fault broken;
  int rings = 0;
  for (Processor::Features const& on : every_processor) {
    auto const found = first_finding(broken, on, 1000);
    if (!found) continue;
    EXPECT_TRUE(found->oracle == "tlb-never-stale" || found->oracle == "freed-while-cached" ||
                found->oracle == "break-before-make")
        << found->oracle << ": " << found->what;
    ++rings;
  }
  return rings;
}

TEST(CarrierAgainstTlb, RingsWhenGlobalsAreIgnored) {
  EXPECT_EQ(processors_on_which_it_rings<IgnoresGlobal>(), 4);
}
TEST(CarrierAgainstTlb, RingsWhenTheLastPageIsForgotten) {
  EXPECT_EQ(processors_on_which_it_rings<ForgetsTheLastPage>(), 4);
}
TEST(CarrierAgainstTlb, RingsWhenPagesAreNamedByNumber) {
  EXPECT_EQ(processors_on_which_it_rings<UsesRawPageNumbers>(), 4);
}
TEST(CarrierAgainstTlb, RingsWhenBorrowersAreForgotten) {
  EXPECT_EQ(processors_on_which_it_rings<ForgetsOtherSpaces>(), 4);
}
TEST(CarrierAgainstTlb, RingsWhenEverythingIsTakenForNothing) {
  EXPECT_EQ(processors_on_which_it_rings<ForgetsEverything>(), 4);
}
TEST(CarrierAgainstTlb, RingsWhenTheStrideIsTooLarge) {
  EXPECT_EQ(processors_on_which_it_rings<StepsByTheLargestPage>(), 4);
}
TEST(CarrierAgainstTlb, RingsWhenMovCr3DoesNotFlush) {
  // Without PCIDs bit 63 of CR3 may not be set at all, and the model does not look at it.
  EXPECT_EQ(processors_on_which_it_rings<KeepsBit63>(), 2);
}
TEST(CarrierAgainstTlb, RingsWhenOneProcessorFlushesForAll) {
  EXPECT_EQ(processors_on_which_it_rings<FlushesOneProcessor>(), 4);
}

}  // namespace
}  // namespace twinwalk::fuzz
