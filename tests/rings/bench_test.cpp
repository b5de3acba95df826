// dci-bench: every verb measures what it says, and ends with its processes. How
// fast anything is, is no matter here.
#include <doctest/doctest.h>

#include "tests/rings/fixtures.hpp"
#include "tests/rings/program.hpp"

using namespace dci::test;

namespace {

nlohmann::json measured(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--rounds", "1", "--json"});
  const auto out = run_program(arguments, {}, std::chrono::seconds{120}, "dci-bench");
  CAPTURE(out.err);
  REQUIRE(out.code == 0);
  return nlohmann::json::parse(out.out);
}

std::vector<std::string> on_tiny(const std::string& verb, const std::string& tokens = "8") {
  return {verb, "--model", tiny_dir.string(), "--tokens", tokens};
}

} // namespace

TEST_CASE("one process: decode, prefill and load") {
  const auto decode = measured(on_tiny("decode"));
  CHECK(decode["what"] == "decode");
  CHECK(decode["tokens_per_s"] > 0);
  CHECK(decode["read_gb_per_s"] > 0);
  CHECK(decode["bandwidth_reached"] > 0);
  CHECK(measured(on_tiny("prefill"))["tokens_per_s"] > 0);
  const auto load = measured({"load", "--model", tiny_dir.string()});
  CHECK(load["seconds"] > 0);
  CHECK(load["reference_seconds"] > 0);
}

TEST_CASE("rings: several processes, several sessions, guesses over slow links") {
  auto few = on_tiny("ring");
  few.insert(few.end(), {"--starts", "2"});
  const auto ring = measured(few);
  CHECK(ring["processes"] == 3);
  CHECK(ring["starts"] == 2);
  CHECK(ring["ratio"] > 0);
  CHECK(ring["tokens_per_s"] > 0);
  CHECK(ring["reference"] == "one process");
  const auto sessions = measured(on_tiny("sessions"));
  CHECK(sessions["sessions"] == 8);
  CHECK(sessions["ratio"] > 0);
  auto slow = on_tiny("speculate", "16");
  slow.insert(slow.end(), {"--delay", "20"});
  // Each token takes three hops without guesses: 50 tokens a second at most.
  const auto guessed = measured(slow);
  CHECK(guessed["reference_tokens_per_s"] < 1000.0 / (3 * 20));
  CHECK(guessed["tokens_per_s"] > guessed["reference_tokens_per_s"]);
}

TEST_CASE("a hop, from actor to actor and from socket to socket") {
  const auto hop = measured({"hop", "--turns", "50", "--bytes", "4096"});
  CHECK(hop["p50_us"] > 0);
  CHECK(hop["p99_us"] >= hop["p50_us"]);
  CHECK(hop["reference_p50_us"] > 0);
}

TEST_CASE("what cannot be measured is refused by name") {
  const auto refused = [](const std::vector<std::string>& arguments, const std::string& part) {
    const auto out = run_program(arguments, {}, std::chrono::seconds{60}, "dci-bench");
    CAPTURE(out.err);
    CHECK(out.code == 2);
    CHECK(out.err.find(part) != std::string::npos);
  };
  refused({"ring", "--model", "/nowhere"}, "/nowhere");
  refused({"ring", "--model", tiny_dir.string(), "--processes", "99"}, "6 layers");
  refused({"ring", "--model", tiny_dir.string(), "--starts", "0"}, "--starts");
  refused({"sessions", "--model", tiny_dir.string(), "--sessions", "0"}, "--sessions");
  refused({"hop", "--bytes", "7"}, "--bytes");
  refused({"decode", "--model", tiny_dir.string(), "--backend", "fast"}, "fast");
}
