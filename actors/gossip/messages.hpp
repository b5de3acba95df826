// How nodes' reports on themselves reach everybody. Each is one datagram.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "actors/device_profiler/figures.hpp"
#include "actors/proximity_prober/coordinates.hpp"
#include "net/contact.hpp"
#include "net/identity/node_key.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

/// The first eight bytes of a node's id: enough to tell members apart.
using node_mark = std::uint64_t;
node_mark mark_of(const node_id& id);

/// A link that the reporting node measured.
struct link_figures {
  node_mark peer = 0;
  float round_trip_ms = 0;
  float mbit_per_s = 0;             ///< towards the peer; 0: unknown, and the others too
  std::uint16_t mbit_age_s = 0;     ///< when the report was made; the last one of all: or more
  std::uint8_t mbit_confidence = 0; ///< from 0 to 100
  bool at_least = false;

  static constexpr std::string_view type_name = "link_figures";
  static constexpr auto fields() {
    using self = link_figures;
    return std::tuple{required("peer", &self::peer, "to whom"),
                      required("round_trip_ms", &self::round_trip_ms, "smoothed"),
                      required("mbit_per_s", &self::mbit_per_s, "towards it; 0: unknown"),
                      required("mbit_age_s", &self::mbit_age_s, "when the report was made"),
                      required("mbit_confidence", &self::mbit_confidence, "from 0 to 100"),
                      required("at_least", &self::at_least, "the bandwidth may be more")};
  }
};

/// A node's word on itself and its own links: nobody's on those of two others.
struct node_report {
  node_id node; ///< does not travel: it is the key's
  std::uint32_t version = 0;
  network_place place;
  device_figures device;
  owner_policy policy;
  std::string host; ///< HOST:PORT where its host is dialled; empty: nowhere
  std::vector<link_figures> nearest;
  public_key key{};
  key_signature signed_by_node{};

  static constexpr std::string_view type_name = "node_report";
  static constexpr auto fields() {
    using self = node_report;
    return std::tuple{required("version", &self::version, "counts up"),
                      required("place", &self::place, "its network coordinates"),
                      required("device", &self::device, "what it can do"),
                      required("policy", &self::policy, "what its owner lets it do"),
                      required("host", &self::host, "where its host is dialled; empty: nowhere"),
                      required("nearest", &self::nearest, "its nearest peers"),
                      required("key", &self::key, "the node's public key"),
                      required("signature", &self::signed_by_node, "of all before")};
  }
};
using report_ptr = std::shared_ptr<const node_report>;

struct report_name {
  node_mark node = 0;
  std::uint32_t version = 0;

  static constexpr std::string_view type_name = "report_name";
  static constexpr auto fields() {
    return std::tuple{required("node", &report_name::node, "whose"),
                      required("version", &report_name::version, "which")};
  }
};

/// What the sender has come by lately.
struct reports_offer {
  std::vector<report_name> names;

  static constexpr std::string_view type_name = "reports_offer";
  static constexpr auto fields() {
    return std::tuple{required("names", &reports_offer::names, "new at the sender")};
  }
};

/// Asks for reports of at least these versions.
struct reports_request {
  std::vector<report_name> names;

  static constexpr std::string_view type_name = "reports_request";
  static constexpr auto fields() {
    return std::tuple{required("names", &reports_request::names, "the least versions of use")};
  }
};

/// A report and how long ago it was made, by whoever hands it on: no clocks are compared.
struct aged_report {
  report_ptr report;
  std::uint32_t age_ms = 0;

  static constexpr std::string_view type_name = "aged_report";
  static constexpr auto fields() {
    return std::tuple{required("report", &aged_report::report, "as its node signed it"),
                      required("age_ms", &aged_report::age_ms, "since it was made")};
  }
};

struct reports {
  std::vector<aged_report> items;

  static constexpr std::string_view type_name = "reports";
  static constexpr auto fields() {
    return std::tuple{required("items", &reports::items, "as asked for")};
  }
};

using gossip_message = std::variant<reports_offer, reports_request, reports>;

} // namespace dci
