#include "actors/authority/wire.hpp"

#include "net/wire/codec.hpp"

namespace dci {

byte_vector pack_certify_request(const certify_request& request) {
  return wire::pack(request);
}

byte_vector pack_certify_answer(const certify_answer& answer) {
  return wire::pack(answer);
}

expected<certify_request> unpack_certify_request(byte_view bytes) {
  return wire::unpack<certify_request>(bytes, certify_request::type_name);
}

expected<certify_answer> unpack_certify_answer(byte_view bytes) {
  return wire::unpack<certify_answer>(bytes, "certify_answer");
}

} // namespace dci
