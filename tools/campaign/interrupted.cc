#include <unistd.h>

#include <csignal>

#include "tools/campaign/campaign.hpp"

namespace twinwalk::tools {
namespace {

volatile std::sig_atomic_t asked_to_stop = 0;

// Shells and wrappers often send a signal twice; only somebody who insists is in a hurry.
constexpr int insisting = 4;
constexpr int killed_by_interrupt = 130;

void ask_to_stop(int) {
  asked_to_stop = asked_to_stop + 1;
  if (asked_to_stop >= insisting) ::_exit(killed_by_interrupt);
}

}  // namespace

bool interrupted() {
  static bool const listening = [] {
    struct sigaction action = {};
    action.sa_handler = ask_to_stop;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
    return true;
  }();
  return listening && asked_to_stop != 0;
}

}  // namespace twinwalk::tools
