// The `map_page` of a widely copied kind of operating-system tutorial, as it is given there: it
// walks four levels, makes what is missing, and sets the last entry.
//
// It is known to be wrong, and kept to show that the harness says so: new intermediate entries lack
// USER, an existing mapping is overwritten in silence, a huge page is followed as if it were a
// table. Only 4K pages are its business; everything else is the shipped engine's.
#pragma once

#include <array>
#include <cstdint>

#include "engine/api.hpp"
#include "engine/page_table.hpp"

namespace twinwalk::fuzz {

template <class Format, class H>
class BlogTable : public PageTable<Format, H> {
  using Base = PageTable<Format, H>;

 public:
  using typename Base::Options;
  using typename Base::Plan;

  static Result<BlogTable, std::uint64_t> create(H& handler, Options const& options) {
    auto created = Base::create(handler, options);
    if (!created) return created.failure();
    return BlogTable(handler, *created);
  }
  BlogTable() = default;

  Result<Plan, std::uint64_t> map(VirtAddr va, PhysAddr pa, PageSize size, MappingFlags flags) {
    auto const attributes = Format::encode(this->options(), flags);
    bool const possible = size == PageSize::Size4K && Format::canonical(va.value) &&
                          Format::representable(this->options(), flags) &&
                          ((va.value | pa.value) & 0xfff) == 0 &&
                          Format::physical_range_fits(this->options(), pa.value, pa.value);
    if (!possible) return Base::map(va, pa, size, flags);
    if (!map_page(va, Format::leaf(1, pa.value, attributes))) {
      return Failure{PagingError::NoMemory, va};
    }
    return Plan();
  }

 private:
  static constexpr std::uint64_t present = 1;
  static constexpr std::uint64_t writable = 2;
  static constexpr std::uint64_t address_mask = 0x000f'ffff'ffff'f000;

  BlogTable(H& handler, Base const& base) : Base(base), handler_(&handler) {}

  bool map_page(VirtAddr va, std::uint64_t leaf) {
    std::array<int, 4> const shifts{39, 30, 21, 12};
    std::uint64_t table = this->root().value;
    for (std::size_t i = 0; i < 3; ++i) {
      std::uint64_t const slot = table + ((va.value >> shifts[i]) & 511) * 8;
      std::uint64_t entry = handler_->load(slot);
      if ((entry & present) == 0) {
        std::uint64_t frame = 0;
        if (!handler_->alloc_frames(12, frame)) return false;
        handler_->fill(frame, 512, 0, 0);
        handler_->set_live_count(frame, 0);
        entry = frame | present | writable;
        set(table, slot, entry);
      }
      table = entry & address_mask;
    }
    set(table, table + ((va.value >> 12) & 511) * 8, leaf | present);
    return true;
  }

  // The tutorial counts nothing; the rest of this engine needs the counts.
  void set(std::uint64_t table, std::uint64_t slot, std::uint64_t entry) {
    if ((handler_->load(slot) & present) == 0) {
      handler_->set_live_count(table, handler_->live_count(table) + 1);
    }
    handler_->store(slot, entry);
  }

  H* handler_ = nullptr;
};

}  // namespace twinwalk::fuzz
