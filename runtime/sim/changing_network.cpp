#include "runtime/sim/changing_network.hpp"

#include <algorithm>
#include <cmath>

namespace dci {

namespace {

using time = node_clock::duration;

class sliced_network : public changing_network {
 public:
  sliced_network(const std::vector<round_trips>& slices, std::uint32_t nodes, time slice_lasts,
                 random_source random)
      : nodes_(nodes), slice_lasts_(slice_lasts) {
    auto known = slices.front();
    for (const auto& slice : slices) {
      // What is missing is as it was before.
      for (std::size_t i = 0; i < known.ms.size(); ++i)
        if (slice.ms[i] > 0)
          known.ms[i] = slice.ms[i];
      slices_.push_back(network_of(known));
    }
    for (auto& one : nodes_)
      one = {static_cast<std::uint32_t>(random.below(slices.front().size)),
             time(500 + static_cast<time::rep>(random.below(2500)))};
  }
  std::uint32_t size() const override {
    return static_cast<std::uint32_t>(nodes_.size());
  }
  time one_way(std::uint32_t from, std::uint32_t to) const override {
    const auto &a = nodes_[from], &b = nodes_[to];
    const auto own = a.access + b.access;
    return a.beside == b.beside ? own : own + slices_[slice_]->one_way(a.beside, b.beside);
  }
  void go_to(node_time now) override {
    const auto last = slices_.size() - 1;
    if (last == 0)
      return;
    const auto passed = static_cast<std::size_t>(now.time_since_epoch() / slice_lasts_);
    const auto there_and_back = passed % (2 * last);
    slice_ = there_and_back <= last ? there_and_back : 2 * last - there_and_back;
  }

 private:
  struct node {
    std::uint32_t beside = 0; // of the measured ones
    time access{};
  };
  std::vector<node> nodes_;
  time slice_lasts_;
  std::vector<std::unique_ptr<sim_network>> slices_;
  std::size_t slice_ = 0;
};

class restless_network : public changing_network {
 public:
  restless_network(std::unique_ptr<sim_network> beneath, random_source random)
      : beneath_(std::move(beneath)), seed_(random.next()) {
  }
  std::uint32_t size() const override {
    return beneath_->size();
  }
  time one_way(std::uint32_t from, std::uint32_t to) const override {
    const auto usual = beneath_->one_way(from, to);
    const auto [low, high] = std::minmax(from, to);
    random_source link(seed_ ^ (std::uint64_t{high} << 32 | low));
    const auto begun = static_cast<time::rep>(link.below(minute.count()));
    const auto draws =
        static_cast<std::uint64_t>((now_.time_since_epoch().count() + begun) / minute.count());
    random_source draw(link.next() + draws);
    const auto factor = std::exp(deviation * draw.normal());
    return std::max(time(1),
                    time(static_cast<time::rep>(static_cast<double>(usual.count()) * factor)));
  }
  void go_to(node_time now) override {
    now_ = now;
  }

 private:
  static constexpr time minute = std::chrono::minutes(1);
  static constexpr double deviation = 0.5;

  std::unique_ptr<sim_network> beneath_;
  std::uint64_t seed_;
  node_time now_{};
};

} // namespace

std::unique_ptr<changing_network> network_of(const std::vector<round_trips>& slices,
                                             std::uint32_t nodes, time slice_lasts,
                                             random_source random) {
  return std::make_unique<sliced_network>(slices, nodes, slice_lasts, random);
}

std::unique_ptr<changing_network> restless(std::unique_ptr<sim_network> beneath,
                                           random_source random) {
  return std::make_unique<restless_network>(std::move(beneath), random);
}

expected<std::unique_ptr<changing_network>> open_changing(const sim_scene& scene,
                                                          const slices_source& slices) {
  std::unique_ptr<changing_network> out;
  if (slices.first.empty()) {
    DCI_ASSIGN(auto beneath, open_network(scene));
    out = restless(std::move(beneath), random_source(scene.seed));
  } else {
    DCI_TRY(check(scene));
    if (slices.lasts <= std::chrono::seconds(0))
      return fail(errc::bad_config, "a slice must last longer than no time");
    DCI_ASSIGN(const auto read, read_slices(slices.first, scene.rtt_scale));
    out = network_of(read, scene.nodes, slices.lasts, random_source(scene.seed));
  }
  out->set_conditions(scene.conditions);
  return out;
}

} // namespace dci
