// Our errors as CAF carries them, and back.
#pragma once

#include <caf/error.hpp>

#include "runtime/base/error.hpp"

CAF_ERROR_CODE_ENUM(dci::errc, "dci")

namespace dci {

/// Keeps code and message across the wire.
caf::error to_caf(const error& e);

/// The inverse; CAF's own errors and exit reasons become timed_out, peer_lost,
/// bad_message or internal with CAF's text.
error from_caf(const caf::error& e);

/// "killed", "the link to its host broke", or the error's own text: why an
/// actor is gone.
std::string reason_text(const caf::error& reason);

} // namespace dci
