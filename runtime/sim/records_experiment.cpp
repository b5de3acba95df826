#include "runtime/sim/records_experiment.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "runtime/base/statistics.hpp"
#include "runtime/sim/churn.hpp"

namespace dci {

namespace {

using std::chrono::seconds;

// Publishes values and reads them.
class librarian {
 public:
  librarian(overlay_world& world, const records_options& options)
      : world_(world), options_(options) {
  }

  void publish(const node_id& name) {
    world_.publish(world_.any_member(), name, value_of(name));
    names_.push_back(name);
  }
  void ask(random_source& random, records_report& out) {
    const auto& name = names_[random.below(names_.size())];
    if (is_over(name)) {
      ++out.expired;
      return;
    }
    // Who dies before it has the answer has not read.
    world_.read(world_.any_member(), name);
  }
  void take_answers(records_report& out) {
    for (const auto& [node, r] : world_.take_records()) {
      if (r.published) {
        if (r.done)
          good_until_[r.name] = r.records.front()->expires;
        continue;
      }
      ++out.reads;
      out.redirected += r.redirected;
      if (!r.done || r.records.size() != 1 || r.records.front()->value != value_of(r.name))
        continue;
      out.read_at_first_try += r.tries == 1;
      ++out.read_after_retry;
      latencies_ms_.push_back(static_cast<double>(r.took.count()) / 1e3);
    }
  }
  bool is_published() const {
    return good_until_.size() == names_.size();
  }
  // Of values that have not expired.
  std::uint32_t lost() const {
    std::unordered_set<node_id> held;
    for (const auto& [id, index] : world_.members())
      world_.node(index).keeper().shelf().for_each(
          id, id, [&](const record_ptr& r) { held.insert(r->name); });
    return static_cast<std::uint32_t>(std::ranges::count_if(
        names_, [&](const node_id& name) { return !is_over(name) && !held.contains(name); }));
  }
  const std::vector<double>& latencies_ms() const {
    return latencies_ms_;
  }

 private:
  std::vector<std::uint8_t> value_of(const node_id& name) const {
    std::vector<std::uint8_t> out(options_.value_bytes);
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = name.bytes[i % node_id::size];
    return out;
  }
  bool is_over(const node_id& name) const {
    return good_until_.at(name) <= world_.unix_time();
  }

  overlay_world& world_;
  const records_options& options_;
  std::vector<node_id> names_;
  std::unordered_map<node_id, std::uint64_t> good_until_; ///< in seconds since 1970
  std::vector<double> latencies_ms_;
};

double bytes_per_node_per_s(const overlay_world& world, std::uint64_t before,
                            node_clock::duration time, std::uint32_t nodes) {
  return static_cast<double>(world.bytes() - before) / (static_cast<double>(time.count()) / 1e6) /
         nodes;
}

} // namespace

expected<records_report> run_records(const records_options& options) {
  DCI_ASSIGN(const auto network, open_network(options.scene));
  if (options.values == 0 || options.value_bytes > options.records.most_value_bytes)
    return fail(errc::bad_config, std::to_string(options.values) + " values of " +
                                      std::to_string(options.value_bytes) +
                                      " bytes: there must be one, of at most " +
                                      std::to_string(options.records.most_value_bytes));
  random_source random(options.scene.seed);
  overlay_world world(*network, options.overlay, options.records, random.fork());
  records_report out;
  out.network = name_of(options.scene);
  out.nodes = network->size();
  out.seed = options.scene.seed;
  out.replaced_per_hour = options.replaced_per_hour;
  out.values = options.values;
  out.copies = options.records.copies;
  assemble(world, out.nodes);
  world.run_until(world.now() + seconds(40));
  auto before = world.bytes();
  const auto idle = seconds(30);
  world.run_until(world.now() + idle);
  out.bytes_before_per_node_per_s = bytes_per_node_per_s(world, before, idle, out.nodes);

  librarian books(world, options);
  for (std::uint32_t i = 0; i < options.values; ++i) {
    books.publish(world.any_key());
    world.run_until(world.now() + node_clock::duration(seconds(60)) / options.values);
  }
  world.run_until(world.now() + seconds(40));
  books.take_answers(out);
  if (!books.is_published())
    return fail(errc::check_failed, "a value could not be published; seed " +
                                        std::to_string(options.scene.seed) + " repeats the run");

  churn changes(world, options.replaced_per_hour, random.fork(), options.leaving);
  before = world.bytes();
  const node_clock::duration lasts = options.lasts;
  const auto pause = lasts / std::max(1u, options.reads);
  for (std::uint32_t i = 0; i < options.reads; ++i) {
    books.ask(random, out);
    changes.run_until(world.now() + pause);
    books.take_answers(out);
  }
  out.bytes_per_node_per_s =
      bytes_per_node_per_s(world, before, pause * std::max(1u, options.reads), out.nodes);
  changes.run_until(world.now() + seconds(60));
  books.take_answers(out);
  out.died = changes.died();
  out.left = changes.left();
  out.lost = books.lost();
  std::size_t held = 0;
  for (const auto& [id, index] : world.members()) {
    held += world.node(index).keeper().shelf().size();
    out.takeovers += static_cast<std::uint32_t>(world.node(index).keeper().redirects().size());
  }
  out.mean_records_held = static_cast<double>(held) / static_cast<double>(world.members().size());
  if (!books.latencies_ms().empty()) {
    out.mean_latency_ms = mean(books.latencies_ms());
    out.p99_latency_ms = percentile(books.latencies_ms(), 0.99);
  }
  out.events = world.events();
  return out;
}

} // namespace dci
