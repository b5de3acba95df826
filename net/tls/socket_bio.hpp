// A socket as OpenSSL reads and writes it, without the signal that its own makes of a lost peer.
// For the sources of net/tls only.
#pragma once

#include "net/identity/openssl_ptr.hpp"

namespace dci {

/// The socket stays the caller's. nullptr when memory is short.
bio_ptr socket_bio(int socket);

} // namespace dci
