#include "engine/formats/x86_64.hpp"
#include "fuzz/engines/blog_table.hpp"
#include "fuzz/engines/engine_runner.hpp"
#include "fuzz/engines/registry.hpp"
#include "models/machine.hpp"
#include "models/spec/x86_64.hpp"

namespace twinwalk::fuzz {

std::unique_ptr<Runner> make_blog_runner(std::string_view format) {
  using Spec = models::X86_64Spec<4>;
  using Blog = EngineRunner<BlogTable<X86_64<4>, models::Machine<Spec>>, Spec>;
  if (format != Spec::name) return nullptr;
  return std::make_unique<Blog>();
}

}  // namespace twinwalk::fuzz
