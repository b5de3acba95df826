// Who may ask what at the gate.
#include <doctest/doctest.h>

#include "actors/gate/keeper.hpp"

using namespace dci;
using namespace std::chrono_literals;

namespace {

const gate_keeper::time_point start{1h};

node_id node(std::uint8_t n) {
  node_id out;
  out.bytes.fill(n);
  return out;
}
const node_id client = node(1), guest = node(2);

gate_config config() {
  gate_config out;
  out.rings = {"main"};
  out.clients = {to_string(client)};
  out.most_tokens = 100;
  out.most_sessions = 2;
  out.questions_per_s = 5;
  return out;
}

gate_keeper keeper_of(const gate_config& c) {
  auto rule = listed_roles::of(c);
  REQUIRE(rule);
  return {c, std::move(*rule)};
}

gate_question for_answer(std::uint32_t tokens = 10, const std::string& ring = "main") {
  generate_request request;
  request.prompt = "hello";
  request.max_tokens = tokens;
  return {1, {}, ring, request};
}

std::string why_not(gate_keeper& keeper, const node_id& who, const gate_question& question,
                    gate_keeper::time_point now = start) {
  const auto no = keeper.judge(who, question, now);
  return no ? no->reason : "";
}

} // namespace

TEST_CASE("a client may ask for answers, a guest for the terms, nobody for nothing") {
  auto keeper = keeper_of(config());
  CHECK(why_not(keeper, client, for_answer()) == "");
  CHECK(why_not(keeper, client, {1, {}, "", cancel_request{session_id{4}}}) == "");
  CHECK(why_not(keeper, guest, {1, {}, "", gate_terms_request{}}) == "");
  CHECK(why_not(keeper, guest, for_answer()) == "not_allowed");
  CHECK(why_not(keeper, guest, {1, {}, "", cancel_request{session_id{4}}}) == "not_allowed");
  CHECK(keeper.terms_of(client).role == "client");
  CHECK(keeper.terms_of(guest).role == "guest");
  auto closed = config();
  closed.guests = false;
  auto strict = keeper_of(closed);
  CHECK(why_not(strict, guest, {1, {}, "", gate_terms_request{}}) == "not_allowed");
  CHECK(why_not(strict, client, for_answer()) == "");
  auto open = config();
  open.clients = {"*"};
  auto all = keeper_of(open);
  CHECK(why_not(all, guest, for_answer()) == "");
}

TEST_CASE("a list of clients with something else in it is refused") {
  auto wrong = config();
  wrong.clients.push_back("somebody");
  const auto rule = listed_roles::of(wrong);
  REQUIRE_FALSE(rule);
  CHECK(rule.error().code == errc::bad_config);
}

TEST_CASE("an answer is of a ring that is open, and no longer than is allowed") {
  auto keeper = keeper_of(config());
  CHECK(why_not(keeper, client, for_answer(10, "other")) == "no_such_ring");
  CHECK(why_not(keeper, client, for_answer(10, "")) == "no_such_ring");
  CHECK(why_not(keeper, client, for_answer(100)) == "");
  CHECK(why_not(keeper, client, for_answer(101)) == "too_much");
  CHECK(why_not(keeper, client, for_answer(4'000'000'000u)) == "too_much");
  auto later = start + 1h;
  auto long_prompt = for_answer();
  std::get<generate_request>(long_prompt.message).prompt_ids.resize(100'000);
  CHECK(why_not(keeper, client, long_prompt, later) == "too_much");
  auto stops = for_answer();
  std::get<generate_request>(stops.message).stop.resize(17);
  CHECK(why_not(keeper, client, stops, later) == "too_much");
}

TEST_CASE("so many answers at once, and no more until one has ended") {
  auto keeper = keeper_of(config());
  keeper.take_room(client);
  keeper.take_room(client);
  CHECK(why_not(keeper, client, for_answer()) == "busy");
  CHECK(why_not(keeper, client, {1, {}, "", gate_terms_request{}}) == "");
  keeper.give_room(client);
  CHECK(why_not(keeper, client, for_answer()) == "");
  keeper.give_room(client);
  keeper.give_room(client); // more than there were
  keeper.take_room(client);
  CHECK(why_not(keeper, client, for_answer()) == "");
}

TEST_CASE("whoever asks too often waits, and nobody else for him") {
  auto keeper = keeper_of(config());
  const gate_question terms{1, {}, "", gate_terms_request{}};
  for (int i = 0; i < 10; ++i)
    CHECK(why_not(keeper, guest, terms) == "");
  CHECK(why_not(keeper, guest, terms) == "too_often");
  CHECK(why_not(keeper, client, terms) == "");
  CHECK(why_not(keeper, guest, terms, start + 100ms) == "too_often");
  CHECK(why_not(keeper, guest, terms, start + 300ms) == "");
  CHECK(why_not(keeper, guest, terms, start + 300ms) == "too_often");
}
