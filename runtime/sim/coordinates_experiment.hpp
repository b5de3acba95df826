// How well coordinates guess round trips that were never measured.
#pragma once

#include <string>

#include "actors/proximity_prober/coordinates.hpp"
#include "runtime/base/reflect.hpp"
#include "runtime/sim/scene.hpp"

namespace dci {

struct coordinates_options {
  sim_scene scene;
  coordinate_settings coordinates;
  std::uint32_t neighbours = 64;    ///< a node measures no others, drawn at random
  std::uint32_t measurements = 400; ///< each node makes, one after the other
};

struct coordinates_report {
  std::string network;
  std::uint32_t nodes = 0;
  std::uint64_t seed = 0;
  std::uint32_t neighbours = 0, measurements = 0;
  double median_relative_error = 0, p90_relative_error = 0, median_of_measured = 0;

  static constexpr std::string_view type_name = "coordinates_report";
  static constexpr auto fields() {
    using self = coordinates_report;
    return std::tuple{
        field("network", &self::network, "the kind, or the matrix's file"),
        field("nodes", &self::nodes, "in it"),
        field("seed", &self::seed, "repeats the run"),
        field("neighbours", &self::neighbours, "that a node measured"),
        field("measurements", &self::measurements, "that a node made"),
        field("median_relative_error", &self::median_relative_error,
              "|guess - round trip| / round trip, of all pairs"),
        field("p90_relative_error", &self::p90_relative_error, "9 of 10 pairs are better"),
        field("median_of_measured", &self::median_of_measured, "of pairs that were measured"),
    };
  }
};

/// Errors: those of open_network().
expected<coordinates_report> run_coordinates(const coordinates_options& options);

} // namespace dci
