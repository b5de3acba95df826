// Sessions between the ends of a tunnel: who falls silent, and who does not keep to the protocol.
#include "net/tunnel/control_link.hpp"
#include "tests/net/tunnel/tunnel_fixture.hpp"

namespace dci::test {
namespace {

// An exit that does only what it is told.
struct wayward {
  tls_link link;

  explicit wayward(const tunnel_scene& s)
      : link(must(tls_dial(s.hidden.context, s.entry_is.listen, 10s))) {
  }
  void say(const byte_vector& bytes) const {
    std::size_t count = 0;
    CHECK(link.session->write(bytes.data(), bytes.size(), count) == tls_step::done);
  }
  void open(const tunnel_scene& s, int door) const {
    say(tunnel_frame(pack_exit_word(open_door{1, door_transport::tcp, s.door(door).port})));
    REQUIRE(becomes([&] { return s.entry->figures().doors.size() == 1; }));
  }
};

TEST_CASE("an end that says nothing for a while is taken for gone") {
  const signer ours{"ours"};
  const tls_node one{ours, ours}, other{ours, ours};
  tls_pair pair(one.context, other.context);
  REQUIRE(pair.shake_hands());
  const control_link::clock::time_point start{};
  control_link a({std::move(pair.ends[0]), std::move(pair.dials), "a", {}}, start);
  control_link b({std::move(pair.ends[1]), std::move(pair.listens), "b", {}}, start);
  const auto nothing = [](byte_view) -> result { return fail(errc::internal, "a word"); };
  CHECK(a.next_turn() == start);
  REQUIRE(a.turn(start, nothing));
  CHECK(a.next_turn() == start + control_link::between_beats);
  REQUIRE(b.turn(start + 1s, nothing)); // hears the heartbeat
  CHECK(b.turn(start + 10s, nothing));
  const auto late = b.turn(start + 11s, nothing);
  REQUIRE(!late);
  CHECK(late.error().code == errc::timed_out);
  // A has heard of b in the meantime, and says a word.
  REQUIRE(a.turn(start + 12s, nothing));
  CHECK(a.say(pack_exit_word(call_failed{7})));
  REQUIRE(a.turn(start + 12s, nothing));
  std::uint64_t heard = 0;
  REQUIRE(b.turn(start + 12s, [&](byte_view content) -> result {
    heard = std::get<call_failed>(must(unpack_exit_word(content))).call;
    return {};
  }));
  CHECK(heard == 7);
}

TEST_CASE("who does not take what is said is not told more than fits") {
  const signer ours{"ours"};
  const tls_node one{ours, ours}, other{ours, ours};
  tls_pair pair(one.context, other.context);
  REQUIRE(pair.shake_hands());
  const auto now = control_link::clock::now();
  control_link a({std::move(pair.ends[0]), std::move(pair.dials), "a", {}}, now);
  const byte_vector word(200);
  std::size_t said = 0;
  while (said < 1'000'000 && a.say(word)) {
    ++said;
    REQUIRE(a.turn(now, [](byte_view) -> result { return {}; }));
  }
  CHECK(said < 1'000'000);
  CHECK((a.watched().events & POLLOUT) != 0);
}

TEST_CASE("a caller whom the exit does not fetch is let go after a few seconds") {
  const tunnel_scene s;
  const wayward exit(s);
  exit.open(s, 0);
  const auto begin = std::chrono::steady_clock::now();
  CHECK(answer_to(s.door(0), "hello", 1).empty());
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK(took > 4s);
  CHECK(took < 8s);
  CHECK(refused(s.entry->figures(), "a caller whom the exit did not fetch") == 1);
}

TEST_CASE("a session that does not keep to the protocol ends, by name, and its doors with it") {
  const tunnel_scene s;
  const auto bad = [&](const byte_vector& bytes) {
    const wayward exit(s);
    exit.open(s, 0);
    const auto before = refused(s.entry->figures(), "a session ended: bad_message");
    exit.say(bytes);
    CHECK(becomes([&] {
      return refused(s.entry->figures(), "a session ended: bad_message") == before + 1 &&
             s.entry->figures().doors.empty();
    }));
  };
  bad({0, 0, 0});
  bad({0, 1, tunnel_version + 1});
  bad({0xff, 0xff, tunnel_version});
  bad(tunnel_frame(byte_vector{1, 2, 3}));
  bad(tunnel_frame(pack_entry_word(tunnel_welcome{1})));
}

TEST_CASE("a node has a few sessions only, and cannot end another's calls") {
  const tunnel_scene s;
  std::vector<wayward> exits;
  for (std::size_t i = 0; i < tunnel_entry::most_sessions_of_node + 1; ++i)
    exits.emplace_back(s);
  CHECK(becomes([&] { return refused(s.entry->figures(), "too many sessions") == 1; }));
  exits[0].open(s, 0);
  const auto caller = plain_socket(s.door(0));
  REQUIRE(becomes([&] { return s.entry->figures().doors.at(0).connections == 1; }));
  // The caller's number is 1. Another session's word does not count.
  exits[1].say(tunnel_frame(pack_exit_word(call_failed{1})));
  exits[1].say(tunnel_frame(pack_exit_word(open_door{9, door_transport::tcp, 1})));
  REQUIRE(becomes([&] { return refused(s.entry->figures(), "a door: out_of_range") == 1; }));
  CHECK(s.entry->figures().doors.at(0).connections == 1);
  exits[0].say(tunnel_frame(pack_exit_word(call_failed{1})));
  CHECK(read_bytes(caller.get(), 1).empty());
  CHECK(refused(s.entry->figures(), "a caller whom the exit could not connect") == 1);
}

} // namespace
} // namespace dci::test
