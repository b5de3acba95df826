// How reports are spread.
#pragma once

#include <chrono>
#include <cstdint>

namespace dci {

struct gossip_settings {
  using time = std::chrono::microseconds;

  /// A node's own, in large networks; in small ones sooner, so that each node's share of the
  /// traffic is the same.
  time report_every = std::chrono::seconds(110);
  time report_every_for_each = std::chrono::milliseconds(110); ///< known node
  time least_report_every = std::chrono::seconds(3);
  time offer_every = std::chrono::seconds(1);
  std::uint32_t offer_to = 4;               ///< peers each time
  time ask_again = std::chrono::seconds(3); ///< somebody else, where the first did not answer
  /// A report older than its node's next one should be by this is asked for by itself.
  time overdue = std::chrono::seconds(15);
  std::uint32_t overdue_at_once = 30;
  std::uint32_t datagram_bytes = 1200;
  std::uint32_t most_answers = 12;             ///< datagrams, to one request
  std::uint32_t most_links = 16;               ///< in one report
  time oldest_link = std::chrono::seconds(45); ///< measured before that, it is not in a report
  std::uint32_t most_names = 80;               ///< in one datagram
  std::uint32_t most_nodes = 20'000;
};

} // namespace dci
