#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "tensors/decoder/sampling.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using test::check_error;

namespace {

constexpr auto infinity = std::numeric_limits<float>::infinity();

token_id draw(const std::vector<float>& logits, const sampling_settings& settings,
              std::uint64_t position = 0, const std::vector<token_id>& history = {}) {
  const auto id = sample(logits, history, settings, position);
  REQUIRE_MESSAGE(id, (id ? "" : id.error().message));
  return *id;
}

// How often each id comes up.
std::map<token_id, double> frequencies(const std::vector<float>& logits,
                                       const sampling_settings& settings, int draws = 20000) {
  std::map<token_id, double> out;
  for (int position = 0; position < draws; ++position)
    out[draw(logits, settings, position)] += 1.0 / draws;
  return out;
}

std::set<token_id> drawn(const std::vector<float>& logits, const sampling_settings& settings) {
  std::set<token_id> out;
  for (const auto& [id, share] : frequencies(logits, settings, 3000))
    out.insert(id);
  return out;
}

// Logits of these probabilities.
std::vector<float> logits_of(const std::vector<double>& probabilities) {
  std::vector<float> out;
  for (const auto p : probabilities)
    out.push_back(static_cast<float>(std::log(p)));
  return out;
}

} // namespace

TEST_CASE("greedy takes the highest logit, the lowest id among equals") {
  CHECK(draw({1, 3, 2}, {}) == 1);
  CHECK(draw({1, 3, 3, 3}, {}) == 1);
  CHECK(draw({-infinity, -5, -infinity}, {}) == 1);
  sampling_settings settings;
  settings.repetition_penalty = 2;
  CHECK(draw({1, 3, 2}, settings, 0, {1, 1}) == 2);
  CHECK(draw({-1, -1.5f}, settings, 0, {0}) == 1);
}

TEST_CASE("temperature sampling follows the probabilities") {
  const std::vector<double> wanted = {0.5, 0.3, 0.15, 0.05};
  sampling_settings settings;
  settings.temperature = 1;
  auto found = frequencies(logits_of(wanted), settings);
  for (token_id id = 0; id < 4; ++id)
    CHECK(found[id] == doctest::Approx(wanted[static_cast<std::size_t>(id)]).epsilon(0.08));

  // Half the temperature squares the probabilities.
  settings.temperature = 0.5;
  double sum = 0;
  for (const auto p : wanted)
    sum += p * p;
  found = frequencies(logits_of(wanted), settings);
  for (token_id id = 0; id < 3; ++id) {
    const auto p = wanted[static_cast<std::size_t>(id)];
    CHECK(found[id] == doctest::Approx(p * p / sum).epsilon(0.08));
  }
  settings.temperature = 1e-6;
  CHECK(drawn({1, 1.001f, 0}, settings) == std::set<token_id>{1});
}

TEST_CASE("each filter keeps what it must") {
  // Ids out of order, so that likelihood and id are not the same thing.
  const auto logits = logits_of({0.05, 0.4, 0.1, 0.25, 0.2});
  sampling_settings settings;
  settings.temperature = 1;
  settings.top_k = 2;
  CHECK(drawn(logits, settings) == std::set<token_id>{1, 3});
  settings.top_k = 100;
  CHECK(drawn(logits, settings).size() == 5);
  settings.top_k = 0;
  settings.top_p = 0.6; // 0.4 is too little, 0.65 enough
  CHECK(drawn(logits, settings) == std::set<token_id>{1, 3});
  settings.top_p = 0.7;
  CHECK(drawn(logits, settings) == std::set<token_id>{1, 3, 4});
  settings.top_p = 1e-9;
  CHECK(drawn(logits, settings) == std::set<token_id>{1});
  settings.top_p = 1;
  settings.min_p = 0.45; // of 0.4
  CHECK(drawn(logits, settings) == std::set<token_id>{1, 3, 4});
  settings.min_p = 1;
  CHECK(drawn(logits, settings) == std::set<token_id>{1});
}

TEST_CASE("the filters work on what the one before them left") {
  const auto logits = logits_of({0.4, 0.3, 0.2, 0.1});
  sampling_settings settings;
  settings.temperature = 1;
  settings.top_k = 2;   // leaves 4/7 and 3/7
  settings.top_p = 0.5; // of which the first is enough, though it is 0.4 of the whole
  CHECK(drawn(logits, settings) == std::set<token_id>{0});
  settings.top_k = 3; // leaves 4/9, 3/9, 2/9
  CHECK(drawn(logits, settings) == std::set<token_id>{0, 1});
  // Temperature comes before top-p: at 10 the four are nearly alike.
  settings = {};
  settings.temperature = 10;
  settings.top_p = 0.7;
  CHECK(drawn(logits, settings) == std::set<token_id>{0, 1, 2});
  // Equals are kept by id.
  settings = {};
  settings.temperature = 1;
  settings.top_k = 2;
  CHECK(drawn({1, 1, 1, 1}, settings) == std::set<token_id>{0, 1});
}

TEST_CASE("the repetition penalty counts a token once and spares the rest") {
  sampling_settings settings;
  settings.temperature = 1;
  settings.repetition_penalty = 2;
  // 2 becomes 1, -1 becomes -2: equal to the logits written out.
  const std::vector<float> logits = {2, -1, 0.5f}, penalised = {1, -2, 0.5f};
  sampling_settings plain = settings;
  plain.repetition_penalty = 1;
  for (std::uint64_t position = 0; position < 200; ++position)
    CHECK(draw(logits, settings, position, {0, 1, 0, 0}) == draw(penalised, plain, position));
}

TEST_CASE("sampling is a pure function of its arguments") {
  const auto logits = logits_of(std::vector<double>(50, 0.02));
  sampling_settings settings;
  settings.temperature = 1;
  settings.seed = 7;
  std::vector<token_id> first, again, other_seed;
  for (std::uint64_t position = 0; position < 50; ++position)
    first.push_back(draw(logits, settings, position));
  for (std::uint64_t position = 50; position-- > 0;)
    again.insert(again.begin(), draw(logits, settings, position));
  settings.seed = 8;
  for (std::uint64_t position = 0; position < 50; ++position)
    other_seed.push_back(draw(logits, settings, position));
  CHECK(first == again);
  CHECK(first != other_seed);
  CHECK(std::set<token_id>(first.begin(), first.end()).size() > 20);
}

TEST_CASE("the random numbers are those of splitmix64 and spread evenly") {
  double sum = 0;
  std::vector<int> bins(10);
  for (std::uint64_t position = 0; position < 10000; ++position) {
    const auto u = random_unit(1, position);
    CHECK(u >= 0);
    CHECK(u < 1);
    sum += u;
    ++bins[static_cast<std::size_t>(u * 10)];
  }
  CHECK(sum / 10000 == doctest::Approx(0.5).epsilon(0.02));
  for (const auto count : bins)
    CHECK(count == doctest::Approx(1000).epsilon(0.12));
  // From another implementation of the same formula.
  CHECK(random_unit(0, 0) == 0x1.4e0dba5e9a32fp-1);
  CHECK(random_unit(12345, 7) == 0x1.8e92b582e08dep-1);
}

TEST_CASE("settings out of range and logits that are none are refused") {
  const auto with = [](auto&& change) {
    sampling_settings settings;
    change(settings);
    return settings.validate();
  };
  const double nan = std::nan("");
  for (const double bad : {-0.1, 1001.0, nan})
    check_error(with([&](auto& s) { s.temperature = bad; }), errc::bad_request, {"temperature"});
  for (const double bad : {-0.1, 0.0, 1.1, nan})
    check_error(with([&](auto& s) { s.top_p = bad; }), errc::bad_request, {"top_p"});
  for (const double bad : {-0.1, 1.1, nan})
    check_error(with([&](auto& s) { s.min_p = bad; }), errc::bad_request, {"min_p"});
  for (const double bad : {-1.0, 0.0, 1e9, nan})
    check_error(with([&](auto& s) { s.repetition_penalty = bad; }), errc::bad_request,
                {"repetition_penalty"});
  CHECK(with([](auto&) {}));

  const auto refuse = [](const std::vector<float>& logits, errc code, const std::string& part,
                         const std::vector<token_id>& history = {}) {
    sampling_settings settings;
    settings.repetition_penalty = 1.1;
    for (const double temperature : {0.0, 1.0}) {
      settings.temperature = temperature;
      check_error(sample(logits, history, settings, 0), code, {part});
    }
  };
  refuse({1, std::nanf("")}, errc::not_finite, "token 1");
  refuse({infinity, 1}, errc::not_finite, "token 0");
  refuse({-infinity, -infinity}, errc::not_finite, "minus infinity");
  refuse({}, errc::bad_request, "no logits");
  refuse({1, 2}, errc::bad_request, "token 2", {0, 2});
  refuse({1, 2}, errc::bad_request, "token -1", {-1});
}
