// Callers at TCP doors, through the two ends of a tunnel.
#include "tests/net/tunnel/tunnel_fixture.hpp"

namespace dci::test {
namespace {

TEST_CASE("a caller at a door speaks with who is behind it, both ways, until either has said all") {
  tunnel_scene s;
  const server behind(echo);
  const auto exit = s.exit_to(behind.where());
  REQUIRE(s.is_open(*exit));
  const auto caller = plain_socket(s.door(0));
  // More than all buffers between hold, so that each has to wait for the next.
  std::string text;
  for (int i = 0; text.size() < (std::size_t{8} << 20); ++i)
    text += std::to_string(i) + ' ';
  std::thread says([&] {
    CHECK(send_bytes(caller.get(), text));
    shutdown(caller.get(), SHUT_WR);
  });
  const auto heard = read_bytes(caller.get(), text.size() + 1);
  says.join();
  CHECK(heard == text);
  CHECK(becomes([&] { return s.entry->figures().doors.at(0).connections == 0; }));
  const auto at_entry = s.entry->figures().doors.at(0), at_exit = exit->figures().doors.at(0);
  CHECK(at_entry.bytes_in == text.size());
  CHECK(at_entry.bytes_out == text.size());
  CHECK(at_entry.callers == 1);
  CHECK(at_entry.to == to_string(s.hidden.key->id()));
  CHECK(at_exit.bytes_in == text.size());
  CHECK(s.entry->figures().refused.empty());
}

TEST_CASE("a caller who says more than is heard has to wait: nothing between keeps it all") {
  tunnel_scene s;
  std::atomic<bool> reads = false;
  const server behind([&](int caller) {
    becomes([&] { return reads.load(); });
    echo(caller);
  });
  const auto exit = s.exit_to(behind.where());
  REQUIRE(s.is_open(*exit));
  const auto caller = plain_socket(s.door(0));
  const timeval moment{0, 500'000};
  setsockopt(caller.get(), SOL_SOCKET, SO_SNDTIMEO, &moment, sizeof(moment));
  const std::string piece(std::size_t{1} << 20, 'x');
  constexpr std::size_t far_more = std::size_t{256} << 20;
  std::size_t said = 0;
  while (said < far_more) {
    const auto count = send(caller.get(), piece.data(), piece.size(), MSG_NOSIGNAL);
    if (count <= 0)
      break;
    said += static_cast<std::size_t>(count);
  }
  MESSAGE(said << " bytes until it had to wait");
  CHECK(said < far_more);
  reads = true;
  CHECK(read_bytes(caller.get(), std::size_t{1} << 20) == piece);
}

TEST_CASE("a door behind which nobody answers closes on its callers at once") {
  tunnel_scene s;
  const auto exit = s.exit_to(loopback(s.ports[2]));
  REQUIRE(s.is_open(*exit));
  const auto begin = std::chrono::steady_clock::now();
  CHECK(answer_to(s.door(0), "hello", 1).empty());
  CHECK(std::chrono::steady_clock::now() - begin < 3s);
}

TEST_CASE("doors that may not be are refused by name, and asked for again") {
  tunnel_scene s;
  const server behind([](int caller) { send_bytes(caller, "first"); });
  auto first = s.exit_to(behind.where());
  REQUIRE(s.is_open(*first));
  const tls_node other{s.ours, s.ours};
  const auto to = behind.where();
  const auto beyond = loopback(static_cast<std::uint16_t>(s.first_door + 4));
  const auto second = s.exit(other, {{door_transport::tcp, s.door(0), to},
                                     {door_transport::tcp, beyond, to},
                                     {door_transport::tcp, s.door(1), to},
                                     {door_transport::tcp, s.door(2), to},
                                     {door_transport::udp, s.door(2), {}},
                                     {door_transport::tcp, s.door(3), to}});
  REQUIRE(becomes([&] { return second->figures().doors.at(5).state != "closed"; }));
  std::vector<std::string> states;
  for (const auto& one : second->figures().doors)
    states.push_back(one.state);
  CHECK(states ==
        std::vector<std::string>{"taken", "out_of_range", "open", "open", "open", "too_many"});
  for (const auto* reason : {"a door: taken", "a door: out_of_range", "a door: too_many"})
    CHECK(refused(s.entry->figures(), reason) == 1);
  CHECK(answer_to(s.door(0), "", 5) == "first");
  first.reset();
  CHECK(becomes([&] { return second->figures().doors.at(0).state == "too_many"; }));
}

TEST_CASE("when the exit is gone its doors close, and the entry's ports are free again") {
  tunnel_scene s;
  const server behind(echo);
  auto exit = s.exit_to(behind.where());
  REQUIRE(s.is_open(*exit));
  const auto caller = plain_socket(s.door(0));
  CHECK(send_bytes(caller.get(), "hello"));
  CHECK(read_bytes(caller.get(), 5) == "hello");
  exit.reset();
  CHECK(read_bytes(caller.get(), 1).empty());
  CHECK(becomes([&] { return s.entry->figures().doors.empty(); }, 2s));
  CHECK(listen_tcp(must(resolve(s.door(0))), 1, "a test"));
}

TEST_CASE("when the entry is gone the exit dials until it is back") {
  tunnel_scene s;
  const server behind(echo);
  const auto exit = s.exit_to(behind.where());
  REQUIRE(s.is_open(*exit));
  s.entry.reset();
  REQUIRE(becomes([&] { return exit->figures().state == "dialling"; }));
  CHECK(exit->figures().doors.at(0).state == "closed");
  CHECK(!exit->figures().why.empty());
  s.entry = must(tunnel_entry::start(s.reachable.context, s.entry_is));
  REQUIRE(s.is_open(*exit));
  CHECK(exit->figures().why.empty());
  CHECK(answer_to(s.door(0), "again", 5) == "again");
}

TEST_CASE("doors stay open, and what passes them goes on, when certificates are renewed") {
  tunnel_scene s;
  const server behind(echo);
  const auto exit = s.exit_to(behind.where());
  REQUIRE(s.is_open(*exit));
  const auto caller = plain_socket(s.door(0));
  REQUIRE(send_bytes(caller.get(), "before"));
  REQUIRE(read_bytes(caller.get(), 6) == "before");
  s.then = now + 16h;
  for (auto* one : {&s.reachable, &s.hidden})
    REQUIRE(one->context->show({must(parse_certificate(s.ours.vouch(*one->key, now + 16h, 24h)))}));
  for (const auto* one : {&s.reachable, &s.hidden})
    REQUIRE(becomes([&] { return one->context->renewals() > 0; }));
  s.then = now + 25h;
  // Whoever knocks has both ends of the session look at each other's certificates, now and then.
  for (std::uint64_t knocks = 1; knocks <= 12; ++knocks) {
    const auto other = plain_socket(s.door(0));
    REQUIRE(becomes([&] {
      const auto doors = s.entry->figures().doors;
      return !doors.empty() && doors.front().callers == knocks + 1;
    }));
    std::this_thread::sleep_for(100ms);
  }
  CHECK(send_bytes(caller.get(), "after"));
  CHECK(read_bytes(caller.get(), 5) == "after");
}

TEST_CASE("an exit that comes back before its old session is over takes its doors over") {
  tunnel_scene s;
  const server behind([](int caller) { send_bytes(caller, "new"); });
  const auto old = s.exit_to(loopback(s.ports[2]));
  REQUIRE(s.is_open(*old));
  const auto exit = s.exit_to(behind.where());
  REQUIRE(s.is_open(*exit));
  CHECK(answer_to(s.door(0), "", 3) == "new");
  CHECK(s.entry->figures().doors.size() == 1);
}

TEST_CASE("who shows no call's secret gets no caller, and the right one still does") {
  tunnel_scene s;
  const server behind(echo);
  const auto exit = s.exit_to(behind.where());
  REQUIRE(s.is_open(*exit));
  const auto calls_at = loopback(s.ports[1]);
  CHECK(answer_to(calls_at, "GET / HTTP/1.0\r\n\r\n and more of it", 1).empty());
  const auto proof = pack_call_proof({1, {}});
  CHECK(answer_to(calls_at, {proof.begin(), proof.end()}, 1).empty());
  CHECK(refused(s.entry->figures(), "what came does not fetch a caller") == 1);
  CHECK(refused(s.entry->figures(),
                "a connection that fetches nobody who waits, or with a wrong secret") == 1);
  CHECK(answer_to(s.door(0), "hello", 5) == "hello");
  // Those who say nothing do not keep others out, however many they are.
  std::vector<descriptor> silent;
  for (int i = 0; i < 100; ++i)
    silent.push_back(plain_socket(calls_at));
  CHECK(answer_to(s.door(0), "hello", 5) == "hello");
}

TEST_CASE("callers beyond a door's limit, and beyond the exit's, are turned away") {
  tunnel_scene s;
  s.entry.reset();
  s.entry_is.most_connections = 3;
  s.entry = must(tunnel_entry::start(s.reachable.context, s.entry_is));
  const server behind(echo);
  const auto exit = s.exit(s.hidden,
                           {{door_transport::tcp, s.door(0), behind.where()},
                            {door_transport::tcp, s.door(1), behind.where()}},
                           4);
  REQUIRE(s.is_open(*exit));
  std::vector<descriptor> callers;
  for (int i = 0; i < 3; ++i)
    callers.push_back(plain_socket(s.door(0)));
  REQUIRE(becomes([&] { return s.entry->figures().doors.at(0).callers == 3; }));
  CHECK(answer_to(s.door(0), "hello", 1).empty());
  CHECK(refused(s.entry->figures(), "too many callers at a door") == 1);
  callers.push_back(plain_socket(s.door(1)));
  REQUIRE(becomes([&] { return exit->figures().doors.at(1).connections == 1; }));
  CHECK(answer_to(s.door(1), "hello", 1).empty());
  CHECK(refused(exit->figures(), "too many callers") == 1);
  CHECK(refused(s.entry->figures(), "a caller whom the exit could not connect") == 1);
}

TEST_CASE("an exit with strange credentials, or that is revoked, is refused and counted") {
  tunnel_scene s;
  const signer theirs{"theirs"};
  const tls_node strange{theirs, s.ours};
  const auto stranger = s.exit(strange, {{door_transport::tcp, s.door(0), loopback(s.ports[2])}});
  REQUIRE(becomes([&] { return !stranger->figures().why.empty(); }));
  CHECK(stranger->figures().state == "dialling");
  CHECK(becomes([&] { return s.reachable.context->refusals()["unknown_authority"] > 0; }));
  CHECK(s.entry->figures().doors.empty());

  const auto exit = s.exit_to(loopback(s.ports[2]));
  REQUIRE(s.is_open(*exit));
  const auto list = revocation_of(s.ours, s.hidden.shown);
  REQUIRE(must(s.reachable.context->add_revocations(list)));
  CHECK(becomes([&] { return s.entry->figures().doors.empty(); }));
  CHECK(refused(s.entry->figures(), "a session ended: refused") == 1);
  CHECK(becomes([&] { return has(exit->figures().why, "revoked"); }));
}

} // namespace
} // namespace dci::test
