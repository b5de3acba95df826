// Hosts that dial each other at the same time.
#include <doctest/doctest.h>

#include <future>

#include "net/free_port.hpp"
#include "runtime/host/host.hpp"

using namespace dci;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<host> start(const std::string& name, const address& listen) {
  host_options options;
  options.name = name;
  options.listen = listen;
  auto out = host::start(std::move(options));
  REQUIRE_MESSAGE(out, (out ? "" : out.error().message));
  return std::move(*out);
}

} // namespace

// Without a look at what came of it about one pair in ten would be left without a connection.
TEST_CASE("hosts that dial each other at the same time are connected") {
  for (int round = 0; round < 40; ++round) {
    CAPTURE(round);
    const auto ports = free_loopback_ports(2).value();
    const address first{"127.0.0.1", ports[0]}, second{"127.0.0.1", ports[1]};
    const auto alpha = start("alpha", first), beta = start("beta", second);
    auto there = std::async(std::launch::async, [&] { return alpha->dial(second, 10s); });
    const auto back = beta->dial(first, 10s);
    const auto to = there.get();
    REQUIRE_MESSAGE(to, (to ? "" : to.error().message));
    REQUIRE_MESSAGE(back, (back ? "" : back.error().message));
    const auto one = alpha->describe(*to), other = beta->describe(*back);
    REQUIRE_MESSAGE(one, (one ? "" : one.error().message));
    REQUIRE_MESSAGE(other, (other ? "" : other.error().message));
    CHECK(one->host == "beta");
    CHECK(other->host == "alpha");
  }
}
