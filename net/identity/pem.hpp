// The textual form of keys, certificates, requests and revocation lists.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/identity/bytes.hpp"
#include "runtime/base/error.hpp"

namespace dci {

enum class pem_kind { private_key, certificate, certificate_request, revocation_list };

/// "-----BEGIN CERTIFICATE-----" and so on.
expected<std::string> to_pem(pem_kind kind, byte_view der);

/// The DER bytes of a text that is exactly one object of this kind: nothing before
/// it, nothing but white space behind it, not encrypted. Errors: bad_file, which
/// begins with the place.
expected<byte_vector> from_pem(std::string_view place, pem_kind kind, std::string_view text);

/// The same of several, one behind the other: at least one.
expected<std::vector<byte_vector>> all_from_pem(std::string_view place, pem_kind kind,
                                                std::string_view text);

/// Whether the text claims to be PEM; DER never does.
bool looks_like_pem(std::string_view text);

} // namespace dci
