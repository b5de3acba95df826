#include "runtime/base/units.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <utility>

namespace dci {

expected<std::uint64_t> parse_bytes(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, double>, 10> units{{
      {"", 1},
      {"B", 1},
      {"KB", 1e3},
      {"MB", 1e6},
      {"GB", 1e9},
      {"TB", 1e12},
      {"KiB", 1024.0},
      {"MiB", 1048576.0},
      {"GiB", 1073741824.0},
      {"TiB", 1099511627776.0},
  }};
  const auto bad = [&] {
    return fail(errc::bad_config,
                "\"" + std::string{text} + "\" is not a size; write for example 512MiB or 8GiB");
  };
  // 64 bits of precision, so that a plain number of bytes stays exact.
  long double number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc{} || !std::isfinite(number) || number < 0)
    return bad();
  auto unit = text.substr(static_cast<std::size_t>(end - text.data()));
  while (unit.starts_with(' '))
    unit.remove_prefix(1);
  for (const auto& [name, factor] : units)
    if (unit == name) {
      const auto bytes = number * factor;
      if (bytes >= 18446744073709551616.0L)
        return bad();
      return static_cast<std::uint64_t>(bytes);
    }
  return bad();
}

std::string format_bytes(std::uint64_t bytes) {
  static constexpr std::array names{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  // A value that would round to 1024 goes to the next unit.
  while (value >= 1023.5 && unit + 1 < names.size()) {
    value /= 1024;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit == 0 || value >= 99.95 ? "%.0f %s" : "%.1f %s",
                value, names[unit]);
  return text.data();
}

} // namespace dci
