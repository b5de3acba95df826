// Makes certificates. For the authority; see there for who gets one.
#pragma once

#include <chrono>
#include <string>

#include "net/identity/certificate.hpp"

namespace dci {

/// A certificate is valid from so long before it was made: clocks differ.
inline constexpr std::chrono::minutes clock_tolerance{5};
/// No certificate is valid longer: its date must be one that X.509 can write.
inline constexpr std::chrono::years longest_validity{100};

/// An authority's self-signed root. name: 1 to 64 printable ASCII characters.
/// Errors: bad_config for a wrong name or validity; internal.
expected<certificate> make_root(const node_key& key, const std::string& name, wall_time now,
                                std::chrono::seconds validity);

/// A node's certificate, signed by the authority's key; it ends no later than the
/// authority's root. Errors: bad_config for a wrong lifetime; internal.
expected<certificate> make_node_certificate(const node_key& authority_key, const certificate& root,
                                            const public_key& subject, wall_time now,
                                            std::chrono::seconds lifetime);

} // namespace dci
