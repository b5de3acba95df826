// What narrow, long and lossy lines and nodes that die do to rings, to lookups and to membership.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/reflect.hpp"
#include "runtime/sim/scene.hpp"

namespace dci {

struct conditions_options {
  sim_scene scene = scene_of(200, 0);
  std::uint32_t stages = 8;
  std::uint32_t candidates = 50;
  std::uint32_t hidden = 2048;
  std::uint32_t prompt = 512;  ///< positions, sent in pieces of 128
  std::uint32_t answer = 500;  ///< tokens
  std::uint32_t sessions = 16; ///< that share a ring
  std::uint32_t lookups = 2000;
};

struct conditions_report {
  std::string network, changed;
  double value = 0;
  std::uint32_t nodes = 0;
  std::uint64_t seed = 0;
  double token_ms = 0, tokens_per_s = 0, prefill_ms = 0, answers_lost = 0;
  std::uint32_t lookups = 0, correct = 0, correct_after_retry = 0;
  double mean_latency_ms = 0;
  std::uint32_t deaths = 0, declared = 0, false_deaths = 0;
  double median_detection_s = 0, p99_detection_s = 0;
  double bytes_per_node_per_s = 0;

  static constexpr std::string_view type_name = "conditions_report";
  static constexpr auto fields() {
    using self = conditions_report;
    return std::tuple{
        field("network", &self::network, "the kind, or the matrix's file"),
        field("changed", &self::changed,
              "what is unlike the scene: nothing, latency_ms, mbit_per_s, loss, or "
              "replaced_per_hour"),
        field("value", &self::value, "that it has"),
        field("nodes", &self::nodes, "in the network"),
        field("seed", &self::seed, "repeats the run"),
        field("token_ms", &self::token_ms, "a token's way round a ring chosen by score"),
        field("tokens_per_s", &self::tokens_per_s, "of that ring with several sessions"),
        field("prefill_ms", &self::prefill_ms,
              "a prompt's way round, in pieces that follow one another"),
        field("answers_lost", &self::answers_lost,
              "share of answers during which a stage's node dies"),
        field("lookups", &self::lookups, "of random keys; 0: the overlay did not come together"),
        field("correct", &self::correct, "that named the owner at the first try"),
        field("correct_after_retry", &self::correct_after_retry, "the same, when asked again"),
        field("mean_latency_ms", &self::mean_latency_ms, "of a lookup"),
        field("deaths", &self::deaths, "of members"),
        field("declared", &self::declared, "of these, that a live member declared dead"),
        field("false_deaths", &self::false_deaths, "declarations of nodes that lived"),
        field("median_detection_s", &self::median_detection_s,
              "from the death until the first member declared it"),
        field("p99_detection_s", &self::p99_detection_s, "99 of 100 were declared sooner"),
        field("bytes_per_node_per_s", &self::bytes_per_node_per_s, "sent for membership"),
    };
  }
};

/// One condition after the other, beside those of the scene. Rings are of links alone, shaped as
/// streams; lookups and membership run what nodes run, on shaped datagrams. Errors: those of
/// open_network() and choose_ring(), bad_config for no stages, positions, tokens, sessions or
/// lookups.
expected<std::vector<conditions_report>> run_conditions(const conditions_options& options);

} // namespace dci
