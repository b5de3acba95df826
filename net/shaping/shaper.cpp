#include "net/shaping/shaper.hpp"

#include <algorithm>
#include <cmath>

namespace dci {
namespace {

constexpr std::chrono::milliseconds longest_queue{500};
// Linux's least wait before TCP sends again.
constexpr std::chrono::milliseconds retransmission{200};
constexpr double segment_bytes = 1448;

shaper::clock::duration ms(double count) {
  return std::chrono::duration_cast<shaper::clock::duration>(
      std::chrono::duration<double, std::milli>(count));
}

} // namespace

std::optional<std::string> fault_of(const link_conditions& is) {
  const auto within = [](double x, double most) { return x >= 0 && x <= most; };
  if (!within(is.latency_ms, 60'000))
    return "latency_ms must be from 0 to 60000";
  if (!within(is.jitter_ms, 60'000))
    return "jitter_ms must be from 0 to 60000";
  if (!within(is.mbit_per_s, 1e6) || (is.mbit_per_s > 0 && is.mbit_per_s < 1e-3))
    return "mbit_per_s must be 0, or from 0.001 to 1000000";
  if (!within(is.loss, 1))
    return "loss must be from 0 to 1";
  return {};
}

std::optional<shaper::clock::time_point>
shaper::datagram(const link_conditions& is, clock::time_point now, std::size_t bytes) {
  if (is.cut || random_.chance(is.loss) || busy_until_ - now > longest_queue)
    return {};
  return leaves(is, now, bytes) + travels(is);
}

shaper::clock::time_point shaper::stream(const link_conditions& is, clock::time_point now,
                                         std::size_t bytes) {
  auto out = leaves(is, now, bytes) + travels(is);
  const auto segments = std::ceil(static_cast<double>(bytes) / segment_bytes);
  if (random_.chance(1 - std::pow(1 - is.loss, segments)))
    out += retransmission + 2 * ms(is.latency_ms);
  return last_ = std::max(out, last_);
}

shaper::clock::time_point shaper::leaves(const link_conditions& is, clock::time_point now,
                                         std::size_t bytes) {
  busy_until_ = std::max(busy_until_, now);
  if (is.mbit_per_s > 0)
    busy_until_ += ms(static_cast<double>(bytes) * 8 / (is.mbit_per_s * 1000));
  return busy_until_;
}

shaper::clock::duration shaper::travels(const link_conditions& is) {
  return ms(is.latency_ms + is.jitter_ms * random_.uniform());
}

} // namespace dci
