// How the translation units that instantiate executors offer them.
#pragma once

#include <memory>
#include <string_view>

#include "fuzz/runner.hpp"

namespace twinwalk::fuzz {

// The shipped engine on the format of this name; null when it is of another architecture.
std::unique_ptr<Runner> make_x86_64_runner(std::string_view format);
std::unique_ptr<Runner> make_ept_runner(std::string_view format);
std::unique_ptr<Runner> make_npt_runner(std::string_view format);
std::unique_ptr<Runner> make_riscv_runner(std::string_view format);
std::unique_ptr<Runner> make_aarch64_runner(std::string_view format);
std::unique_ptr<Runner> make_loongarch64_runner(std::string_view format);
// The page table of an operating-system tutorial; see blog_table.hpp.
std::unique_ptr<Runner> make_blog_runner(std::string_view format);

}  // namespace twinwalk::fuzz
