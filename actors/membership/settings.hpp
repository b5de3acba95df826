// How members watch over one another.
#pragma once

#include <chrono>
#include <cstdint>

namespace dci {

struct membership_settings {
  using time = std::chrono::microseconds;

  time period = std::chrono::seconds(1);             ///< one member is pinged in each
  time direct_wait = std::chrono::milliseconds(500); ///< then others are asked to ping it
  std::uint32_t helpers = 3;

  /// A suspect has at least this long to answer, however many accuse it, and so long where only
  /// one does.
  time least_suspicion = std::chrono::milliseconds(1500);
  time most_suspicion = std::chrono::seconds(4);
  std::uint32_t accusers_wanted = 4; ///< with so many it is the least time
  std::uint32_t accusers_needed = 2; ///< fewer say nothing, but in a network of three
  /// So many members on either side of a suspect, by id, ping it as soon as they hear.
  std::uint32_t neighbours_check = 3;

  time news_every = std::chrono::milliseconds(200); ///< while there are any
  std::uint32_t news_to = 3;                        ///< members at a time
  /// How often a member passes a piece of news on: this times log2 of the members, and a few times
  /// more, for networks of few.
  double news_repeats = 1.2;
  std::uint32_t news_repeats_more = 3;
  std::uint32_t datagram_bytes = 1200; ///< room for news in one

  time sync_every = std::chrono::seconds(30); ///< a page of somebody's members is asked for
  /// The same where a ping told that the sender knows others than we do.
  time sync_soon = std::chrono::seconds(3);
  time request_wait = std::chrono::seconds(1);
  std::uint32_t guesses_tries = 5; ///< of a seed that a beacon named
  time remember_dead = std::chrono::minutes(10);
  std::uint32_t most_health = 8; ///< Lifeguard's local health: a node in trouble waits longer
  std::uint32_t most_members = 200'000;
};

} // namespace dci
