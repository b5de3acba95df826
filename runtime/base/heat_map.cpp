#include "runtime/base/heat_map.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include <spdlog/fmt/fmt.h>

namespace dci {
namespace {

constexpr std::size_t most_squares = 200; // in a row
constexpr std::size_t most_named = 60;

using colour = std::array<double, 3>;
// Dark is near, light is far; told apart in grey, too.
constexpr std::array<colour, 5> scale{
    {{68, 1, 84}, {59, 82, 139}, {33, 145, 140}, {94, 201, 98}, {253, 231, 37}}};

std::string colour_at(double share) {
  const auto place = std::clamp(share, 0.0, 1.0) * (scale.size() - 1);
  const auto below = std::min<std::size_t>(static_cast<std::size_t>(place), scale.size() - 2);
  const auto part = place - static_cast<double>(below);
  std::array<int, 3> out{};
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] =
        static_cast<int>(std::lround(scale[below][i] * (1 - part) + scale[below + 1][i] * part));
  return fmt::format("#{:02x}{:02x}{:02x}", out[0], out[1], out[2]);
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text)
    out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
  return out;
}

// Several rows and columns together.
struct squares {
  std::size_t count = 0, names = 0;
  std::vector<std::optional<heat_cell>> cells;
  double least = std::numeric_limits<double>::infinity(), most = 0;

  explicit squares(const heat_map& map)
      : count(std::min(map.names.size(), most_squares)), names(map.names.size()) {
    for (std::size_t row = 0; row < count; ++row)
      for (std::size_t column = 0; column < count; ++column) {
        cells.push_back(mean(map, row, column));
        if (const auto& one = cells.back()) {
          least = std::min(least, one->value);
          most = std::max(most, one->value);
        }
      }
  }
  std::size_t begin_of(std::size_t square) const {
    return square * names / count;
  }
  std::optional<heat_cell> mean(const heat_map& map, std::size_t row, std::size_t column) const {
    double sum = 0;
    std::size_t known = 0, guesses = 0;
    for (auto i = begin_of(row); i < begin_of(row + 1); ++i)
      for (auto j = begin_of(column); j < begin_of(column + 1); ++j)
        if (const auto one = map.at(i, j)) {
          sum += one->value;
          guesses += one->is_guess ? 1 : 0;
          ++known;
        }
    if (known == 0)
      return {};
    return heat_cell{sum / static_cast<double>(known), 2 * guesses > known};
  }
  std::string colour_of(const heat_cell& cell) const {
    return colour_at(most > least ? std::log(cell.value / least) / std::log(most / least) : 0);
  }
};

void draw_legend(std::string& out, const squares& all, const std::string& unit, int left, int top,
                 int width) {
  if (all.most <= 0)
    return;
  constexpr int steps = 40;
  for (int i = 0; i < steps; ++i)
    out += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"10\" fill=\"{}\"/>\n",
                       left + i * width / steps, top, width / steps + 1,
                       colour_at(static_cast<double>(i) / (steps - 1)));
  for (int i = 0; i < 3; ++i) {
    constexpr std::array<const char*, 3> anchors{"start", "middle", "end"};
    out += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"{}\">{:.3g} {}</text>\n",
                       left + i * width / 2, top + 24, anchors[static_cast<std::size_t>(i)],
                       all.least * std::pow(all.most / all.least, i / 2.0), escaped(unit));
  }
}

} // namespace

std::string to_svg(const heat_map& map) {
  const squares all(map);
  const bool named = all.names <= most_named;
  const int side = static_cast<int>(std::clamp<std::size_t>(900 / (all.count + 1), 4, 28));
  const int left = named ? 110 : 20, top = named ? 120 : 50;
  const int width = static_cast<int>(all.count) * side;
  const int legend = std::max(width, 200);
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} "
      "{1}\" font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" "
      "fill=\"white\"/>\n<text x=\"{2}\" y=\"24\" font-size=\"15\">{3}</text>\n",
      left + legend + 40, top + width + 60, left, escaped(map.title));
  for (std::size_t i = 0; named && i < all.names; ++i) {
    const auto middle = static_cast<int>(i) * side + side / 2;
    out += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n", left - 6,
                       top + middle + 4, escaped(map.names[i]));
    out += fmt::format("<text transform=\"translate({},{}) rotate(-60)\">{}</text>\n",
                       left + middle + 4, top - 6, escaped(map.names[i]));
  }
  for (std::size_t i = 0; i < all.cells.size(); ++i) {
    const auto row = i / all.count, column = i % all.count;
    const auto& cell = all.cells[i];
    out += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"{}>",
                       left + static_cast<int>(column) * side, top + static_cast<int>(row) * side,
                       side, side, cell ? all.colour_of(*cell) : "#e0e0e0",
                       cell && cell->is_guess ? " fill-opacity=\"0.5\"" : "");
    if (named && cell)
      out += fmt::format("<title>{} to {}: {:.3g} {}{}</title>", escaped(map.names[row]),
                         escaped(map.names[column]), cell->value, escaped(map.unit),
                         cell->is_guess ? ", a guess" : "");
    out += "</rect>\n";
  }
  draw_legend(out, all, map.unit, left, top + width + 20, legend);
  return out + "</svg>\n";
}

std::vector<std::size_t> by_nearness(const heat_map& map) {
  std::vector<std::size_t> out(map.names.size());
  std::iota(out.begin(), out.end(), 0);
  for (std::size_t i = 1; i + 1 < out.size(); ++i) {
    const auto far = [&](std::size_t other) {
      const auto cell = map.at(out[i - 1], other);
      return cell ? cell->value : std::numeric_limits<double>::infinity();
    };
    std::iter_swap(
        out.begin() + static_cast<std::ptrdiff_t>(i),
        std::ranges::min_element(out.begin() + static_cast<std::ptrdiff_t>(i), out.end(), {}, far));
  }
  return out;
}

} // namespace dci
