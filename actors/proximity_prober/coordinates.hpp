// Network coordinates: Vivaldi with height (Dabek, Cox, Kaashoek and Morris, SIGCOMM 2004). From
// round trips to a few nodes each node finds a place for itself, and the distance between two
// places guesses a round trip that was never measured.
#pragma once

#include <array>
#include <string_view>
#include <tuple>

#include "runtime/base/node_clock.hpp"
#include "runtime/base/random.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

/// A place in milliseconds of round trip: in a plane of few dimensions, and a height, the part of
/// every round trip that is the node's own access link.
struct network_place {
  static constexpr std::size_t dimensions = 4;

  std::array<float, dimensions> at{};
  float height = 0;
  float error = 1; ///< of its guesses, relative; 1 says that it knows nothing

  static constexpr std::string_view type_name = "network_place";
  static constexpr auto fields() {
    using self = network_place;
    return std::tuple{required("at", &self::at, "ms, in each dimension"),
                      required("height", &self::height, "ms, of the node's own access link"),
                      required("error", &self::error, "of its guesses, relative")};
  }
  friend bool operator==(const network_place&, const network_place&) = default;
};

/// Whether another node's word for its place can be used at all: finite, a height that is not below
/// 0, an error from 0 to 1, and nothing farther than ten minutes.
bool is_sound(const network_place& place);

/// A guess, at least 0.
node_clock::duration guessed_round_trip(const network_place& a, const network_place& b);

struct coordinate_settings {
  float step = 0.25f;        ///< Vivaldi's c_c: how far one measurement moves a node
  float error_step = 0.25f;  ///< c_e
  float least_height = 0.1f; ///< ms
  /// Nobody is taken to be surer of himself than this, whatever he claims.
  float least_error = 0.05f;
  /// A single measurement moves a node no farther, nor than its round trip, which nobody can make
  /// shorter than the way is.
  float farthest_step_ms = 100;
};

/// Moves a node's place by one measured round trip to another node. Nothing happens where either is
/// not sound.
void adjust(network_place& own, const network_place& other, node_clock::duration round_trip,
            const coordinate_settings& settings, random_source& random);

} // namespace dci
