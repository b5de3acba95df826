#include "actors/proximity_prober/packet_train.hpp"

#include <algorithm>

#include "actors/packed_size.hpp"
#include "net/datagram/datagram.hpp"

namespace dci {
namespace {

constexpr std::size_t ip_and_udp_bytes = 28;

// Mbit/s are bits per microsecond.
double bits(std::size_t datagrams, std::size_t bytes) {
  return static_cast<double>(8 * bytes * datagrams);
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

} // namespace

std::size_t bytes_on_wire(const proximity_message& message) {
  return ip_and_udp_bytes + datagram_overhead + packed_size(message);
}

std::vector<proximity_message> make_train(std::uint32_t number) {
  std::vector<proximity_message> out;
  for (std::uint8_t i = 0; i < train_datagrams; ++i) {
    proximity_train one{number, i, train_datagrams, {256}};
    const auto without = packed_size(proximity_message(one)) - one.filler.bytes;
    one.filler.bytes =
        static_cast<std::uint32_t>(most_datagram_bytes - datagram_overhead - without);
    out.emplace_back(one);
  }
  return out;
}

std::optional<bandwidth_estimate> bandwidth_of(std::span<const std::optional<node_time>> arrivals,
                                               std::size_t bytes) {
  std::vector<double> slopes; // microseconds for a datagram
  std::size_t gaps = 0;
  for (std::size_t i = 0; i < arrivals.size(); ++i)
    for (std::size_t j = i + 1; j < arrivals.size() && arrivals[i] && arrivals[j]; ++j) {
      slopes.push_back(static_cast<double>((*arrivals[j] - *arrivals[i]).count()) /
                       static_cast<double>(j - i));
      gaps += j == i + 1 ? 1 : 0;
    }
  if (gaps == 0 || 2 * gaps < arrivals.size() - 1)
    return {};
  const auto took = median(std::move(slopes)) * static_cast<double>(gaps);
  const auto least = static_cast<double>(arrival_resolution.count());
  return bandwidth_estimate{bits(gaps, bytes) / std::max(took, least), took < least};
}

double most_mbit_per_s(std::size_t datagrams, std::size_t bytes) {
  return bits(datagrams - 1, bytes) / static_cast<double>(arrival_resolution.count());
}

std::string_view train_collector::take(const proximity_train& m, std::size_t bytes,
                                       node_time arrived) {
  if (m.count < 2 || m.count > most_train_datagrams || m.place >= m.count)
    return "a train that cannot be";
  if (m.number != number_) {
    *this = {};
    number_ = m.number;
    bytes_ = bytes;
    arrivals_.resize(m.count);
  }
  if (m.count != arrivals_.size() || bytes != bytes_ || arrivals_[m.place])
    return "a train whose datagrams contradict one another";
  arrivals_[m.place] = arrived;
  ++received_;
  newest_ = std::max(newest_, arrived);
  return {};
}

bool train_collector::is_whole() const {
  return number_ && received_ == arrivals_.size();
}

node_time train_collector::due() const {
  return number_ ? newest_ + longest_train_gap : no_time;
}

std::optional<proximity_train_report> train_collector::finish() {
  std::optional<proximity_train_report> out;
  if (const auto estimate = bandwidth_of(arrivals_, bytes_); number_ && estimate)
    out = {*number_, received_, static_cast<float>(estimate->mbit_per_s), estimate->at_least};
  *this = {};
  return out;
}

} // namespace dci
