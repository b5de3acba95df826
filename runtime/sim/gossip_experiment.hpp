// How old what nodes know of one another is, how far off by then, and what knowing it costs.
#pragma once

#include <string>

#include "runtime/base/reflect.hpp"
#include "runtime/sim/changing_network.hpp"
#include "runtime/sim/node_stack.hpp"

namespace dci {

struct gossip_options {
  sim_scene scene = scene_of(1000, 0.01);
  slices_source slices;
  stack_settings nodes;
  std::chrono::minutes lasts{10};
  bool join = false; ///< nodes begin within ten seconds and know the first one alone
};

struct gossip_report {
  std::string network;
  std::uint32_t nodes = 0;
  std::uint64_t seed = 0;
  bool join = false;
  double loss = 0, minutes = 0, all_known_s = 0;
  std::uint32_t report_bytes = 0;
  double mean_age_s = 0, max_age_s = 0;
  std::uint64_t unknown = 0;
  double mean_links = 0;
  double median_link_error = 0, p90_link_error = 0;
  double median_own_link_error = 0, p90_own_link_error = 0, median_guess_error = 0;
  double bytes_sent_per_node_per_s = 0, bytes_per_node_per_s = 0;
  double probe_bytes_per_node_per_s = 0, member_bytes_per_node_per_s = 0;
  std::uint64_t events = 0;

  static constexpr std::string_view type_name = "gossip_report";
  static constexpr auto fields() {
    using self = gossip_report;
    return std::tuple{
        field("network", &self::network, "the kind, or the first matrix's file"),
        field("nodes", &self::nodes, "that know one another"),
        field("seed", &self::seed, "repeats the run"),
        field("join", &self::join, "whether they had to find one another, through the first"),
        field("loss", &self::loss, "share of all datagrams"),
        field("minutes", &self::minutes, "measured, after that"),
        field("all_known_s", &self::all_known_s,
              "from the beginning until each had every other's report"),
        field("report_bytes", &self::report_bytes,
              "of the longest report on the wire: coordinates, device, nearest peers, signature"),
        field("mean_age_s", &self::mean_age_s,
              "of what a node knows of another one, since the oldest value in it was measured"),
        field("max_age_s", &self::max_age_s, "of any node's knowledge of any other, at any time"),
        field("unknown", &self::unknown,
              "pairs of which one knew nothing of the other, all samples"),
        field("mean_links", &self::mean_links, "in a report"),
        field("median_link_error", &self::median_link_error,
              "|reported - round trip| / round trip, of reported links when they are looked at"),
        field("p90_link_error", &self::p90_link_error, "9 of 10 are better"),
        field("median_own_link_error", &self::median_own_link_error,
              "the same as the reporting node itself knows it by then"),
        field("p90_own_link_error", &self::p90_own_link_error, "9 of 10 are better"),
        field("median_guess_error", &self::median_guess_error,
              "the same of any two nodes, guessed from their reported coordinates"),
        field("bytes_sent_per_node_per_s", &self::bytes_sent_per_node_per_s,
              "of gossip, frames' headers included"),
        field("bytes_per_node_per_s", &self::bytes_per_node_per_s,
              "of gossip, sent and received together"),
        field("probe_bytes_per_node_per_s", &self::probe_bytes_per_node_per_s,
              "of measuring, sent and received"),
        field("member_bytes_per_node_per_s", &self::member_bytes_per_node_per_s,
              "of membership, sent and received"),
        field("events", &self::events, "simulated in all"),
    };
  }
};

/// Nodes measure one another on a network that changes, and make reports of it. Who is a member
/// they know from the start, or find out as they do in production. It is measured from when
/// everybody knows everybody. Errors: those of open_changing(), and check_failed where that is not
/// so after ten minutes.
expected<gossip_report> run_gossip(const gossip_options& options);

} // namespace dci
