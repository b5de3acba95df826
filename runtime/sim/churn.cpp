#include "runtime/sim/churn.hpp"

#include <algorithm>

namespace dci {

using std::chrono::milliseconds;
using std::chrono::seconds;

void assemble(overlay_world& world, std::uint32_t nodes) {
  for (std::uint32_t i = 0; i < nodes; ++i) {
    world.add(i);
    const auto pause =
        std::clamp(node_clock::duration(seconds(20)) / (i + 1),
                   node_clock::duration(milliseconds(1)), node_clock::duration(milliseconds(500)));
    world.run_until(world.now() + pause);
  }
}

churn::churn(overlay_world& world, double per_hour, random_source random, double leaving)
    : world_(world), random_(random), leaving_(leaving) {
  if (per_hour > 0)
    mean_us_ = 3600e6 / (per_hour * static_cast<double>(world.members().size()));
  next_ = world.now() + until_next();
}

void churn::run_until(node_time end) {
  for (; mean_us_ > 0 && next_ < end; next_ += until_next()) {
    world_.run_until(next_);
    const auto victim = world_.any_member();
    const auto place = world_.place_of(victim);
    if (leaving_ > 0 && random_.chance(leaving_)) {
      world_.leave(victim);
      ++left_;
    } else {
      world_.kill(victim);
      ++died_;
    }
    world_.add(place);
  }
  world_.run_until(end);
}

node_clock::duration churn::until_next() {
  return node_clock::duration(1 + static_cast<node_clock::rep>(random_.exponential(mean_us_)));
}

} // namespace dci
