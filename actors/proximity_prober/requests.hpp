// What a proximity prober is told and what it answers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "actors/proximity_prober/coordinates.hpp"
#include "net/contact.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

/// What a topology file or the console says when it makes one.
struct prober_config {
  std::string link = "link";
  std::string membership = "membership";
  std::uint32_t budget = 4096;
  double alpha = 0.7;
  double least_mbit_per_s = 10;

  static constexpr std::string_view type_name = "prober_config";
  static constexpr auto fields() {
    using self = prober_config;
    return std::tuple{
        field("link", &self::link, "the link on this host through which it speaks"),
        field("membership", &self::membership, "who on this host says whom to probe"),
        field("budget", &self::budget, "bytes per second sent and received, headers included"),
        field("alpha", &self::alpha, "of the score: what latency weighs; bandwidth has the rest"),
        field("least_mbit_per_s", &self::least_mbit_per_s,
              "a link of less is too narrow for large transfers")};
  }
};

/// How far is everybody? Answered by proximity_description.
struct proximity_describe_request {
  static constexpr std::string_view type_name = "proximity_describe_request";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

/// One row of a node's proximity table.
struct link_measured {
  std::string id;
  std::string address;
  std::uint32_t echoes = 0, seen = 0;
  double round_trip_ms = 0, least_ms = 0, jitter_ms = 0, guessed_ms = 0;
  double loss = 0;
  double age_s = 0;
  double mbit_per_s = 0;
  bool at_least = false;
  double mbit_age_s = 0;
  double mbit_confidence = 0;
  bool narrow = false;
  double score = 0;

  static constexpr std::string_view type_name = "link_measured";
  static constexpr auto fields() {
    using self = link_measured;
    return std::tuple{
        field("id", &self::id, "the peer, 64 hexadecimal digits"),
        field("address", &self::address, "where its datagrams go"),
        field("echoes", &self::echoes, "to our probes"),
        field("seen", &self::seen, "round trips of other traffic; both 0: the rest is a guess"),
        field("round_trip_ms", &self::round_trip_ms, "smoothed"),
        field("least_ms", &self::least_ms, "the least of the newest few"),
        field("jitter_ms", &self::jitter_ms, "mean distance from the smoothed one"),
        field("guessed_ms", &self::guessed_ms, "the round trip by network coordinates"),
        field("loss", &self::loss, "share of the newest probes, from 0 to 1"),
        field("age_s", &self::age_s, "since the newest round trip"),
        field("mbit_per_s", &self::mbit_per_s,
              "bandwidth towards the peer; 0: unknown, and the score's second term is 0"),
        field("at_least", &self::at_least, "it may be more: trains came as fast as they left"),
        field("mbit_age_s", &self::mbit_age_s, "since the newest train"),
        field("mbit_confidence", &self::mbit_confidence,
              "from 0 to 1: how many trains there were, and how well they agree"),
        field("narrow", &self::narrow, "known to be less than the prober's least_mbit_per_s"),
        field("score", &self::score, "composite proximity, from 0 to 1, higher is closer")};
  }
};

struct proximity_description {
  network_place place;
  double least_mbit_per_s = 0;
  std::vector<link_measured> links;

  static constexpr std::string_view type_name = "proximity_description";
  static constexpr auto fields() {
    using self = proximity_description;
    return std::tuple{field("place", &self::place, "this node's network coordinates"),
                      field("least_mbit_per_s", &self::least_mbit_per_s,
                            "a link of less is too narrow for large transfers"),
                      field("links", &self::links, "to every member")};
  }
};

/// What traffic with a member showed, that was not for measuring.
struct traffic_event {
  contact node;
  std::uint32_t round_trip_us = 0;

  static constexpr bool stays_inside = true;
  static constexpr std::string_view type_name = "traffic_event";
  static constexpr auto fields() {
    using self = traffic_event;
    return std::tuple{required("node", &self::node, "who answered"),
                      required("round_trip_us", &self::round_trip_us, "how long it took")};
  }
};

/// Stays inside: datagrams have come, or it is time.
struct prober_turn {
  static constexpr bool stays_inside = true;
  static constexpr std::string_view type_name = "prober_turn";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

} // namespace dci
