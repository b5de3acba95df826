#include "runtime/base/power.hpp"

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>

namespace dci {
namespace {

std::optional<std::uint64_t> number_in(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::uint64_t out = 0;
  return in >> out ? std::optional(out) : std::nullopt;
}

// "intel-rapl:0" is a processor; "intel-rapl:0:1" is a part of it.
bool is_whole_processor(const std::string& name) {
  return name.starts_with("intel-rapl:") && std::ranges::count(name, ':') == 1;
}

} // namespace

energy_meter::energy_meter(std::filesystem::path counters) {
  std::error_code none;
  for (const auto& one : std::filesystem::directory_iterator(counters, none)) {
    const auto file = one.path() / "energy_uj";
    if (!is_whole_processor(one.path().filename()))
      continue;
    if (const auto first = number_in(file))
      counters_.push_back(
          {file, *first, number_in(one.path() / "max_energy_range_uj").value_or(0)});
  }
}

double energy_meter::joules() const {
  double out = 0;
  for (const auto& [file, first, range] : counters_)
    if (const auto now = number_in(file)) {
      if (*now >= first)
        out += static_cast<double>(*now - first);
      else if (range > first)
        out += static_cast<double>(*now + (range - first));
    }
  return out / 1e6;
}

} // namespace dci
