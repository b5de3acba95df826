// How old what nodes know of one another is, and what knowing it costs.
#pragma once

#include <string>

#include "actors/gossip/settings.hpp"
#include "runtime/base/reflect.hpp"
#include "runtime/sim/scene.hpp"

namespace dci {

struct gossip_options {
  sim_scene scene;
  gossip_settings gossip;
  double loss = 0.01; ///< share of all datagrams
  std::chrono::minutes lasts{10};
};

struct gossip_report {
  std::string network;
  std::uint32_t nodes = 0;
  std::uint64_t seed = 0;
  double loss = 0, minutes = 0;
  std::uint32_t report_bytes = 0;
  double mean_age_s = 0, max_age_s = 0;
  std::uint64_t unknown = 0;
  double bytes_sent_per_node_per_s = 0, bytes_per_node_per_s = 0;
  std::uint64_t events = 0;

  static constexpr std::string_view type_name = "gossip_report";
  static constexpr auto fields() {
    using self = gossip_report;
    return std::tuple{
        field("network", &self::network, "the kind, or the matrix's file"),
        field("nodes", &self::nodes, "that know one another"),
        field("seed", &self::seed, "repeats the run"),
        field("loss", &self::loss, "share of all datagrams"),
        field("minutes", &self::minutes, "measured"),
        field("report_bytes", &self::report_bytes,
              "of a node's report: coordinates, device, nearest 16 peers, signature"),
        field("mean_age_s", &self::mean_age_s, "of what a node knows of another one"),
        field("max_age_s", &self::max_age_s, "of any node's knowledge of any other, at any time"),
        field("unknown", &self::unknown,
              "pairs of which one knew nothing of the other, all samples"),
        field("bytes_sent_per_node_per_s", &self::bytes_sent_per_node_per_s,
              "frames' headers included"),
        field("bytes_per_node_per_s", &self::bytes_per_node_per_s, "sent and received together"),
        field("events", &self::events, "simulated in all"),
    };
  }
};

/// Nodes know who is there from the start, and make a new report whenever one is due. Errors: those
/// of open_network().
expected<gossip_report> run_gossip(const gossip_options& options);

} // namespace dci
