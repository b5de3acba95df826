// How the overlay keeps its tables.
#pragma once

#include <chrono>
#include <cstdint>

namespace dci {

/// Which of the known nodes of an octave is its finger.
enum class finger_rule : std::uint8_t {
  nearest_id, ///< the first of the octave, as Chord has it
  proximity,  ///< the one with the best score
};

/// How a key's owner is looked for, and what the octaves of the table are measured by.
enum class lookup_strategy : std::uint8_t {
  chord,    ///< from node to node, clockwise; octaves of the way round the ring
  kademlia, ///< the origin asks several nodes at once; octaves of the XOR of ids
};

struct overlay_settings {
  using time = std::chrono::microseconds;

  lookup_strategy lookups = lookup_strategy::chord;

  finger_rule fingers = finger_rule::proximity;
  std::uint32_t successors = 16; ///< kept, so that so many may fail at once less one
  std::uint32_t per_octave = 1;  ///< nodes kept of each octave: the finger and spares

  time stabilise_every = std::chrono::seconds(5); ///< asking the successor
  time refresh_every = std::chrono::seconds(20);  ///< looking for nodes of one octave
  time probe_every = std::chrono::seconds(45);    ///< of a node not heard of for so long

  time lookup_timeout = std::chrono::seconds(5); ///< then it is tried again
  std::uint32_t lookup_tries = 3;
  std::uint32_t asked_at_once = 3; ///< nodes, by a lookup of kademlia
  std::uint32_t closest = 8;       ///< nodes that such a lookup considers, and is told by each
  time first_timeout = std::chrono::seconds(1); ///< for a node whose round trip is unknown
  time least_timeout = std::chrono::milliseconds(100);
  time most_timeout = std::chrono::seconds(4);
  time late_answers = std::chrono::seconds(10); ///< a question is forgotten after so long
  std::uint32_t most_misses = 3;                ///< unanswered in a row: the node is taken for gone
  time forget_gone = std::chrono::seconds(60);  ///< others' word for it counts again
  std::uint32_t most_silent = 8;                ///< nodes that a lookup names, which did not answer
  std::uint32_t most_hops = 32;                 ///< a lookup that goes further is dropped
  std::uint32_t most_under_way = 1024;          ///< others' lookups that wait at this node
};

} // namespace dci
