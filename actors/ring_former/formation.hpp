// A ring out of the map that gossip has gathered. Pure.
#pragma once

#include <functional>

#include "actors/gossip/requests.hpp"
#include "actors/ring_former/messages.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/random.hpp"

namespace dci {

/// Whether a node may be asked at all.
using may_serve = std::function<bool(const std::string& id)>;

/// A link costs 1 - composite score, so the ring chosen has the greatest sum of scores; links that
/// nobody knows, or that are too narrow, are not used. The first member is the map's first node
/// where that is chosen. Without layers. Errors: as form_ring_request's.
expected<formed_ring> form_ring(const network_map& map, const form_ring_request& wanted,
                                const may_serve& allowed, random_source random);

/// Half of each round trip.
double latency_of(const std::vector<ring_member>& members);

} // namespace dci
