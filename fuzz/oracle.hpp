// What an oracle is: one property, judged after every operation, at checkpoints, when a space
// begins or ends, or at the end.
//
//   struct ResultAgrees {
//     static constexpr std::string_view name = "result-agrees";
//     static constexpr std::string_view statement = "…";           // one sentence
//     template <class World>
//     static std::optional<Complaint> after_operation(World&, Step const&);
//     // and, as the oracle needs them:
//     // at_checkpoint(World&)                   whole trees, now and then
//     // at_lifetime(World&, Lifetime const&)    a space was created; a destroyed one's frames are
//     //                                         free
//     // at_destroyed(World&)                    no space is left, their plans are still pending
//     // at_end(World&)                          nothing is pending any more
//   };
//
// Words are made only when there is something to object to: the usual path allocates nothing.
#pragma once

#include <string_view>

namespace twinwalk::fuzz {

enum class Phase : unsigned char { operation, checkpoint, destroyed, end };

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
