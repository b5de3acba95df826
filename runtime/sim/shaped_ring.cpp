#include "runtime/sim/shaped_ring.hpp"

#include "runtime/sim/event_queue.hpp"

namespace dci {

namespace {

constexpr std::size_t closing_bytes = 64; // tokens, from the last stage to the first

} // namespace

shaped_ring::shaped_ring(std::vector<link_conditions> links, random_source random) {
  for (auto& is : links)
    links_.push_back({is, shaper(random.fork())});
}

node_clock::duration shaped_ring::run(const traffic& load) {
  // A step of a session that is at a stage.
  struct step {
    std::size_t stage = 0;
    std::uint32_t trips_left = 0;
  };
  event_queue<step> steps;
  const auto start = now_;
  for (std::uint32_t i = 0; i < load.sessions && load.trips > 0; ++i)
    steps.add(start, {0, load.trips});
  while (!steps.empty()) {
    auto [at, e] = steps.pop();
    now_ = at;
    if (e.trips_left == 0)
      continue;
    const bool is_last = e.stage + 1 == links_.size();
    auto& out = links_[e.stage];
    const auto comes = out.line.stream(out.is, shaper::clock::time_point(at.time_since_epoch()),
                                       is_last ? closing_bytes : load.bytes);
    steps.add(node_time(std::chrono::duration_cast<node_clock::duration>(comes.time_since_epoch())),
              {is_last ? 0 : e.stage + 1, e.trips_left - is_last});
  }
  return now_ - start;
}

} // namespace dci
