// One answer as it grows, with times given by hand.
#include <doctest/doctest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "actors/ring/generation.hpp"

using namespace dci;
using namespace std::chrono_literals;

namespace {

constexpr session_id session{77};
const generation::time_point start{1000s};

/// Byte-level: 0 ends a text, 1 to 4 are the bytes of the euro sign but its
/// last, its last, "a" and "b".
std::shared_ptr<const tokenizer> bytes() {
  static const auto made = tokenizer::parse(R"({
    "added_tokens": [{"id": 0, "content": "<end>", "special": true}],
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
    "decoder": {"type": "ByteLevel"},
    "model": {"type": "BPE", "vocab": {"<end>": 0, "âĤ": 1, "¬": 2, "a": 3, "b": 4, "Ġ": 5},
              "merges": []}})",
                                            "bytes");
  REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
  return *made;
}

/// Metaspace: a text loses the space at its start, the middle of one does not.
std::shared_ptr<const tokenizer> metaspace() {
  static const auto made = tokenizer::parse(R"({
    "added_tokens": [{"id": 0, "content": "<s>", "special": true}],
    "decoder": {"type": "Sequence", "decoders": [
      {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
      {"type": "ByteFallback"}, {"type": "Fuse"},
      {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
    "model": {"type": "BPE", "vocab": {"<s>": 0, "▁once": 1, "▁upon": 2}, "merges": []}})",
                                            "metaspace");
  REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
  return *made;
}

generation answer(std::vector<std::string> stop = {},
                  std::shared_ptr<const tokenizer> tokens = bytes()) {
  const std::vector<token_id> prompt = {3, 4, 3};
  return {session, prompt, std::move(tokens), std::move(stop), start};
}

new_token event(std::uint32_t index, token_id token, finish_reason finish = finish_reason::none) {
  return {session, index, token, finish, {}};
}

} // namespace

TEST_CASE("each token becomes an event with its index and the text it completes") {
  auto made = answer();
  auto out = made.take(event(0, 3), start);
  REQUIRE(out.text);
  CHECK(out.text->session == session);
  CHECK(out.text->index == 0);
  CHECK(out.text->token == 3);
  CHECK(out.text->text == "a");
  CHECK(out.text->logits.empty());
  CHECK_FALSE(out.end);
  out = made.take(event(1, 1), start);
  CHECK(out.text->index == 1);
  CHECK(out.text->text == ""); // half a character
  out = made.take(event(2, 2), start);
  CHECK(out.text->text == "€");
  CHECK(out.text->index == 2);
}

TEST_CASE("a token that came before, or whose turn it is not, changes nothing") {
  auto made = answer();
  made.take(event(0, 3), start);
  for (const auto index : {0u, 2u, 9u}) {
    const auto out = made.take(event(index, 4, finish_reason::length), start + 1s);
    CHECK_FALSE(out.text);
    CHECK_FALSE(out.end);
  }
  CHECK(made.last_progress() == start);
  CHECK(made.end({errc::none, ""}).tokens == 1);
}

TEST_CASE("the stage's reason ends the answer, with what was held back") {
  auto made = answer({"ab"});
  auto out = made.take(event(0, 3), start);
  CHECK(out.text->text == ""); // may become the stop string
  out = made.take(event(1, 3, finish_reason::length), start);
  CHECK(out.text->text == "a");
  REQUIRE(out.end);
  CHECK(out.end->finish == finish_reason::length);
  CHECK(out.end->text == "a");
  CHECK(out.end->code == errc::none);
  CHECK(out.end->message.empty());
  CHECK(out.end->session == session);
  CHECK(out.end->prompt_tokens == 3);
  CHECK(out.end->tokens == 2);
}

TEST_CASE("an end-of-sequence token counts but has no text") {
  auto made = answer();
  made.take(event(0, 3), start);
  const auto out = made.take(event(1, 4, finish_reason::end_of_sequence), start);
  REQUIRE(out.text);
  CHECK(out.text->text == "");
  CHECK(out.text->token == 4);
  REQUIRE(out.end);
  CHECK(out.end->finish == finish_reason::end_of_sequence);
  CHECK(out.end->tokens == 2);
}

TEST_CASE("an unfinished character at the end is replaced") {
  auto made = answer();
  const auto out = made.take(event(0, 1, finish_reason::length), start);
  REQUIRE(out.end);
  CHECK(out.text->text + out.end->text == "\xef\xbf\xbd");
}

TEST_CASE("a stop string ends the answer and is left out") {
  auto made = answer({"zz", "b a"});
  std::string text;
  for (const auto& [step, token] : {std::pair{0u, 3}, {1u, 4}, {2u, 5}}) {
    const auto out = made.take(event(step, token), start);
    CHECK_FALSE(out.end);
    text += out.text->text;
  }
  const auto out = made.take(event(3, 3), start);
  text += out.text->text;
  REQUIRE(out.end);
  CHECK(out.end->finish == finish_reason::stop_string);
  CHECK(out.end->tokens == 4);
  CHECK(text + out.end->text == "a");
}

TEST_CASE("a stop string wins over a length that is reached at once") {
  auto made = answer({"a"});
  const auto out = made.take(event(0, 3, finish_reason::length), start);
  REQUIRE(out.end);
  CHECK(out.end->finish == finish_reason::stop_string);
}

TEST_CASE("the answer goes on where the prompt ended") {
  const std::vector<token_id> prompt = {0, 1};
  generation made(session, prompt, metaspace(), {}, start);
  CHECK(made.take(event(0, 2), start).text->text == " upon");
}

TEST_CASE("without a tokenizer there are tokens and no text") {
  auto made = answer({"a"}, nullptr);
  auto out = made.take(event(0, 3), start);
  CHECK(out.text->token == 3);
  CHECK(out.text->text.empty());
  out = made.take(event(1, 3, finish_reason::length), start);
  REQUIRE(out.end);
  CHECK(out.end->text.empty());
}

TEST_CASE("logits are passed on") {
  auto made = answer();
  auto first = event(0, 3);
  first.logits = activation::own(1, 2, {0.5f, 1.5f});
  const auto out = made.take(first, start);
  REQUIRE(out.text->logits.cols() == 2);
  CHECK(out.text->logits.values()[1] == 1.5f);
}

TEST_CASE("times are from the request, rates from the first token on") {
  auto made = answer();
  made.take(event(0, 3), start + 250ms);
  made.take(event(1, 3), start + 350ms);
  made.take(event(2, 3), start + 400ms);
  CHECK(made.last_progress() == start + 400ms);
  const auto out = made.take(event(3, 3, finish_reason::length), start + 550ms);
  REQUIRE(out.end);
  CHECK(out.end->first_token_ms == doctest::Approx(250));
  CHECK(out.end->tokens_per_s == doctest::Approx(10));
}

TEST_CASE("a rate that cannot be measured is zero, not infinite") {
  auto one = answer();
  CHECK(one.take(event(0, 3, finish_reason::length), start + 1s).end->tokens_per_s == 0);
  auto two = answer();
  two.take(event(0, 3), start + 1s);
  CHECK(two.take(event(1, 3, finish_reason::length), start + 1s).end->tokens_per_s == 0);
  const auto none = answer().end({errc::timed_out, "too late"});
  CHECK(none.tokens_per_s == 0);
  CHECK(none.first_token_ms == 0);
  CHECK(none.tokens == 0);
}

TEST_CASE("an error names the session; a cancelled answer has none") {
  auto made = answer({"ab"});
  made.take(event(0, 3), start);
  const auto failed = made.end({errc::peer_lost, "stage 2 of 3 is lost"});
  CHECK(failed.finish == finish_reason::failed);
  CHECK(failed.code == errc::peer_lost);
  CHECK(failed.message == "session 77: stage 2 of 3 is lost");
  CHECK(failed.text == "a");
  const auto cancelled = answer().end({errc::none, ""});
  CHECK(cancelled.finish == finish_reason::cancelled);
  CHECK(cancelled.code == errc::none);
  CHECK(cancelled.message.empty());
}
