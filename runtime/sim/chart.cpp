#include "runtime/sim/chart.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace dci {

namespace {

constexpr std::size_t chart_width = 460, chart_height = 360, most_width = 1300;

// Between single quotes gnuplot takes everything as it is.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text)
    if (c == '\'')
      out += "''";
    else if (static_cast<unsigned char>(c) >= ' ')
      out += c;
  return out + "'";
}

bool can_be_drawn(const chart& in, const std::pair<double, double>& point) {
  const auto [x, y] = point;
  return std::isfinite(x) && std::isfinite(y) && (y > 0 || !in.log_y);
}

std::string block_of(std::size_t chart, std::size_t series) {
  return "$data_" + std::to_string(chart) + "_" + std::to_string(series);
}

void write_data(std::ostream& out, const picture& of) {
  for (std::size_t i = 0; i < of.charts.size(); ++i)
    for (std::size_t k = 0; k < of.charts[i].series.size(); ++k) {
      out << block_of(i, k) << " << END\n";
      for (const auto& point : of.charts[i].series[k].points)
        if (can_be_drawn(of.charts[i], point))
          out << point.first << ' ' << point.second << '\n';
      out << "END\n";
    }
}

void write_axes(std::ostream& out, const chart& c) {
  out << "set title " << quoted(c.title) << "\nset xlabel " << quoted(c.x) << "\nset ylabel "
      << quoted(c.y) << '\n';
  out << (c.log_y ? "set logscale y\nset yrange [*:*]\n" : "unset logscale y\nset yrange [0:*]\n");
  if (c.categories.empty()) {
    out << "set xtics autofreq\nset xrange [*:*]\n";
    return;
  }
  out << "set xtics (";
  for (std::size_t i = 0; i < c.categories.size(); ++i)
    out << (i > 0 ? ", " : "") << quoted(c.categories[i]) << ' ' << i;
  out << ")\nset xrange [-0.6:" << c.categories.size() << " - 0.4]\n";
}

void write_chart(std::ostream& out, const picture& of, std::size_t i) {
  const auto& c = of.charts[i];
  const bool some = std::ranges::any_of(c.series, [&](const auto& s) {
    return std::ranges::any_of(s.points, [&](const auto& point) { return can_be_drawn(c, point); });
  });
  write_axes(out, c);
  // The names of the series lie below what is below the axis.
  const auto names = std::ranges::count_if(c.series, [](const auto& s) { return !s.name.empty(); });
  out << "set bmargin " << 4 + names << '\n';
  if (!some) {
    out << "unset logscale y\nset yrange [0:1]\nset xrange [0:1]\nplot NaN notitle\n";
    return;
  }
  const auto bars = static_cast<double>(c.series.size());
  const double width = 0.8 / bars;
  out << "plot ";
  for (std::size_t k = 0; k < c.series.size(); ++k) {
    const double shift = (static_cast<double>(k) - (bars - 1) / 2) * width;
    out << (k > 0 ? ", " : "") << block_of(i, k);
    if (c.as_bars)
      out << " using ($1 + " << shift << "):2:(" << width << ") with boxes fill solid 0.7";
    else
      out << " using 1:2 with linespoints pointtype 7 pointsize 0.4 linewidth 2";
    out << " linetype " << k + 1 << ' '
        << (c.series[k].name.empty() ? "notitle" : "title " + quoted(c.series[k].name));
  }
  out << '\n';
}

} // namespace

std::string gnuplot_script(const picture& of) {
  const auto columns = std::max<std::size_t>(1, of.columns);
  const auto rows = std::max<std::size_t>(1, (of.charts.size() + columns - 1) / columns);
  std::ostringstream out;
  out << "set terminal svg size " << std::min(columns * chart_width, most_width) << ','
      << rows * chart_height << " dynamic noenhanced font 'sans-serif,12' background '#ffffff'\n"
      << "unset mytics\nset grid ytics\nset key bmargin left vertical Left reverse\nset datafile "
         "missing NaN\n";
  write_data(out, of);
  out << "set multiplot layout " << rows << ',' << columns << '\n';
  for (std::size_t i = 0; i < of.charts.size(); ++i)
    write_chart(out, of, i);
  out << "unset multiplot\n";
  return out.str();
}

} // namespace dci
