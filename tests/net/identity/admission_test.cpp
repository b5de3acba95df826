#include "net/identity/admission.hpp"

#include "net/identity/private_file.hpp"
#include "tests/net/identity/fixture.hpp"

namespace dci::test {
namespace {

enrolment_request ask(const node_key& key, std::string token = "") {
  return {must(certificate_request::parse(must(certificate_request::make(key)))), std::move(token)};
}

TEST_CASE("a list admits those on it") {
  const auto friendly = must(node_key::generate()), stranger = must(node_key::generate());
  const listed_nodes rule({friendly.id()});
  CHECK(rule.decide(ask(friendly), now).has_value());
  const auto no = rule.decide(ask(stranger), now);
  CHECK(has(why(no), to_string(stranger.id())));
  CHECK(no.error().code == errc::refused);
  CHECK_FALSE(listed_nodes({}).decide(ask(friendly), now));
}

TEST_CASE("a token admits those who know it") {
  const auto key = must(node_key::generate());
  const std::string secret = "correct horse battery";
  const auto rule = must(shared_token::of(secret));
  CHECK(rule.decide(ask(key, secret), now).has_value());
  for (const auto& wrong : {std::string{}, secret.substr(1), secret + " ",
                            std::string{"Correct horse battery"}, secret + std::string(1, '\0')}) {
    CAPTURE(wrong);
    const auto no = rule.decide(ask(key, wrong), now);
    CHECK(has(why(no), "wrong enrolment token"));
    CHECK(no.error().code == errc::refused);
    CHECK_FALSE(has(no.error().message, "orse"));
  }
}

TEST_CASE("who holds a certificate needs the token no more, and still has to be on a list") {
  const auto key = must(node_key::generate()), other = must(node_key::generate());
  const auto rule = must(shared_token::of("correct horse battery"));
  CHECK(rule.decide_again(ask(key), {1, 0}, now));
  CHECK(rule.decide_again(ask(key), {20, shared_token::most_young - 1}, now));
  CHECK(rule.decide_again(ask(key, "correct horse battery"), {20, 20}, now));
  const auto none = rule.decide_again(ask(key), {0, 0}, now);
  CHECK(has(why(none), "wrong enrolment token"));
  // Who says one says the right one.
  CHECK(has(why(rule.decide_again(ask(key, "a guess"), {1, 0}, now)), "wrong enrolment token"));
  const auto greedy = rule.decide_again(ask(key), {20, shared_token::most_young}, now);
  CHECK(has(why(greedy), "are not half over"));
  CHECK(greedy.error().code == errc::refused);
  const listed_nodes list({key.id()});
  CHECK(list.decide_again(ask(key), {1, 0}, now));
  CHECK(has(why(list.decide_again(ask(other), {1, 0}, now)), to_string(other.id())));
}

TEST_CASE("a token that can be guessed is refused") {
  const auto empty = shared_token::of("");
  CHECK(has(why(empty), "can be guessed"));
  CHECK(empty.error().code == errc::bad_config);
  CHECK_FALSE(shared_token::of(std::string(15, 'a')));
  CHECK(shared_token::of(std::string(16, 'a')).has_value());
}

TEST_CASE("a token lies in a file that only its owner can read") {
  const scratch dir;
  const auto path = dir.path / "token";
  REQUIRE(create_file(path, "correct horse battery\r\n", file_readers::owner));
  CHECK(must(read_enrolment_token(path)) == "correct horse battery");
  REQUIRE(create_file(dir.path / "open", "correct horse battery", file_readers::everyone));
  CHECK(read_enrolment_token(dir.path / "open").error().code == errc::bad_file);
}

} // namespace
} // namespace dci::test
