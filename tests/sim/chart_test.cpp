#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>

#include <unistd.h>

#include "runtime/base/files.hpp"
#include "runtime/sim/pictures.hpp"

using namespace dci;

namespace {

// A file that is removed after.
struct target {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("dci_chart_" + std::to_string(::getpid()) + ".svg");
  target() = default;
  target(const target&) = delete;
  target& operator=(const target&) = delete;
  ~target() {
    std::filesystem::remove(path);
  }
  std::string text() const {
    const auto read = read_file(path, 1 << 20);
    REQUIRE_MESSAGE(read, read.error().message);
    return *read;
  }
};

picture one_chart(std::string title) {
  chart c{std::move(title), "x", "y", {}};
  c.series = {{"a line", {{0, 1}, {1, std::nan("")}, {2, 9}}}};
  return {{c}, 1};
}

void check_is_svg(const std::string& text) {
  CHECK(text.find("<svg") != std::string::npos);
  CHECK(text.find("</svg>") != std::string::npos);
}

} // namespace

TEST_CASE("a picture is drawn, whatever its texts say") {
  const target out;
  const auto proof = out.path.string() + ".proof";
  const auto title = "it's \"so\" `touch " + proof + "`\n!touch " + proof + "\n\\ 100 % <&>";
  const auto done = draw(one_chart(title), out.path);
  REQUIRE_MESSAGE(done, done.error().message);
  check_is_svg(out.text());
  CHECK(out.text().find("it's") != std::string::npos);
  CHECK(out.text().find("a line") != std::string::npos);
  CHECK(!std::filesystem::exists(proof));
}

TEST_CASE("what has nothing to show is drawn empty") {
  const target out;
  for (const auto& of : {picture{}, picture{{chart{}}, 1}, picture{{chart{}, chart{}}, 0}}) {
    const auto done = draw(of, out.path);
    REQUIRE_MESSAGE(done, done.error().message);
  }
  auto logarithmic = one_chart("");
  logarithmic.charts[0].log_y = true;
  logarithmic.charts[0].series = {{"zero", {{0, 0}, {1, 0}}}};
  CHECK(draw(logarithmic, out.path));
}

TEST_CASE("why there is no picture is said") {
  const target out;
  const auto missing = draw(one_chart(""), out.path, "gnuplot-that-is-not-there");
  REQUIRE(!missing);
  CHECK(missing.error().code == errc::not_found);
  CHECK(missing.error().message.find("package gnuplot-nox") != std::string::npos);
  const auto failed = draw(one_chart(""), out.path, "false");
  REQUIRE(!failed);
  CHECK(failed.error().code == errc::internal);
  CHECK(!std::filesystem::exists(out.path));
  CHECK(draw(one_chart(""), "/nowhere/at/all.svg").error().code == errc::bad_file);
}

TEST_CASE("every report has a picture") {
  alpha_beta_report score;
  score.chosen_by = "score";
  score.alpha = 0.5;
  score.formed = 1;
  score.decode_ms = score.prefill_ms = 3;
  auto no_ring = score;
  no_ring.formed = 0;
  const auto both = picture_of(std::vector{score, no_ring});
  REQUIRE(both.charts.size() == 2);
  REQUIRE(both.charts[0].series.size() == 1);
  CHECK(both.charts[0].series[0].points.size() == 1);
  CHECK(both.charts[1].series[0].points[0].second == doctest::Approx(0.003));

  conditions_report usual, lossy;
  usual.changed = "nothing";
  lossy.changed = "loss";
  lossy.value = 0.1;
  lossy.lookups = 10;
  lossy.correct = 4;
  const auto grid = picture_of(std::vector{usual, lossy});
  REQUIRE(grid.charts.size() == 12);
  CHECK(grid.charts[2].categories == std::vector<std::string>{"none", "0.1"});
  CHECK(grid.charts[0].categories.size() == 1);
  CHECK(grid.charts[6].series[1].points[1] == std::pair(1.0, 40.0));

  ring_report near;
  near.random_ring_latency_ms = 9;
  near.ring_latency_ms = 3;
  near.chosen_by = "score";
  CHECK(picture_of(std::vector{near}).charts[0].series[0].points.size() == 2);
  CHECK(picture_of(std::vector{chord_report{}, chord_report{}}).charts[0].series.size() == 2);
  CHECK(picture_of(std::vector{gossip_report{}}).charts.size() == 2);
  CHECK(picture_of(std::vector{membership_report{}}).charts.size() == 1);
  CHECK(picture_of(std::vector{coordinates_report{}}).charts.size() == 1);
}
