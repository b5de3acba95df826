// What a ring former is asked and what it answers.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "runtime/base/layers.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

/// What a topology file or the console says when it makes one.
struct ring_former_config {
  std::string gossip = "gossip";
  std::string planner = "planner";

  static constexpr std::string_view type_name = "ring_former_config";
  static constexpr auto fields() {
    using self = ring_former_config;
    return std::tuple{field("gossip", &self::gossip, "who on this host knows the map"),
                      field("planner", &self::planner, "who on this host cuts the layers")};
  }
};

/// Choose so many nodes whose links, in a closed ring, have the best scores in all, and cut the
/// layers over them. Nodes whose owner takes no work are left out. Answered by formed_ring. Errors:
/// bad_request; not_found where the map knows too few nodes with a host, or no ring of links that
/// are known and wide enough.
struct form_ring_request {
  std::uint32_t stages = 0;
  std::uint32_t layers = 0;
  double alpha = 0.7;
  double least_mbit_per_s = 0;
  double least_memory_gb = 0;
  std::string lowest_tier = "C";

  static constexpr std::string_view type_name = "form_ring_request";
  static constexpr auto fields() {
    using self = form_ring_request;
    return std::tuple{
        required("stages", &self::stages, "how many nodes"),
        field("layers", &self::layers, "of the model, to be cut over them; 0: no cuts"),
        field("alpha", &self::alpha, "what latency weighs in the score; bandwidth the rest"),
        field("least_mbit_per_s", &self::least_mbit_per_s,
              "no link that is known to be narrower; 0: any"),
        field("least_memory_gb", &self::least_memory_gb, "no node with less free, in 10^9 bytes"),
        field("lowest_tier", &self::lowest_tier,
              "no slower node: A (20 TFLOPS), B (5) or C (any)")};
  }
};

/// A node of a formed ring, and its link to the next one; of the last, to the first.
struct ring_member {
  std::string id;
  std::string host;
  layer_span layers;
  double memory_free_gb = 0;
  double round_trip_ms = 0;
  bool is_guess = false;
  double mbit_per_s = 0;

  static constexpr std::string_view type_name = "ring_member";
  static constexpr auto fields() {
    using self = ring_member;
    return std::tuple{field("id", &self::id, "64 hexadecimal digits"),
                      field("host", &self::host, "where its host is dialled"),
                      field("layers", &self::layers, "its blocks [first, last)"),
                      field("memory_free_gb", &self::memory_free_gb, "10^9 bytes"),
                      field("round_trip_ms", &self::round_trip_ms, "to the next one"),
                      field("is_guess", &self::is_guess, "nobody has measured that link"),
                      field("mbit_per_s", &self::mbit_per_s, "to the next one; 0: unknown")};
  }
};

/// In ring order. A node to which the planner gives no layer is left out.
struct formed_ring {
  std::vector<ring_member> members;
  double latency_ms = 0;
  std::uint32_t candidates = 0;

  static constexpr std::string_view type_name = "formed_ring";
  static constexpr auto fields() {
    using self = formed_ring;
    return std::tuple{
        field("members", &self::members, "in ring order"),
        field("latency_ms", &self::latency_ms, "once around, half of each round trip"),
        field("candidates", &self::candidates, "nodes that it was chosen from")};
  }
};

} // namespace dci
