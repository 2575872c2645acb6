// The page table as the crates' users know it: PageTable64<metadata, entry, handler>, where the
// handler is three static functions and nothing has to be passed around.
#pragma once

#include <concepts>
#include <cstdint>

#include "api.hpp"
#include "direct_map.hpp"
#include "neutral_entry.hpp"
#include "page_table.hpp"
#include "result.hpp"
#include "word.hpp"

namespace twinwalk {

// What is known of one paging scheme. Where it is compiled for its own architecture it also has
// `flush_tlb(VirtAddr)` and `flush_tlb()`, which drop one page or everything on this processor.
template <class M>
concept PagingMetaData = requires(VirtAddr virt, PhysAddr phys) {
  typename M::Format;
  // The flush carrier of this processor, or NoCarrier.
  typename M::Carrier;
  { M::LEVELS } -> std::convertible_to<int>;
  { M::PA_MAX_BITS } -> std::convertible_to<int>;
  { M::VA_MAX_BITS } -> std::convertible_to<int>;
  { M::PA_MAX_ADDR } -> std::convertible_to<std::uint64_t>;
  { M::paddr_is_valid(phys) } -> std::same_as<bool>;
  { M::vaddr_is_valid(virt) } -> std::same_as<bool>;
};

// What is known of a format whatever it is compiled for: metadata as it stands, or the base of one
// that adds a carrier and `flush_tlb`.
template <class F>
struct PagingMetaDataOf {
  using Format = F;
  using Carrier = NoCarrier;

  static constexpr int LEVELS = F::levels;
  static constexpr int PA_MAX_BITS = F::physical_bits_max;
  static constexpr int VA_MAX_BITS = Format::address_bits;
  static constexpr std::uint64_t PA_MAX_ADDR = mask(PA_MAX_BITS - 1, 0);

  // Whether any machine has such an address; what this one has is in its options.
  static constexpr bool paddr_is_valid(PhysAddr address) { return address.value <= PA_MAX_ADDR; }
  static constexpr bool vaddr_is_valid(VirtAddr address) {
    return Format::canonical(address.value);
  }
};

// `PTE<level>` are its entries.
template <PagingMetaData M, template <int> class PTE, PagingHandler H>
  requires GenericPTE<PTE<1>>
class PageTable64 : public PageTable<typename M::Format, DirectMap<H, typename M::Carrier>> {
 public:
  using MetaData = M;
  using Base = PageTable<typename M::Format, DirectMap<H, typename M::Carrier>>;
  template <int Level>
  using Entry = PTE<Level>;

  // Refers to nothing; every operation on it is a programmer error.
  constexpr PageTable64() = default;

  // An empty table for this machine, which is 52 physical bits, NX and 1G pages if nothing is said:
  // on a real one, say what CPUID says, or reserved bits may be set. NoMemory.
  static Result<PageTable64, std::uint64_t> try_new(MachineOptions const& machine = {}) {
    auto base = Base::create(handler_, typename Base::Options(machine));
    if (!base) return base.failure();
    return PageTable64(*base);
  }

  constexpr PhysAddr root_paddr() const { return Base::root(); }

 private:
  constexpr explicit PageTable64(Base const& base) : Base(base) {}

  // Stateless; here because an engine refers to its handler.
  static inline DirectMap<H, typename M::Carrier> handler_{};
};

}  // namespace twinwalk
