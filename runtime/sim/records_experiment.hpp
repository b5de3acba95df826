// Records on a ring whose nodes come and go: how many of them can still be read.
#pragma once

#include <string>

#include "actors/overlay/record_settings.hpp"
#include "actors/overlay/settings.hpp"
#include "runtime/base/reflect.hpp"
#include "runtime/sim/scene.hpp"

namespace dci {

struct records_options {
  sim_scene scene;
  overlay_settings overlay;
  record_settings records;
  std::uint32_t values = 10'000; ///< each under a name of its own
  std::uint32_t value_bytes = 200;
  std::uint32_t reads = 10'000;
  double replaced_per_hour = 0.5; ///< share of the nodes
  double leaving = 0;             ///< share of those that say good-bye
  std::chrono::minutes lasts{60}; ///< in which they are read
};

struct records_report {
  std::string network;
  std::uint32_t nodes = 0;
  std::uint64_t seed = 0;
  double replaced_per_hour = 0;
  std::uint32_t values = 0, copies = 0, died = 0, left = 0;
  std::uint32_t reads = 0, read_at_first_try = 0, read_after_retry = 0, expired = 0, redirected = 0;
  double mean_latency_ms = 0, p99_latency_ms = 0;
  std::uint32_t lost = 0, takeovers = 0;
  double bytes_per_node_per_s = 0, bytes_before_per_node_per_s = 0;
  double mean_records_held = 0;
  std::uint64_t events = 0;

  static constexpr std::string_view type_name = "records_report";
  static constexpr auto fields() {
    using self = records_report;
    return std::tuple{
        field("network", &self::network, "the kind, or the matrix's file"),
        field("nodes", &self::nodes, "in the ring"),
        field("seed", &self::seed, "repeats the run"),
        field("replaced_per_hour", &self::replaced_per_hour, "share of the nodes"),
        field("values", &self::values, "published at the beginning"),
        field("copies", &self::copies, "of each"),
        field("died", &self::died, "nodes, unannounced"),
        field("left", &self::left, "nodes, with a word to their neighbours"),
        field("reads", &self::reads, "of random values by random nodes"),
        field("read_at_first_try", &self::read_at_first_try, "with one lookup"),
        field("read_after_retry", &self::read_after_retry, "the same, with up to three"),
        field("expired", &self::expired,
              "beside the reads: their publishers died more than a lifetime ago"),
        field("redirected", &self::redirected, "of the reads, by the owner to another node"),
        field("mean_latency_ms", &self::mean_latency_ms, "of a read that was right"),
        field("p99_latency_ms", &self::p99_latency_ms, "99 of 100 were faster"),
        field("lost", &self::lost, "values that no node holds at the end, not expired"),
        field("takeovers", &self::takeovers, "redirects in force at the end"),
        field("bytes_per_node_per_s", &self::bytes_per_node_per_s,
              "sent in all while it was read, frames' headers included"),
        field("bytes_before_per_node_per_s", &self::bytes_before_per_node_per_s,
              "the same, before there were values and deaths"),
        field("mean_records_held", &self::mean_records_held, "by a node at the end"),
        field("events", &self::events, "simulated in all"),
    };
  }
};

/// Errors: those of open_network(), and check_failed where a value could not be published.
expected<records_report> run_records(const records_options& options);

} // namespace dci
