#include <csignal>

#include "tools/campaign/campaign.hpp"

namespace twinwalk::tools {
namespace {

volatile std::sig_atomic_t asked_to_stop = 0;

void ask_to_stop(int) { asked_to_stop = 1; }

}  // namespace

bool interrupted() {
  static bool const listening = [] {
    struct sigaction action = {};
    action.sa_handler = ask_to_stop;
    // A second signal ends the program as usual.
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
    return true;
  }();
  return listening && asked_to_stop != 0;
}

}  // namespace twinwalk::tools
