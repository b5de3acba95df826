#include "runtime/sim/network.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace dci {

namespace {

using time = node_clock::duration;

time from_ms(double ms) {
  return time(static_cast<time::rep>(std::max(1.0, ms * 1000)));
}

struct place {
  double x = 0, y = 0;
};

double between(const place& a, const place& b) {
  return std::hypot(a.x - b.x, a.y - b.y);
}

constexpr double side_ms = 100; // of the square that places lie in, one way

place anywhere(random_source& random) {
  return {side_ms * random.uniform(), side_ms * random.uniform()};
}

place near(const place& centre, double radius, random_source& random) {
  const double angle = 6.283185307179586 * random.uniform();
  const double far = radius * std::sqrt(random.uniform());
  return {centre.x + far * std::cos(angle), centre.y + far * std::sin(angle)};
}

// A packet leaves its node's access link, crosses the plane, and passes the other's access link.
class plane_network : public sim_network {
 public:
  struct node {
    place where;
    double access_ms = 0;
  };
  explicit plane_network(std::vector<node> nodes) : nodes_(std::move(nodes)) {
  }
  std::uint32_t size() const override {
    return static_cast<std::uint32_t>(nodes_.size());
  }
  time one_way(std::uint32_t from, std::uint32_t to) const override {
    const auto &a = nodes_[from], &b = nodes_[to];
    return from_ms(between(a.where, b.where) + a.access_ms + b.access_ms);
  }

 private:
  std::vector<node> nodes_;
};

std::unique_ptr<sim_network> uniform(std::uint32_t count, random_source random) {
  std::vector<plane_network::node> nodes(count);
  for (auto& one : nodes)
    one = {anywhere(random), 1 + 9 * random.uniform()};
  return std::make_unique<plane_network>(std::move(nodes));
}

std::unique_ptr<sim_network> clustered(std::uint32_t count, random_source random) {
  std::vector<place> centres(20);
  for (auto& one : centres)
    one = anywhere(random);
  std::vector<plane_network::node> nodes(count);
  for (auto& one : nodes)
    one = {near(centres[random.below(centres.size())], 2, random), 0.5 + 2.5 * random.uniform()};
  return std::make_unique<plane_network>(std::move(nodes));
}

// A packet between two stubs goes up to the first's backbone place, across, and down again.
class transit_stub_network : public sim_network {
 public:
  static constexpr std::uint32_t transits = 8, stubs_of_each = 12;

  transit_stub_network(std::uint32_t count, random_source random) : nodes_(count) {
    for (auto& one : transit_)
      one = anywhere(random);
    for (auto& one : up_ms_)
      one = 5 + 10 * random.uniform();
    for (auto& one : nodes_)
      one = {static_cast<std::uint32_t>(random.below(up_ms_.size())), 2 * random.uniform()};
  }
  std::uint32_t size() const override {
    return static_cast<std::uint32_t>(nodes_.size());
  }
  time one_way(std::uint32_t from, std::uint32_t to) const override {
    const auto &a = nodes_[from], &b = nodes_[to];
    const double own = a.access_ms + b.access_ms;
    if (a.stub == b.stub)
      return from_ms(own);
    return from_ms(own + up_ms_[a.stub] + up_ms_[b.stub] +
                   between(transit_[a.stub / stubs_of_each], transit_[b.stub / stubs_of_each]));
  }

 private:
  struct node {
    std::uint32_t stub = 0;
    double access_ms = 0;
  };
  std::array<place, transits> transit_;
  std::array<double, transits * stubs_of_each> up_ms_;
  std::vector<node> nodes_;
};

class matrix_network : public sim_network {
 public:
  matrix_network(std::vector<float> one_way_ms, std::uint32_t size)
      : one_way_ms_(std::move(one_way_ms)), size_(size) {
  }
  std::uint32_t size() const override {
    return size_;
  }
  time one_way(std::uint32_t from, std::uint32_t to) const override {
    return from_ms(static_cast<double>(one_way_ms_[std::size_t{from} * size_ + to]));
  }

 private:
  std::vector<float> one_way_ms_;
  std::uint32_t size_;
};

} // namespace

expected<std::unique_ptr<sim_network>> make_network(std::string_view kind, std::uint32_t nodes,
                                                    random_source random) {
  if (kind == "uniform")
    return uniform(nodes, random);
  if (kind == "clustered")
    return clustered(nodes, random);
  if (kind == "transit-stub")
    return std::make_unique<transit_stub_network>(nodes, random);
  return fail(errc::bad_config, "no network is called \"" + std::string(kind) +
                                    "\": there are uniform, clustered and transit-stub");
}

std::unique_ptr<sim_network> network_of(const round_trips& measured) {
  const auto size = measured.size;
  std::vector<float> known;
  for (const auto ms : measured.ms)
    if (ms > 0)
      known.push_back(ms);
  const auto middle = known.begin() + static_cast<std::ptrdiff_t>(known.size() / 2);
  std::nth_element(known.begin(), middle, known.end());
  std::vector<float> one_way(measured.ms.size());
  for (std::uint32_t a = 0; a < size; ++a)
    for (std::uint32_t b = 0; b < size; ++b) {
      const auto there = measured.between(a, b), back = measured.between(b, a);
      const auto both = there > 0 && back > 0 ? (there + back) / 2 : std::max(there, back);
      one_way[std::size_t{a} * size + b] = (both > 0 ? both : *middle) / 2;
    }
  return std::make_unique<matrix_network>(std::move(one_way), size);
}

} // namespace dci
