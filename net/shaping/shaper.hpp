// When what goes one way over a link comes out.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "net/shaping/conditions.hpp"
#include "runtime/base/random.hpp"

namespace dci {

class shaper {
 public:
  using clock = std::chrono::steady_clock;

  explicit shaper(random_source random) : random_(random) {
  }

  /// Nothing: it is lost. Datagrams may overtake one another; those for which the bandwidth is
  /// taken for half a second ahead are lost, as in a router whose queue is full.
  std::optional<clock::time_point> datagram(const link_conditions& is, clock::time_point now,
                                            std::size_t bytes);
  /// Never lost and never early: a lost packet costs what TCP waits before it sends it again.
  clock::time_point stream(const link_conditions& is, clock::time_point now, std::size_t bytes);

 private:
  clock::time_point leaves(const link_conditions& is, clock::time_point now, std::size_t bytes);
  clock::duration travels(const link_conditions& is);

  random_source random_;
  clock::time_point busy_until_{}, last_{};
};

} // namespace dci
