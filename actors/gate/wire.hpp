// The gate's messages as bytes.
#pragma once

#include "actors/gate/messages.hpp"
#include "net/frames/frame.hpp"

namespace dci {

/// Into a frame's header; its payload stays empty.
byte_vector pack_question(const gate_question& question);
byte_vector pack_answer(const gate_answer& answer);
/// Errors: bad_message, naming the field.
expected<gate_question> unpack_question(byte_view bytes);
expected<gate_answer> unpack_answer(byte_view bytes);

/// For datagrams: an offer is made as long as an answer may be.
byte_vector pack_offer(gate_offer offer);
expected<gate_offer> unpack_offer(byte_view bytes);
byte_vector pack_welcome(const gate_welcome& welcome);
expected<gate_welcome> unpack_welcome(byte_view bytes);

} // namespace dci
