// Instantiates the engine the way a kernel does: no hosted library, no exceptions, no run-time types.
// The object made of this file must not ask a linker for anything.
#include "engine/api.hpp"

namespace twinwalk {

// Something of everything the engine offers has to appear here, or it is not compiled at all.
template struct BasicLeaf<std::uint64_t>;
template struct BasicFlushScope<std::uint64_t>;
template struct BasicMappingFlags<std::uint64_t>;

}  // namespace twinwalk
