// A ring of stages whose links are shaped as a relay on real sockets shapes them.
#pragma once

#include <cstdint>
#include <vector>

#include "net/shaping/shaper.hpp"
#include "runtime/base/node_clock.hpp"

namespace dci {

class shaped_ring {
 public:
  /// links: from each stage to the next, the last one to the first; each is a stream of its own.
  shaped_ring(std::vector<link_conditions> links, random_source random);

  /// Sessions that each have one step under way at a time, of so many bytes on all links but the
  /// last, which carries 64. Stages take no time. Each session makes so many trips round.
  struct traffic {
    std::uint32_t sessions = 1, trips = 1;
    std::size_t bytes = 0;
  };
  /// From the first step until the last one is back.
  node_clock::duration run(const traffic& load);

 private:
  struct link {
    link_conditions is;
    shaper line;
  };
  std::vector<link> links_;
  node_time now_{};
};

} // namespace dci
