#include "tests/mutants/mutant.hpp"

namespace twinwalk::mutants {

std::string_view name(Kind kind) {
  constexpr std::string_view names[] = {
      "masks and levels", "huge pages",        "permissions", "accessed and dirty", "flush",
      "lifetime",         "rollback",          "ranges",      "encoding",           "break first",
      "misconfiguration", "pointer confusion", "races"};
  return names[static_cast<unsigned char>(kind)];
}

}  // namespace twinwalk::mutants
