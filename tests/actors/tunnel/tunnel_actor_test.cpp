// The two ends of a tunnel as actors. What passes it is tests/net/tunnel's.
#include <doctest/doctest.h>

#include <thread>

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

#include "net/datagram/node_link.hpp"
#include "net/free_port.hpp"
#include "net/identity/authority.hpp"
#include "net/tunnel/tunnel_way.hpp"
#include "tests/actors/link/link_world.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using namespace dci::test;
using namespace std::chrono_literals;

namespace {

std::string text_of(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

/// Of a node that an authority of its own vouches for.
std::shared_ptr<tls_context> fresh_credentials() {
  const temp_dir dir;
  const auto now = tls_context::system_wall_time();
  REQUIRE(authority::create(dir.path() / "ours", "ours", now, std::chrono::hours{48}));
  auto ours = authority::load(dir.path() / "ours");
  REQUIRE(ours);
  const auto key = std::make_shared<const node_key>(node_key::generate().value());
  listed_nodes rule({key->id()});
  auto request = certificate_request::parse(certificate_request::make(*key).value()).value();
  const auto made = ours->issue({std::move(request), ""}, rule, now, 24h);
  REQUIRE(made);
  return tls_context::open(
             {key, {parse_certificate(*made).value()}, trust_store::of({ours->root()}).value()})
      .value();
}

/// A host with credentials, and both ends of a tunnel on it.
struct tunnel_world : world {
  std::vector<std::uint16_t> ports = free_loopback_ports(5).value();

  tunnel_world() : world(fresh_credentials()) {
  }
  json entry() const {
    const auto [first, last] = std::minmax(ports[2], ports[3]);
    return {{"listen", text_of(ports[0])},
            {"calls_port", ports[1]},
            {"first_port", first},
            {"last_port", last}};
  }
  json exit() const {
    return {{"entry", text_of(ports[0])},
            {"doors",
             {{{"transport", "tcp"}, {"at", text_of(ports[2])}, {"to", text_of(ports[4])}},
              {{"transport", "udp"}, {"at", text_of(ports[3])}}}}};
  }
  template <class Handle>
  tunnel_description describe(const Handle& whom) {
    return get<tunnel_description>(whom, tunnel_describe_request{});
  }
  template <class Handle>
  bool has_doors(const Handle& whom, std::size_t count) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (std::chrono::steady_clock::now() < end) {
      std::size_t open = 0;
      for (const auto& one : describe(whom).doors)
        open += one.state == "open" ? 1 : 0;
      if (open == count)
        return true;
      std::this_thread::sleep_for(2ms);
    }
    return false;
  }
};

} // namespace

TEST_CASE("both ends of a tunnel say what they hold open, and a link goes through it") {
  tunnel_world w;
  const auto exit = w.start<tunnel_exit_actor>("tunnel_exit", "tunnel", w.exit());
  CHECK(w.describe(exit).doors.at(1).state == "closed");
  const auto entry = w.start<tunnel_entry_actor>("tunnel_entry", "entry", w.entry());
  CHECK(w.has_doors(exit, 2));
  CHECK(w.has_doors(entry, 2));
  CHECK(w.describe(exit).state == "connected");
  CHECK(w.describe(exit).address == text_of(w.ports[0]));
  CHECK(w.describe(entry).state == "open");
  CHECK(w.describe(entry).address == text_of(w.ports[0]));
  CHECK(w.describe(entry).connections == 0);

  const auto handle = w.get<tunnel_handle>(exit, open_tunnel_request{});
  REQUIRE(handle.way);
  CHECK(handle.at == text_of(w.ports[3]));
  const auto link =
      w.start<link_actor>("link", "link", {{"listen", text_of(w.ports[4])}, {"tunnel", "tunnel"}});
  CHECK(w.get<link_description>(link, link_describe_request{}).address == text_of(w.ports[3]));
  // One link has it.
  CHECK(w.call<tunnel_handle>(exit, open_tunnel_request{}).error().code == errc::already_exists);
  // Without a door there is none.
  auto closed = w.exit();
  closed["doors"].erase(1);
  const auto second = w.start<tunnel_exit_actor>("tunnel_exit", "second", closed);
  CHECK(w.call<tunnel_handle>(second, open_tunnel_request{}).error().code == errc::not_found);
}

TEST_CASE("a tunnel's way that leaves its process arrives empty") {
  tunnel_world w;
  const auto exit = w.start<tunnel_exit_actor>("tunnel_exit", "tunnel", w.exit());
  auto handle = w.get<tunnel_handle>(exit, open_tunnel_request{});
  std::vector<char> bytes;
  caf::binary_serializer sink(w.system, bytes);
  CHECK(!sink(handle));
  tunnel_handle arrived;
  caf::binary_deserializer source(w.system, bytes);
  CHECK(!source(arrived));
  CHECK(arrived.way == nullptr);
}

TEST_CASE("an end of a tunnel that cannot be ends and says why") {
  {
    link_world plain;
    const tunnel_world settings;
    for (const auto* type : {"tunnel_entry", "tunnel_exit"}) {
      const auto said = plain.why_it_ended(
          type, type == std::string{"tunnel_entry"} ? settings.entry() : settings.exit());
      CAPTURE(said);
      CHECK(said.find("credentials") != std::string::npos);
    }
    const auto said =
        plain.why_it_ended("link", {{"listen", text_of(settings.ports[4])}, {"tunnel", "nobody"}});
    CAPTURE(said);
    CHECK(said.find("nobody") != std::string::npos);
  }
  tunnel_world w;
  const auto why = [&](const std::string& type, json settings, const json& change,
                       const std::string& words) {
    settings.update(change);
    const auto said = std::make_shared<std::vector<std::string>>();
    w.tell(w.node, watch_request{w.watcher(said)});
    w.run();
    REQUIRE(w.spawn(type, "victim", settings));
    w.run();
    REQUIRE(!said->empty());
    CAPTURE(said->back());
    CHECK(said->back().find(words) != std::string::npos);
  };
  why("tunnel_entry", w.entry(), {{"first_port", 0}}, "first_port");
  why("tunnel_entry", w.entry(), {{"last_port", 1}}, "first_port");
  why("tunnel_entry", w.entry(), {{"listen", "nowhere"}}, "nowhere");
  why("tunnel_entry", w.entry(), {{"listen", "127.0.0.1:65535"}, {"calls_port", 0}}, "calls_port");
  why("tunnel_entry", w.entry(), {{"calls_port", w.ports[0]}}, "in use");
  const auto door = [](const std::string& transport, const std::string& to) {
    return json{{"transport", transport}, {"at", "127.0.0.1:4801"}, {"to", to}};
  };
  const auto doors = [&](std::initializer_list<json> all, const std::string& words) {
    why("tunnel_exit", w.exit(), {{"doors", json(std::vector<json>(all))}}, words);
  };
  doors({}, "doors");
  doors({door("pigeon", "")}, "\"udp\"");
  doors({door("tcp", "")}, "say to");
  doors({door("udp", "127.0.0.1:1")}, "leave to out");
  doors({door("udp", ""), door("udp", "")}, "one door of udp");
}
