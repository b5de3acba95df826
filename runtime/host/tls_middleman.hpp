// CAF's messages over our own TLS. CAF's own checks neither who a certificate is of nor whether it
// was revoked.
#pragma once

#include <memory>

#include <caf/actor_system.hpp>
#include <caf/io/middleman_actor.hpp>

#include "net/tls/tls_context.hpp"

namespace dci {

/// Opens and dials as CAF's own does, but lets nobody in who is not admitted; handshakes are over
/// before CAF sees a connection. Ends when it is killed.
caf::io::middleman_actor spawn_tls_middleman(caf::actor_system& system,
                                             std::shared_ptr<tls_context> context);

} // namespace dci
