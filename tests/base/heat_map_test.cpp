#include "runtime/base/heat_map.hpp"

#include <doctest/doctest.h>

using namespace dci;

namespace {

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t out = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    ++out;
  return out;
}

heat_map line(std::size_t nodes) {
  heat_map out{"A <line> & more", "ms", std::vector<std::string>(nodes, "n<1>"), {}};
  out.at = [](std::size_t row, std::size_t column) -> std::optional<heat_cell> {
    if (row == column)
      return {};
    return heat_cell{static_cast<double>(row > column ? row - column : column - row),
                     row + column == 1};
  };
  return out;
}

} // namespace

TEST_CASE("each cell is a square with its value, and text stays text") {
  const auto svg = to_svg(line(3));
  CHECK(svg.starts_with("<svg "));
  CHECK(svg.ends_with("</svg>\n"));
  CHECK(count(svg, "#e0e0e0") == 3);
  CHECK(count(svg, "fill-opacity") == 2);
  CHECK(count(svg, "<title>n&lt;1&gt; to n&lt;1&gt;: 1 ms, a guess</title>") == 2);
  CHECK(count(svg, ": 2 ms</title>") == 2);
  CHECK(count(svg, "A &lt;line&gt; &amp; more") == 1);
  CHECK(count(svg, "<line>") == 0);
}

TEST_CASE("a large matrix is drawn by its means, an empty one as a frame") {
  const auto svg = to_svg(line(1000));
  CHECK(count(svg, "<title>") == 0);
  CHECK(count(svg, "width=\"4\"") == 200 * 200);
  CHECK(svg.size() < 5'000'000);
  CHECK(to_svg(line(0)).ends_with("</svg>\n"));
  CHECK(count(to_svg(line(1)), "#e0e0e0") == 1);
}

TEST_CASE("rows that are near stand beside each other") {
  auto map = line(6);
  const std::vector<std::size_t> shuffled{3, 0, 5, 1, 4, 2};
  map.at = [&, plain = map.at](std::size_t row, std::size_t column) {
    return plain(shuffled[row], shuffled[column]);
  };
  std::vector<std::size_t> places;
  for (const auto row : by_nearness(map))
    places.push_back(shuffled[row]);
  // From 3 to one neighbour and on, and then what was left.
  CHECK((places == std::vector<std::size_t>{3, 4, 5, 2, 1, 0} ||
         places == std::vector<std::size_t>{3, 2, 1, 0, 4, 5}));
  CHECK(by_nearness(line(0)).empty());
}
