// TLS over real sockets.
#include "net/tls/tls_link.hpp"

#include <condition_variable>
#include <mutex>

#include "net/free_port.hpp"
#include "net/socket_address.hpp"
#include "tests/net/tls/tls_fixture.hpp"

namespace dci::test {
namespace {

const address any_port{"127.0.0.1", 0};

struct door {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<tls_link> came;
  std::unique_ptr<tls_listener> listener; // last: its thread uses the others

  explicit door(const std::shared_ptr<tls_context>& context) {
    listener = must(tls_listener::open(context, any_port, [this](tls_link link) {
      const std::lock_guard lock(mutex);
      came.push_back(std::move(link));
      changed.notify_all();
    }));
  }
  std::size_t wait(std::size_t count) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, 20s, [&] { return came.size() >= count; });
    return came.size();
  }
};

struct scene {
  signer ours{"ours"}, strangers{"strangers"};
  tls_node a{ours, ours}, b{ours, ours};
};

TEST_CASE("callers come with their name; strangers do not come") {
  scene s;
  const tls_node stranger(s.strangers, s.ours);
  door d(s.b.context);
  const auto refused = tls_dial(stranger.context, d.listener->where(), 10s);
  CHECK(has(why(refused), "the peer refuses this node: unknown CA"));
  CHECK(refused.error().code == errc::refused);
  const auto link = must(tls_dial(s.a.context, d.listener->where(), 10s));
  CHECK(link.session->peer()->id == s.b.key->id());
  REQUIRE(d.wait(1) == 1);
  CHECK(d.came[0].session->peer()->id == s.a.key->id());
  CHECK(s.b.context->refusals()["unknown_authority"] == 1);
}

TEST_CASE("callers who say nothing do not keep others out") {
  scene s;
  door d(s.b.context);
  std::vector<descriptor> silent;
  for (int i = 0; i < 20; ++i)
    silent.push_back(plain_socket(d.listener->where()));
  CHECK(must(tls_dial(s.a.context, d.listener->where(), 10s)).session);
  CHECK(d.wait(1) == 1);
}

TEST_CASE("dialling nobody, or somebody who says nothing, ends with an error in time") {
  scene s;
  const auto nobody = tls_dial(s.a.context, {"127.0.0.1", 1}, 10s);
  CHECK(has(why(nobody), "127.0.0.1:1"));
  CHECK(nobody.error().code == errc::unreachable);
  const descriptor silent(socket(AF_INET, SOCK_STREAM, 0));
  const auto where = address{"127.0.0.1", must(free_loopback_port())};
  const auto own = to_system(must(resolve(where)), false);
  REQUIRE(bind(silent.get(), own.get(), own.size) == 0);
  REQUIRE(listen(silent.get(), 1) == 0);
  const auto late = tls_dial(s.a.context, where, 100ms);
  REQUIRE(!late);
  CHECK(late.error().code == errc::timed_out);
  door d(s.b.context);
  CHECK(tls_listener::open(s.a.context, d.listener->where(), [](tls_link) {}).error().code ==
        errc::unreachable);
}

} // namespace
} // namespace dci::test
