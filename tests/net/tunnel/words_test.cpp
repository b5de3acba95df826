// What the ends of a tunnel say: there and back, cut short, too long.
#include "net/tunnel/words.hpp"

#include <doctest/doctest.h>

#include "net/tunnel/control_link.hpp"
#include "net/tunnel/door_rules.hpp"
#include "net/tunnel/tunnel_exit.hpp"
#include "net/tunnel/waiting_calls.hpp"
#include "net/tunnel/wrapped.hpp"

using namespace dci;
using namespace std::chrono_literals;

namespace {

endpoint at(const std::string& text) {
  return resolve(parse_address(text).value()).value();
}

node_id node(std::uint8_t first) {
  node_id out{};
  out.bytes[0] = first;
  return out;
}

} // namespace

TEST_CASE("words arrive as they were said") {
  const auto opened = unpack_exit_word(pack_exit_word(open_door{3, door_transport::udp, 4711}));
  REQUIRE(opened);
  CHECK(std::get<open_door>(*opened).transport == door_transport::udp);
  CHECK(std::get<open_door>(*opened).port == 4711);
  const auto came = unpack_entry_word(pack_entry_word(caller_came{1, 1ull << 40, {1, 2, 3}}));
  REQUIRE(came);
  CHECK(std::get<caller_came>(*came).call == 1ull << 40);
  CHECK(std::get<caller_came>(*came).secret == call_secret{1, 2, 3});
  // The longest one fits its frame.
  CHECK(pack_entry_word(caller_came{~0u, ~0ull, {}}).size() < most_tunnel_frame);
  auto wrong = pack_exit_word(open_door{3, door_transport::udp, 4711});
  wrong.pop_back();
  CHECK(unpack_exit_word(wrong).error().code == errc::bad_message);
}

TEST_CASE("frames come out of a stream however it is cut, and bad ones are named") {
  const auto one = tunnel_frame(pack_exit_word(call_failed{7})), beat = tunnel_frame({});
  byte_vector all;
  for (const auto* part : {&one, &beat, &one})
    all.insert(all.end(), part->begin(), part->end());
  for (const std::size_t step : {std::size_t{1}, std::size_t{3}, all.size()}) {
    frame_reader reader;
    std::vector<std::size_t> sizes;
    for (std::size_t i = 0; i < all.size(); i += step)
      REQUIRE(reader.take(byte_view(all).subspan(i, std::min(step, all.size() - i)),
                          [&](byte_view content) -> result {
                            sizes.push_back(content.size());
                            return {};
                          }));
    CHECK(sizes == std::vector<std::size_t>{one.size() - 3, 0, one.size() - 3});
  }
  const auto refusal = [](const byte_vector& bytes) {
    const auto out = frame_reader{}.take(bytes, [](byte_view) -> result { return {}; });
    return out ? std::string{} : out.error().message;
  };
  CHECK(refusal({0, 0, 0}).find("has 0 bytes") != std::string::npos);
  CHECK(refusal({1, 1, tunnel_version}).find("has 257 bytes") != std::string::npos);
  CHECK(refusal({0, 5, 9}).find("version 9") != std::string::npos);
  CHECK(refusal({0, 5, tunnel_version}).empty()); // not whole yet
}

TEST_CASE("a proof is its call and its secret, and nothing else") {
  const auto bytes = pack_call_proof({0x0102030405060708, {9, 8, 7}});
  CHECK(bytes.size() == call_proof_bytes);
  const auto read = unpack_call_proof(bytes);
  REQUIRE(read);
  CHECK(read->call == 0x0102030405060708);
  CHECK(read->secret == call_secret{9, 8, 7});
  for (std::size_t i = 0; i < 5; ++i) {
    auto wrong = bytes;
    ++wrong[i];
    CHECK(!unpack_call_proof(wrong));
  }
  CHECK(!unpack_call_proof(byte_view(bytes).first(call_proof_bytes - 1)));
}

TEST_CASE("a wrapped datagram has 15 bytes more where its peer's address is of IPv4") {
  const byte_vector content(most_datagram_bytes, 7);
  const flow_token token{1, 2, 3, 4, 5, 6, 7, 8};
  for (const auto* peer : {"192.0.2.7:4801", "[2001:db8::1]:4801"}) {
    const auto bytes = wrap_datagram({token, at(peer), content});
    CHECK(bytes.size() == content.size() + (is_v4(at(peer)) ? 15 : most_wrapping));
    const auto read = unwrap_datagram(bytes);
    REQUIRE(read);
    CHECK(read->token == token);
    CHECK(read->peer == at(peer));
    CHECK(std::equal(read->bytes.begin(), read->bytes.end(), content.begin(), content.end()));
    auto longer = bytes;
    longer.push_back(7);
    CHECK(!unwrap_datagram(longer));
  }
  const auto empty = wrap_datagram({token, {}, {}});
  CHECK(empty.size() == 9);
  CHECK(!unwrap_datagram(empty).value().peer);
  CHECK(!unwrap_datagram(byte_view(empty).first(8)));
  auto more = empty;
  more.push_back(0);
  CHECK(!unwrap_datagram(more));
  // An IPv4 address as one of IPv6 would be a second way to write the same.
  byte_vector mapped(token.begin(), token.end());
  mapped.push_back(6);
  const auto v4 = at("192.0.2.7:1");
  mapped.insert(mapped.end(), v4.ip.begin(), v4.ip.end());
  mapped.insert(mapped.end(), {0, 1});
  CHECK(!unwrap_datagram(mapped));
}

TEST_CASE("a door sends to single nodes, and to its own machine only if it is there for that") {
  for (const auto* fine : {"192.0.2.7:4801", "10.0.0.1:1", "[2001:db8::1]:4801"})
    CHECK(is_fit_for_door(at(fine), false));
  for (const auto* local : {"127.0.0.1:4801", "127.8.0.1:1", "[::1]:4801"}) {
    CHECK(is_fit_for_door(at(local), true));
    CHECK(!is_fit_for_door(at(local), false));
  }
  for (const auto* wrong :
       {"0.0.0.0:1", "224.0.0.1:1", "255.255.255.255:1", "[::]:1", "[ff02::1]:1"})
    CHECK(!is_fit_for_door(at(wrong), true));
  auto nowhere = at("192.0.2.7:1");
  nowhere.port = 0;
  CHECK(!is_fit_for_door(nowhere, true));
}

TEST_CASE("who may open which door") {
  const door_rules rules{100, 109, 2};
  const held_door a{node(1), door_transport::tcp, 100}, b{node(1), door_transport::udp, 100};
  const auto ask = [&](std::uint8_t who, door_transport transport, std::uint16_t port,
                       const std::vector<held_door>& held) {
    return refusal_of(rules, {node(who), transport, port}, held);
  };
  CHECK(!ask(1, door_transport::tcp, 100, {}));
  CHECK(!ask(1, door_transport::tcp, 109, {}));
  CHECK(ask(1, door_transport::tcp, 99, {}) == door_refusal::out_of_range);
  CHECK(ask(1, door_transport::tcp, 110, {}) == door_refusal::out_of_range);
  CHECK(ask(2, door_transport::tcp, 100, {a}) == door_refusal::taken);
  CHECK(!ask(2, door_transport::udp, 100, {a}));
  CHECK(ask(1, door_transport::tcp, 101, {a, b}) == door_refusal::too_many);
  CHECK(!ask(2, door_transport::tcp, 101, {a, b}));
  // It comes back before the entry knows that it was gone.
  CHECK(!ask(1, door_transport::tcp, 100, {a, b}));
}

TEST_CASE("a caller is fetched once, by the right secret, in time") {
  using clock = waiting_calls::clock;
  waiting_calls calls;
  const clock::time_point start{};
  auto proof = calls.add(5, descriptor(), start).value();
  const auto other = calls.add(6, descriptor(), start + 1s).value();
  CHECK(other.secret != proof.secret);
  CHECK(calls.waiting(5) == 1);
  auto wrong = proof;
  ++wrong.secret[15];
  CHECK(!calls.claim(wrong, start));
  wrong = proof;
  wrong.call = other.call;
  CHECK(!calls.claim(wrong, start));
  // A wrong guess ends nobody's call.
  const auto found = calls.claim(proof, start);
  REQUIRE(found);
  CHECK(found->door == 5);
  CHECK(!calls.claim(proof, start));
  CHECK(calls.next_end() == start + 1s + waiting_calls::longest_wait);
  CHECK(!calls.claim(other, calls.next_end()));
  CHECK(!calls.drop(other.call, {5}));
  CHECK(calls.drop_late(calls.next_end()) == 1);
  CHECK(calls.waiting(6) == 0);
  proof = calls.add(7, descriptor(), start).value();
  CHECK(calls.drop(proof.call, {7}));
  CHECK(!calls.claim(proof, start));
}

TEST_CASE("an exit waits longer after each failure, but not for ever") {
  CHECK(pause_after(0) == 500ms);
  CHECK(pause_after(1) == 1s);
  CHECK(pause_after(4) == 8s);
  for (const std::uint32_t many : {5u, 6u, 1000u, ~0u})
    CHECK(pause_after(many) == 15s);
}
