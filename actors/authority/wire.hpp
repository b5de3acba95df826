// What nodes and authorities say over TLS, as bytes.
#pragma once

#include "actors/authority/messages.hpp"
#include "runtime/base/error.hpp"

namespace dci {

byte_vector pack_certify_request(const certify_request& request);
byte_vector pack_certify_answer(const certify_answer& answer);
/// Errors: bad_message, naming the field.
expected<certify_request> unpack_certify_request(byte_view bytes);
expected<certify_answer> unpack_certify_answer(byte_view bytes);

} // namespace dci
