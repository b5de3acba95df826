#include <doctest/doctest.h>

#include <unordered_set>

#include "runtime/base/node_id.hpp"

using namespace dci;

TEST_CASE("a node id is read back from its text") {
  node_id id;
  for (std::size_t i = 0; i < node_id::size; ++i)
    id.bytes[i] = static_cast<std::uint8_t>(7 * i + 250);
  const auto text = to_string(id);
  CHECK(text.size() == 64);
  CHECK(text.starts_with("fa01080f"));
  CHECK(short_name(id) == "fa01080f");
  CHECK(parse_node_id(text) == id);
}

TEST_CASE("ids are ordered as numbers") {
  node_id small, large;
  small.bytes[31] = 255;
  large.bytes[30] = 1;
  CHECK(small < large);
  CHECK(std::unordered_set<node_id>{small, large, small}.size() == 2);
}

TEST_CASE("what is no node id is refused and named") {
  const std::string good(64, 'a');
  for (const auto& text : {std::string(), good.substr(1), good + "a", "g" + good.substr(1),
                           "A" + good.substr(1), " " + good.substr(1)}) {
    const auto id = parse_node_id(text);
    REQUIRE(!id);
    CHECK(id.error().code == errc::bad_config);
    CHECK(id.error().message.find("64 digits") != std::string::npos);
  }
}
