// A matrix as a picture.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace dci {

struct heat_cell {
  double value = 0;      ///< above 0
  bool is_guess = false; ///< drawn paler
};

struct heat_map {
  std::string title;
  std::string unit;               ///< of the values: "ms"
  std::vector<std::string> names; ///< of rows and columns
  /// Row and column from 0. Nothing: drawn grey.
  std::function<std::optional<heat_cell>(std::size_t, std::size_t)> at;
};

/// An SVG document; colours go with the logarithm of the values. Where there are more than 200
/// names, each of its squares is the mean of several cells.
std::string to_svg(const heat_map& map);

/// The rows in an order in which neighbours are near: from row 0 always to the nearest that is
/// left.
std::vector<std::size_t> by_nearness(const heat_map& map);

} // namespace dci
