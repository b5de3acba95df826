// Revocation lists that a host has believed, kept for its next start in a file beside its
// credentials file: NAME.revocations, PEM, one list of each authority. Gossip would bring them
// again, but until then whoever was revoked could come in.
#pragma once

#include <filesystem>

#include "net/tls/tls_context.hpp"

namespace dci {

std::filesystem::path kept_revocations_file(const std::filesystem::path& credentials);

/// Adds what is kept, if anything is: each list for its authority's signature, as ever. Those of
/// authorities that are not trusted any more are left out. Errors: bad_file for one that is
/// damaged.
result add_kept_revocations(tls_context& to, const std::filesystem::path& credentials);

/// Writes what is held, after it has added what another process has kept meanwhile. Errors:
/// bad_file.
result keep_revocations(tls_context& of, const std::filesystem::path& credentials);

} // namespace dci
