// Pictures of figures, drawn by gnuplot.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/error.hpp"

namespace dci {

struct chart_series {
  std::string name;
  std::vector<std::pair<double, double>>
      points; ///< what is not finite is left out, and what no log scale has
};

struct chart {
  std::string title, x, y; ///< of the axes: with their units
  /// Where there are some, x counts these.
  std::vector<std::string> categories;
  bool as_bars = false, log_y = false;
  std::vector<chart_series> series{};
};

struct picture {
  std::vector<chart> charts;
  std::size_t columns = 1; ///< at least one; they fill row by row
};

/// What gnuplot is told, to write the picture as SVG to its output. No text in it is taken for a
/// command.
std::string gnuplot_script(const picture& of);

/// Replaces the file. program: found by the shell's rules. Errors: not_found where there is no such
/// program, timed_out after 30 s, internal with its words where it fails, bad_file.
result draw(const picture& of, const std::filesystem::path& file,
            const std::string& program = "gnuplot");

} // namespace dci
