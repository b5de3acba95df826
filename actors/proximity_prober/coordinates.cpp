#include "actors/proximity_prober/coordinates.hpp"

#include <algorithm>
#include <cmath>

namespace dci {

namespace {

constexpr float farthest_ms = 600'000;

float in_ms(node_clock::duration time) {
  return static_cast<float>(time.count()) / 1e3f;
}

// Across the plane, without heights.
float across(const network_place& a, const network_place& b) {
  float squares = 0;
  for (std::size_t i = 0; i < network_place::dimensions; ++i)
    squares += (a.at[i] - b.at[i]) * (a.at[i] - b.at[i]);
  return std::sqrt(squares);
}

} // namespace

bool is_sound(const network_place& place) {
  const bool near = std::ranges::all_of(
      place.at, [](float x) { return std::isfinite(x) && std::abs(x) <= farthest_ms; });
  return near && place.height >= 0 && place.height <= farthest_ms && place.error >= 0 &&
         place.error <= 1;
}

node_clock::duration guessed_round_trip(const network_place& a, const network_place& b) {
  return node_clock::duration(
      static_cast<node_clock::rep>((across(a, b) + a.height + b.height) * 1e3f));
}

void adjust(network_place& own, const network_place& other, node_clock::duration round_trip,
            const coordinate_settings& settings, random_source& random) {
  const auto measured = in_ms(round_trip);
  if (!is_sound(other) || !(measured > 0) || measured > farthest_ms)
    return;
  const auto apart = across(own, other);
  const auto guessed = apart + own.height + other.height;
  // Who knows less moves more.
  const auto weight = own.error / (own.error + std::max(other.error, settings.least_error));
  const auto off = std::min(std::abs(guessed - measured) / measured, 1.0f);
  const auto share = settings.error_step * weight;
  own.error = std::clamp(off * share + own.error * (1 - share), 0.0f, 1.0f);
  const auto farthest = std::min(settings.farthest_step_ms, measured);
  const auto step = std::clamp(settings.step * weight * (measured - guessed), -farthest, farthest);
  if (apart > 1e-3f) {
    for (std::size_t i = 0; i < network_place::dimensions; ++i)
      own.at[i] += step * (own.at[i] - other.at[i]) / apart;
  } else {
    // On the same spot: apart in any direction.
    for (auto& x : own.at)
      x += std::abs(step) * static_cast<float>(random.normal()) / 2;
  }
  if (guessed > 0)
    own.height += step * (own.height + other.height) / guessed;
  own.height = std::max(own.height, settings.least_height);
  // A node that was pushed out of all bounds begins anew.
  if (!is_sound(own))
    own = {};
}

} // namespace dci
