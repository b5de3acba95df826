#include "apps/dci-bench/measurement.hpp"

#include <algorithm>
#include <cstdio>

#include "runtime/base/json_codec.hpp"

namespace dci {

namespace {

void add(std::string& out, const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof(text), format, value);
  out += text;
}

std::string for_people(const measurement& m) {
  auto out = m.what;
  if (!m.model.empty())
    out += ", " + m.model;
  if (!m.instructions.empty())
    out += ", " + m.backend + " (" + m.instructions + ")";
  if (m.threads > 0)
    out += ", " + std::to_string(m.threads) + " threads";
  if (m.processes)
    out += ", " + std::to_string(*m.processes) + " processes";
  if (m.sessions)
    out += ", " + std::to_string(*m.sessions) + " sessions";
  if (m.tokens > 0)
    out += ", " + std::to_string(m.tokens) + " tokens";
  out += ": ";
  if (m.tokens_per_s)
    add(out, "%.1f tokens/s", *m.tokens_per_s);
  if (m.seconds)
    add(out, "%.3f s", *m.seconds);
  if (m.p50_us)
    add(out, "%.1f us", *m.p50_us);
  if (m.p99_us)
    add(out, ", 99 %% below %.1f us", *m.p99_us);
  add(out, " (+-%.0f %%)", m.relative_spread * 50);
  if (!m.reference.empty())
    out += "; " + m.reference + " ";
  if (m.reference_tokens_per_s)
    add(out, "%.1f tokens/s", *m.reference_tokens_per_s);
  if (m.reference_seconds)
    add(out, "%.3f s", *m.reference_seconds);
  if (m.reference_p50_us)
    add(out, "%.1f us", *m.reference_p50_us);
  if (m.ratio)
    add(out, ", ratio %.2f", *m.ratio);
  if (m.read_gb_per_s)
    add(out, "; reading %.1f GB/s", *m.read_gb_per_s);
  if (m.bandwidth_reached)
    add(out, ", %.0f %% of it reached", *m.bandwidth_reached * 100);
  return out;
}

} // namespace

void print(const measurement& m, bool as_json) {
  if (as_json) {
    auto all = to_json_value(m);
    for (auto it = all.begin(); it != all.end();)
      it = it->is_null() || *it == "" ? all.erase(it) : std::next(it);
    std::puts(all.dump().c_str());
  } else {
    std::puts(for_people(m).c_str());
  }
  std::fflush(stdout);
}

} // namespace dci
