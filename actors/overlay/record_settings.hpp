// How the overlay keeps records.
#pragma once

#include <chrono>
#include <cstdint>

namespace dci {

struct record_settings {
  using time = std::chrono::microseconds;

  std::uint32_t copies = 3; ///< of a record: on the first so many nodes at or after its name
  std::uint32_t most_value_bytes = 640;
  std::uint32_t most_publishers = 12; ///< under one name
  std::uint64_t most_bytes = 4 << 20; ///< of all records a node holds, as they travel
  std::uint64_t most_bytes_of_publisher = 64 << 10;

  std::chrono::seconds lifetime = std::chrono::hours(1); ///< no record is good for longer
  time republish_every = std::chrono::minutes(20);
  /// Of all records with who keeps copies; those nobody compares any more are dropped.
  time compare_every = std::chrono::seconds(30);
  time compare_soon = std::chrono::seconds(1); ///< where they differed, or the ring changed
  time keep_unwanted = std::chrono::minutes(5);

  time answer_within = std::chrono::seconds(1);
  std::uint32_t tries = 3;
  std::uint32_t room_bytes = 1100; ///< of an answer, beside what its question has
  std::uint32_t most_tags = 14;    ///< in one datagram
  std::chrono::seconds clock_skew = std::chrono::minutes(5);
};

} // namespace dci
