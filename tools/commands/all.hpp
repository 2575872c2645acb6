// Where each command comes from: one file tools/commands/<name>.cc each. A new command adds its
// file, its line here and its line in all.cc.
#pragma once

#include <memory>

#include "tools/commands/command.hpp"

namespace twinwalk::tools {

std::unique_ptr<Command> make_corpus();
std::unique_ptr<Command> make_decode();
std::unique_ptr<Command> make_doctor();
std::unique_ptr<Command> make_encode();
std::unique_ptr<Command> make_fuzz();
std::unique_ptr<Command> make_import();
std::unique_ptr<Command> make_list();
std::unique_ptr<Command> make_mutants();
std::unique_ptr<Command> make_minimize();
std::unique_ptr<Command> make_prove();
std::unique_ptr<Command> make_replay();
std::unique_ptr<Command> make_spec();
std::unique_ptr<Command> make_vectors();
std::unique_ptr<Command> make_walk();

}  // namespace twinwalk::tools
