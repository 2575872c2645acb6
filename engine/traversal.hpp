// Visiting the leaves of a range in address order.
#pragma once

#include "api.hpp"
#include "geometry.hpp"
#include "path.hpp"
#include "steps.hpp"
#include "word.hpp"

namespace twinwalk {

// How a walk over a range ended.
enum class Walked : std::uint8_t { whole_range, stopped_by_visitor };

template <class Format, class H, class W, class Visitor>
constexpr Walked traverse(H& handler, W root, typename Format::template Options<W> const& options,
                          W first, W last, Visitor& visitor) {
  using G = Geometry<Format>;
  Steps<Format, H> steps{handler, options, Path<Format, W>(root)};
  for (W at = first;;) {
    steps.seek(at, 1);
    if (steps.present()) {
      if (!visitor(steps.leaf_of(steps.path.entry))) return Walked::stopped_by_visitor;
    }
    W const end = lesser<W>(G::last_of(steps.path.level, at), last);
    if (end == last) return Walked::whole_range;
    at = end + W(1);
  }
}

}  // namespace twinwalk
