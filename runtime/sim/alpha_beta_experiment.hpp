// What latency and bandwidth should weigh when a ring is chosen by score.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/base/reflect.hpp"
#include "runtime/sim/scene.hpp"

namespace dci {

struct alpha_beta_options {
  sim_scene scene;
  std::uint32_t stages = 8;
  std::uint32_t candidates = 50;
  std::uint32_t rounds = 100; ///< each with other candidates
  std::uint32_t steps = 10;   ///< alpha goes from 0 to 1 in so many
  double least_mbit = 10;     ///< B_min: the same once more without narrower links
  std::uint32_t hidden = 2048;
  std::uint32_t prompt = 512; ///< positions
};

struct alpha_beta_report {
  std::string network, chosen_by;
  std::optional<double> alpha;
  double least_mbit = 0;
  std::uint32_t nodes = 0, stages = 0, candidates = 0, rounds = 0;
  std::uint64_t seed = 0;
  std::uint32_t formed = 0;
  double decode_ms = 0, prefill_ms = 0, slowest_edge_ms = 0;

  static constexpr std::string_view type_name = "alpha_beta_report";
  static constexpr auto fields() {
    using self = alpha_beta_report;
    return std::tuple{
        field("network", &self::network, "the kind, or the matrix's file"),
        field("chosen_by", &self::chosen_by,
              "score; or else the time of decoding, that of prefilling, chance"),
        field("alpha", &self::alpha, "what nearness weighs in the score; bandwidth has the rest"),
        field("least_mbit", &self::least_mbit, "narrower links were not used; 0: all were"),
        field("nodes", &self::nodes, "in the network"),
        field("stages", &self::stages, "of a ring"),
        field("candidates", &self::candidates, "it is chosen from, drawn at random"),
        field("rounds", &self::rounds, "with other candidates each"),
        field("seed", &self::seed, "repeats the run"),
        field("formed", &self::formed, "rounds in which there was a ring; the rest is of these"),
        field("decode_ms", &self::decode_ms, "a token's way round, mean"),
        field("prefill_ms", &self::prefill_ms, "a prompt's way round, mean"),
        field("slowest_edge_ms", &self::slowest_edge_ms,
              "a prompt's longest time on one link, mean: one more prompt can come in each"),
    };
  }
};

/// Times are of links alone, the edge formula round trip / 2 + bytes / bandwidth: 4 x hidden bytes
/// a position, and 64 from the last stage to the first, for which the narrowest link is taken.
/// Bandwidths are those of access_links. Errors: those of open_network() and choose_ring(),
/// bad_config for no rounds, steps, or a bandwidth below 0.
expected<std::vector<alpha_beta_report>> run_alpha_beta(const alpha_beta_options& options);

} // namespace dci
