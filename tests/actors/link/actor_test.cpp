// The link as an actor.
#include <doctest/doctest.h>

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

#include "net/datagram/node_link.hpp"
#include "tests/actors/link/link_world.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using namespace dci::test;

TEST_CASE("a link says who it is, and hands itself to the actors beside it") {
  link_world w;
  const auto said = w.get<link_description>(w.link, link_describe_request{});
  CHECK(said.address == w.address);
  const auto handle = w.get<link_handle>(w.link, open_link_request{});
  REQUIRE(handle.link);
  CHECK(to_string(handle.link->self().id) == said.id);
  CHECK(said.sent == 0);
  handle.link->refuse("for a test");
  const auto refused = w.get<link_description>(w.link, link_describe_request{}).refused;
  REQUIRE(refused.size() == 1);
  CHECK(refused[0].reason == "for a test");
  CHECK(refused[0].times == 1);
}

TEST_CASE("a link that leaves its process arrives empty") {
  link_world w;
  auto handle = w.get<link_handle>(w.link, open_link_request{});
  std::vector<char> bytes;
  caf::binary_serializer sink(w.system, bytes);
  CHECK(!sink(handle));
  link_handle arrived = handle;
  arrived.link = nullptr;
  caf::binary_deserializer source(w.system, bytes);
  CHECK(!source(arrived));
  CHECK(arrived.link == nullptr);
}

TEST_CASE("a link with a key file is the same node after a start") {
  const temp_dir dir;
  const auto file = dir.path() / "node.key";
  const auto key = node_key::generate().value();
  REQUIRE(key.save(file));
  link_world w;
  const auto where = "127.0.0.1:" + std::to_string(free_loopback_port().value());
  const auto actor =
      w.start<link_actor>("link", "kept", {{"listen", where}, {"key", file.string()}});
  CHECK(w.get<link_description>(actor, link_describe_request{}).id == to_string(key.id()));
}

TEST_CASE("a link that is told no address has its host's") {
  const auto where = "127.0.0.1:" + std::to_string(free_loopback_port().value());
  world w(nullptr, where);
  const auto actor = w.start<link_actor>("link", "link", json::object());
  CHECK(w.get<link_description>(actor, link_describe_request{}).address == where);
}

TEST_CASE("a link that cannot be ends and says why") {
  link_world w;
  const temp_dir dir;
  const auto file = dir.path() / "node.key";
  REQUIRE(node_key::generate().value().save(file));
  std::filesystem::permissions(file, std::filesystem::perms{0644});
  const auto why = [&](const json& settings, const std::string& words) {
    const auto said = w.why_it_ended("link", settings);
    CAPTURE(said);
    CHECK(said.find(words) != std::string::npos);
  };
  why({{"listen", "0.0.0.0:4801"}}, "loopback");
  why({{"listen", "nowhere"}}, "nowhere");
  why(json::object(), "listens nowhere: say where");
  why({{"listen", w.address}}, "in use");
  const auto free = "127.0.0.1:" + std::to_string(free_loopback_port().value());
  why({{"listen", free}, {"key", (dir.path() / "none").string()}}, "none");
  why({{"listen", free}, {"key", file.string()}}, "chmod 600");
}
