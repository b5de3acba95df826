// Why a peer's certificates were not accepted: one word for metrics, one line
// for people.
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/base/error.hpp"

namespace dci {

// name, meaning; the most useful one first: of several reasons the first is told.
#define DCI_REFUSAL_LIST(X)                                                                        \
  X(no_certificate, "the peer showed none")                                                        \
  X(malformed, "a certificate cannot be read, or there are too many")                              \
  X(expired, "a certificate, or its authority, is past its time")                                  \
  X(not_yet_valid, "a certificate, or its authority, is before its time")                          \
  X(revoked, "the authority has withdrawn it")                                                     \
  X(bad_signature, "it names a trusted authority that has not signed it")                          \
  X(unknown_authority, "it is signed by an authority that is not trusted here")                    \
  X(wrong_id, "it names another id than that of its own key")                                      \
  X(wrong_usage, "it is an authority's, or not made for both ends of TLS")                         \
  X(other_key, "it is for another key than the first certificate")                                 \
  X(too_few, "fewer authorities vouch for the key than are needed")                                \
  X(stranger, "it is vouched for, but its node is none of this trust domain")

enum class refusal : std::uint8_t {
#define DCI_REFUSAL_ENUM(name, text) name,
  DCI_REFUSAL_LIST(DCI_REFUSAL_ENUM)
#undef DCI_REFUSAL_ENUM
};

/// The enumerator's name.
std::string_view to_string(refusal reason) noexcept;
/// What it means, in a few words.
std::string_view meaning(refusal reason) noexcept;

/// An error that can be counted by its reason. Its code is errc::refused.
struct refused_error : error {
  refusal reason = refusal::malformed;
};

} // namespace dci
