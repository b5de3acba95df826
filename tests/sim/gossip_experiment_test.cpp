#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

#include "actors/gossip/wire.hpp"
#include "runtime/base/json_codec.hpp"
#include "runtime/sim/gossip_experiment.hpp"

using namespace dci;

namespace {

gossip_report report(const gossip_options& options) {
  const auto out = run_gossip(options);
  REQUIRE_MESSAGE(out, out.error().message);
  return *out;
}

void check_goals(const gossip_report& r) {
  CHECK(r.unknown == 0);
  CHECK(r.max_age_s <= 180);
  CHECK(r.max_age_s > 10);
  CHECK(r.mean_age_s < r.max_age_s);
  CHECK(r.mean_links > 15.5);
  CHECK(r.bytes_per_node_per_s <= 16 * 1024);
  CHECK(r.bytes_per_node_per_s > r.bytes_sent_per_node_per_s);
  // The reporting node has measured since, so it knows better; nobody knows exactly.
  CHECK(r.median_own_link_error > 0);
  CHECK(r.median_own_link_error < r.median_link_error);
  CHECK(r.median_link_error < 0.5);
}

} // namespace

TEST_CASE("what nodes know of one another is never older than three minutes") {
  gossip_options options;
  options.scene.nodes = 100;
  options.lasts = std::chrono::minutes(5);
  check_goals(report(options));
}

TEST_CASE("the same where links change as measured ones did") {
  const char* const data = std::getenv("DCI_TEST_DATA");
  if (data == nullptr)
    return;
  gossip_options options;
  options.scene.nodes = 100;
  options.scene.rtt_scale = 1000;
  options.slices.first = (std::filesystem::path(data) / "rtt/SeattleData_1.tsv").string();
  options.lasts = std::chrono::minutes(3);
  check_goals(report(options));
}

TEST_CASE("nodes that know one other at the start come to know all") {
  gossip_options options;
  options.scene.nodes = 30;
  options.lasts = std::chrono::minutes(1);
  options.join = true;
  const auto r = report(options);
  CHECK(r.unknown == 0);
  CHECK(r.all_known_s >= 10);
  CHECK(r.member_bytes_per_node_per_s > 0);
}

TEST_CASE("a seed repeats a run of gossip, and a run that fails names it") {
  gossip_options options;
  options.scene.nodes = 10;
  options.lasts = std::chrono::minutes(1);
  CHECK(to_json_value(report(options)) == to_json_value(report(options)));
  options.scene.seed = 77;
  options.scene.conditions.loss = 1;
  const auto failed = run_gossip(options);
  REQUIRE(!failed);
  CHECK(failed.error().code == errc::check_failed);
  CHECK(failed.error().message.find("90 pairs") != std::string::npos);
  CHECK(failed.error().message.find("--seed 77 repeats") != std::string::npos);
}

TEST_CASE("a simulated datagram is as long as a real one") {
  node_report r;
  r.version = 300;
  r.nearest.resize(16, {0x0123456789abcdef, 20, 100});
  const gossip_message some[] = {
      reports{{{std::make_shared<const node_report>(r), 5000}}},
      reports_offer{{{1, 2}, {~0ull, 70000}}},
      reports_request{{{0x100000000, 128}}},
  };
  for (const auto& m : some)
    CHECK(packed_size(stack_message{m}) == pack_gossip(m).size());
}
