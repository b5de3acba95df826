// Lookups on a ring of simulated nodes, with fingers chosen by id and by proximity.
#pragma once

#include <string>
#include <vector>

#include "actors/overlay/settings.hpp"
#include "runtime/base/reflect.hpp"
#include "runtime/sim/scene.hpp"

namespace dci {

struct chord_options {
  sim_scene scene;
  overlay_settings overlay;
  std::uint32_t lookups = 10'000;
  /// Share of the nodes that die within an hour, unannounced, each followed by a new one with
  /// another id.
  double replaced_per_hour = 0;
  std::chrono::minutes lasts{1}; ///< in which the lookups are made
};

struct chord_report {
  std::string network, lookups_by, fingers;
  std::uint32_t nodes = 0;
  std::uint64_t seed = 0;
  double replaced_per_hour = 0;
  std::uint32_t lookups = 0, correct = 0, correct_after_retry = 0;
  double mean_hops = 0, most_hops_expected = 0;
  double mean_latency_ms = 0, median_latency_ms = 0, p99_latency_ms = 0;
  double bytes_per_lookup = 0, maintenance_bytes_per_node_per_s = 0;
  std::uint32_t died = 0, out_of_place = 0;
  std::uint64_t events = 0;

  static constexpr std::string_view type_name = "chord_report";
  static constexpr auto fields() {
    using self = chord_report;
    return std::tuple{
        field("network", &self::network, "the kind, or the matrix's file"),
        field("lookups_by", &self::lookups_by, "the strategy"),
        field("fingers", &self::fingers, "by which rule they are chosen"),
        field("nodes", &self::nodes, "in the ring"),
        field("seed", &self::seed, "repeats the run"),
        field("replaced_per_hour", &self::replaced_per_hour, "share of the nodes"),
        field("lookups", &self::lookups, "of random keys from random nodes"),
        field("correct", &self::correct, "that named the owner at the first try"),
        field("correct_after_retry", &self::correct_after_retry, "the same, when asked again"),
        field("mean_hops", &self::mean_hops, "nodes a lookup went to"),
        field("most_hops_expected", &self::most_hops_expected, "0.5 log2(nodes) + 1"),
        field("mean_latency_ms", &self::mean_latency_ms, "until the origin had the answer"),
        field("median_latency_ms", &self::median_latency_ms, "half were faster"),
        field("p99_latency_ms", &self::p99_latency_ms, "99 of 100 were faster"),
        field("bytes_per_lookup", &self::bytes_per_lookup,
              "sent by all nodes for it, frames' headers included"),
        field("maintenance_bytes_per_node_per_s", &self::maintenance_bytes_per_node_per_s,
              "sent while nobody looked anything up, frames' headers included"),
        field("died", &self::died, "nodes, while it was measured"),
        field("out_of_place", &self::out_of_place,
              "nodes that do not know their true neighbours at the end"),
        field("events", &self::events, "simulated in all"),
    };
  }
};

/// How nodes look for owners, and choose the fingers by which they do.
struct chord_variant {
  lookup_strategy lookups = lookup_strategy::chord;
  finger_rule fingers = finger_rule::proximity;
};

/// One run for each variant, which take place at the same time on threads of their own. Errors:
/// those of open_network(), and check_failed where nodes did not all come to join.
expected<std::vector<chord_report>> run_chord(const chord_options& options,
                                              const std::vector<chord_variant>& variants);

std::string_view to_string(finger_rule rule);
std::string_view to_string(lookup_strategy strategy);

} // namespace dci
