// Gossip as bytes, and the signatures of reports.
#pragma once

#include <span>
#include <vector>

#include "actors/gossip/messages.hpp"
#include "actors/gossip/revocation_messages.hpp"
#include "runtime/base/error.hpp"

namespace dci {

std::vector<std::uint8_t> pack_gossip(const gossip_message& message);
/// Errors: bad_message, naming the field.
expected<gossip_message> unpack_gossip(std::span<const std::uint8_t> bytes);

std::vector<std::uint8_t> pack_revocation(const revocation_message& message);
/// Errors: bad_message, naming the field.
expected<revocation_message> unpack_revocation(std::span<const std::uint8_t> bytes);

void sign(const node_key& key, node_report& report);
/// Whether the node whose report it is has signed it.
bool is_signed(const node_report& report);

} // namespace dci
