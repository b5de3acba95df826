// Whether layer ranges are a way to cut a model.
#include <doctest/doctest.h>

#include <vector>

#include "actors/ring/cuts.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;

namespace {

result cuts(std::vector<layer_span> stages, std::uint32_t layers = 6) {
  return check_cuts(stages, layers);
}

} // namespace

TEST_CASE("ranges that hold each layer once are a cut") {
  CHECK(cuts({{0, 6}}));
  CHECK(cuts({{0, 2}, {2, 4}, {4, 6}}));
  CHECK(cuts({{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 6}}));
  CHECK(cuts({{0, 5}, {5, 6}}));
}

TEST_CASE("any fault names the stage and the layers") {
  test::check_error(cuts({}), errc::bad_config, {"at least one stage"});
  test::check_error(cuts({{0, 2}, {3, 6}}), errc::bad_config,
                    {"stage 2", "[3, 6)", "leaves out", "[2, 3)"});
  test::check_error(cuts({{1, 6}}), errc::bad_config, {"stage 1", "leaves out", "[0, 1)"});
  test::check_error(cuts({{0, 4}, {3, 6}}), errc::bad_config,
                    {"stage 2", "[3, 6)", "again", "begin it at 4"});
  test::check_error(cuts({{2, 6}, {0, 2}}), errc::bad_config, {"stage 1", "leaves out", "[0, 2)"});
  test::check_error(cuts({{0, 2}, {2, 7}}), errc::bad_config, {"stage 2", "beyond", "6 layers"});
  test::check_error(cuts({{0, 2}, {2, 5}}), errc::bad_config, {"no stage", "[5, 6)"});
  test::check_error(cuts({{0, 2}, {2, 2}, {2, 6}}), errc::bad_config,
                    {"stage 2", "[2, 2)", "none"});
  test::check_error(cuts({{0, 2}, {4, 2}}), errc::bad_config, {"stage 2", "[4, 2)"});
}

TEST_CASE("a stage's label says which, where and what") {
  CHECK(stage_label(1, 3, "beta", {2, 4}) == "stage 2 of 3 (beta, layers [2, 4))");
}
