#include <doctest/doctest.h>

#include "actors/registry.hpp"
#include "runtime/base/files.hpp"

TEST_CASE("docs/actors.md has every registered type and message") {
  const auto text = dci::read_file(DCI_SOURCE_DIR "/docs/actors.md", 1 << 20);
  REQUIRE(text);
  const auto has = [&](const std::string& name) {
    INFO("missing: ", name);
    CHECK(text->find("`" + name + "`") != std::string::npos);
  };
  for (const auto& type : dci::builtin_actor_types()->types()) {
    has(type.name);
    for (const auto& request : type.requests) {
      has(request.name);
      if (!request.reply.empty())
        has(request.reply);
    }
  }
}
