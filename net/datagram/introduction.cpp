#include "net/datagram/introduction.hpp"

#include "net/wire/codec.hpp"

namespace dci {

byte_vector pack_introduction(const introduction_message& message) {
  return wire::pack(message);
}

expected<introduction_message> unpack_introduction(byte_view bytes) {
  return wire::unpack<introduction_message>(bytes, "introduction_message");
}

} // namespace dci
