// How soon members notice that one of them died, and whether they ever think so of one that lives.
#pragma once

#include <string>

#include "actors/membership/settings.hpp"
#include "runtime/base/reflect.hpp"
#include "runtime/sim/scene.hpp"

namespace dci {

struct membership_options {
  sim_scene scene = scene_of(1000, 0.01);
  membership_settings members;
  std::chrono::minutes lasts{60};
  std::uint32_t deaths = 60; ///< one after the other, spread over that time
};

struct membership_report {
  std::string network;
  std::uint32_t nodes = 0;
  std::uint64_t seed = 0;
  double loss = 0, minutes = 0;
  std::uint32_t deaths = 0, declared = 0, false_deaths = 0, false_suspicions = 0;
  double median_detection_s = 0, p99_detection_s = 0, max_detection_s = 0;
  double median_all_know_s = 0, max_all_know_s = 0;
  std::uint32_t missed = 0;
  double bytes_per_node_per_s = 0;
  std::uint64_t events = 0;

  static constexpr std::string_view type_name = "membership_report";
  static constexpr auto fields() {
    using self = membership_report;
    return std::tuple{
        field("network", &self::network, "the kind, or the matrix's file"),
        field("nodes", &self::nodes, "members at the start"),
        field("seed", &self::seed, "repeats the run"),
        field("loss", &self::loss, "share of all datagrams"),
        field("minutes", &self::minutes, "simulated"),
        field("deaths", &self::deaths, "nodes that died, unannounced"),
        field("declared", &self::declared, "of these, that a live member declared dead"),
        field("false_deaths", &self::false_deaths, "declarations of nodes that lived"),
        field("false_suspicions", &self::false_suspicions,
              "of nodes that lived, counted once each"),
        field("median_detection_s", &self::median_detection_s,
              "from the death until the first member declared it"),
        field("p99_detection_s", &self::p99_detection_s, "99 of 100 were declared sooner"),
        field("max_detection_s", &self::max_detection_s, "the slowest"),
        field("median_all_know_s", &self::median_all_know_s,
              "from the declaration until the last live member knew"),
        field("max_all_know_s", &self::max_all_know_s, "the slowest"),
        field("missed", &self::missed, "pairs of a live member and a death it did not hear of"),
        field("bytes_per_node_per_s", &self::bytes_per_node_per_s,
              "sent, frames' headers included"),
        field("events", &self::events, "simulated in all"),
    };
  }
};

/// Members know one another at the start. Errors: those of open_network(), and bad_config where
/// more than half would die.
expected<membership_report> run_membership(const membership_options& options);

} // namespace dci
