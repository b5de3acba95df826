#include "net/frames/frame_contact.hpp"

#include "net/wire/signing.hpp"

namespace dci {

frame_contact make_contact(std::string address, const curve_key& curve,
                           const tls_context* credentials) {
  frame_contact out;
  out.address = std::move(address);
  out.curve = curve;
  if (credentials != nullptr) {
    out.certificates = credentials->shown();
    wire::sign_with(*credentials->key(), out, &frame_contact::signature);
  }
  return out;
}

bool is_signed_contact(const frame_contact& contact) {
  return wire::is_signed_by(id_of(contact.key), contact, &frame_contact::signature);
}

byte_vector pack_contact(const frame_contact& contact) {
  return wire::pack(contact);
}

expected<frame_contact> unpack_contact(byte_view bytes) {
  return wire::unpack<frame_contact>(bytes, frame_contact::type_name);
}

frame_peer peer_of(const frame_contact& contact) {
  if (contact.key == public_key{})
    return {contact.curve, contact.address};
  return {contact.curve, {contact.key.begin(), contact.key.end()}};
}

} // namespace dci
