// A row of the proximity table: what is known, what it is worth, and what is marked.
#include "actors/proximity_prober/table.hpp"
#include "tests/actors/proximity_prober/town.hpp"

using namespace dci;
using namespace dci::test;
using namespace std::chrono_literals;

namespace {

struct measured_town : town {
  measured_town() {
    machine.add(node(1));
    machine.add(node(2));
    machine.add(node(3));
    report = [](std::uint8_t peer, std::uint32_t number) -> std::optional<proximity_train_report> {
      if (peer == 3)
        return std::nullopt;
      return proximity_train_report{number, train_datagrams, peer == 1 ? 5.f : 300.f, false};
    };
    run(30min, [](std::uint8_t) -> maybe { return 50ms; });
  }
};

} // namespace

TEST_CASE(
    "a row has the bandwidth with its age and confidence, and the score is the whole formula") {
  measured_town t;
  const proximity_weights half{0.5, 50ms, 100, 10};
  const auto table = describe(t.machine, half, t.now);
  CHECK(table.least_mbit_per_s == 10);
  REQUIRE(table.links.size() == 3);
  const auto &narrow = table.links[0], &wide = table.links[1], &unknown = table.links[2];
  CHECK(wide.mbit_per_s == 300);
  CHECK(wide.mbit_confidence == 1);
  CHECK(wide.mbit_age_s > 0);
  CHECK(wide.mbit_age_s <= 320);
  CHECK(!wide.narrow);
  CHECK(!wide.at_least);
  CHECK(wide.score == doctest::Approx(0.5 * 0.5 + 0.5 * 0.75));
  CHECK(narrow.mbit_per_s == 5);
  CHECK(narrow.narrow);
  CHECK(narrow.score == doctest::Approx(0.5 * 0.5 + 0.5 * 5 / 105));
  // Not measured: the second term is 0, and the mark for it is a bandwidth of 0.
  CHECK(unknown.mbit_per_s == 0);
  CHECK(unknown.mbit_confidence == 0);
  CHECK(!unknown.narrow);
  CHECK(unknown.score == doctest::Approx(0.5 * 0.5));
}

TEST_CASE("only a bandwidth that is known to be below the threshold makes a link narrow") {
  const proximity_weights weights;
  CHECK(is_narrow(weights, 9.9, false));
  CHECK(!is_narrow(weights, 10, false));
  CHECK(!is_narrow(weights, 9.9, true)); // it may be more
  CHECK(!is_narrow(weights, 0, false));  // nobody knows
}
