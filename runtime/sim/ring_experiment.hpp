// How much shorter a chosen ring is than one of nodes drawn at random.
#pragma once

#include <optional>
#include <string>

#include "runtime/base/reflect.hpp"
#include "runtime/sim/scene.hpp"

namespace dci {

struct ring_options {
  sim_scene scene;
  std::uint32_t stages = 8;
  std::uint32_t candidates = 50;
  std::uint32_t rounds = 100; ///< each with other candidates
};

struct ring_report {
  std::string network, chosen_by;
  std::uint32_t nodes = 0, stages = 0, candidates = 0, rounds = 0;
  std::uint64_t seed = 0;
  double ring_latency_ms = 0, random_ring_latency_ms = 0, below_random = 0;
  std::optional<double> above_exact, worst_above_exact;

  static constexpr std::string_view type_name = "ring_report";
  static constexpr auto fields() {
    using self = ring_report;
    return std::tuple{
        field("network", &self::network, "the kind, or the matrix's file"),
        field("chosen_by", &self::chosen_by, "what the choice went by"),
        field("nodes", &self::nodes, "in the network"),
        field("stages", &self::stages, "of a ring"),
        field("candidates", &self::candidates, "it is chosen from, drawn at random"),
        field("rounds", &self::rounds, "with other candidates each"),
        field("seed", &self::seed, "repeats the run"),
        field("ring_latency_ms", &self::ring_latency_ms,
              "all links of a ring once, one way: the mean of all rounds"),
        field("random_ring_latency_ms", &self::random_ring_latency_ms,
              "of as many of the candidates in any order"),
        field("below_random", &self::below_random, "share of the latency that is saved"),
        field("above_exact", &self::above_exact,
              "share by which the ring is longer than the best one; of few candidates only"),
        field("worst_above_exact", &self::worst_above_exact, "in the worst round"),
    };
  }
};

/// One report for each way to choose: by measured latencies, by the score of measured links, and by
/// coordinates. Errors: those of open_network() and choose_ring().
expected<std::vector<ring_report>> run_ring(const ring_options& options);

} // namespace dci
