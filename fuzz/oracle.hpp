// What an oracle is: one property, judged after every operation, at checkpoints, or at the end.
//
//   struct ResultAgrees {
//     static constexpr std::string_view name = "result-agrees";
//     static constexpr std::string_view statement = "…";           // one sentence
//     template <class World>
//     static std::optional<Complaint> after_operation(World&, Step const&);
//     // or at_checkpoint(World&), or at_end(World&); any of the three
//   };
//
// Words are made only when there is something to object to: the usual path allocates nothing.
#pragma once

#include <string_view>

namespace twinwalk::fuzz {

enum class Phase : unsigned char { operation, checkpoint, end };

template <class... Oracles>
struct OracleList {
  // Calls visitor.operator()<Oracle>() for each, in order.
  template <class Visitor>
  static constexpr void for_each(Visitor&& visitor) {
    (visitor.template operator()<Oracles>(), ...);
  }
};

// Not in the list, since it judges texts and not engines: `expect` words of a replayed file.
inline constexpr std::string_view expectation_oracle = "expectation-met";

}  // namespace twinwalk::fuzz
