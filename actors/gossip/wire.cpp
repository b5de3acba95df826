#include "actors/gossip/wire.hpp"

#include "net/wire/signing.hpp"

namespace dci {

/// Whose a report is its key says.
template <>
struct wire::codec<report_ptr> {
  static void write(packer& out, const report_ptr& v) {
    codec<node_report>::write(out, *v);
  }
  static outcome read(const msgpack::object& in, report_ptr& out) {
    auto made = std::make_shared<node_report>();
    auto wrong = codec<node_report>::read(in, *made);
    made->node = id_of(made->key);
    out = std::move(made);
    return wrong;
  }
};

std::vector<std::uint8_t> pack_gossip(const gossip_message& message) {
  return wire::pack(message);
}

expected<gossip_message> unpack_gossip(std::span<const std::uint8_t> bytes) {
  return wire::unpack<gossip_message>(bytes, "gossip_message");
}

std::vector<std::uint8_t> pack_revocation(const revocation_message& message) {
  return wire::pack(message);
}

expected<revocation_message> unpack_revocation(std::span<const std::uint8_t> bytes) {
  return wire::unpack<revocation_message>(bytes, "revocation_message");
}

void sign(const node_key& key, node_report& report) {
  wire::sign_with(key, report, &node_report::signed_by_node);
}

bool is_signed(const node_report& report) {
  return wire::is_signed_by(report.node, report, &node_report::signed_by_node);
}

} // namespace dci
