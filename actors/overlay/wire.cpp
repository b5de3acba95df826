#include "actors/overlay/wire.hpp"

#include "net/wire/signing.hpp"

namespace dci {

std::vector<std::uint8_t> pack_overlay(const overlay_message& message) {
  return wire::pack(message);
}

expected<overlay_message> unpack_overlay(std::span<const std::uint8_t> bytes) {
  return wire::unpack<overlay_message>(bytes, "overlay_message");
}

void key_record_seal::sign(overlay_record& r) const {
  wire::sign_with(*key_, r, &overlay_record::signed_by_publisher);
}
void key_record_seal::sign(record_redirect& r) const {
  wire::sign_with(*key_, r, &record_redirect::signed_by_issuer);
}
bool key_record_seal::holds(const overlay_record& r) const {
  return wire::is_signed_by(r.publisher, r, &overlay_record::signed_by_publisher);
}
bool key_record_seal::holds(const record_redirect& r) const {
  return wire::is_signed_by(r.issuer, r, &record_redirect::signed_by_issuer);
}

} // namespace dci
