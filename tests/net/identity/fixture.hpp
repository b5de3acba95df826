// Authorities, nodes and certificates that no authority of ours would make.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "net/identity/certificate_maker.hpp"
#include "net/identity/certificate_request.hpp"
#include "net/identity/openssl_ptr.hpp"

namespace dci::test {

using namespace std::chrono_literals;

/// 2023-11-14 22:13:20 UTC.
inline constexpr wall_time now{std::chrono::seconds{1700000000}};

/// A folder of its own for one test, removed after it.
struct scratch {
  std::filesystem::path path;

  scratch();
  ~scratch();
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
};

/// Whatever it is, it must be there.
template <class T>
T must(expected<T> value) {
  REQUIRE_MESSAGE(value.has_value(), value.error().message);
  return std::move(*value);
}

/// A key with its root certificate, without a folder.
struct signer {
  node_key key;
  certificate root;

  explicit signer(const std::string& name, wall_time made = now,
                  std::chrono::seconds validity = std::chrono::days{365});
  byte_vector vouch(const node_key& node, wall_time when = now,
                    std::chrono::seconds lifetime = 24h) const;
};

/// A certificate with every field as it is said; by default a good one of a node.
struct forgery {
  std::string name;
  std::string issuer;
  std::string alternative; ///< as OpenSSL's configuration files write it; empty: none
  std::string constraints = "critical,CA:FALSE";
  std::string usage = "critical,digitalSignature";
  std::string extended_usage = "serverAuth,clientAuth";
  std::string policy; ///< of a critical extension that nobody knows; empty: none
  long version = X509_VERSION_3;
};

/// What an authority of this name would say of the node.
forgery honest(const node_id& id, const std::string& issuer);
byte_vector forge(const forgery& f, EVP_PKEY* subject, EVP_PKEY* signing_key);

/// The message of a failure: one line, not without end, and OpenSSL's queue is empty.
template <class T, class E>
std::string why(const tl::expected<T, E>& outcome) {
  CHECK(ERR_peek_error() == 0);
  REQUIRE_FALSE(outcome.has_value());
  const auto& message = outcome.error().message;
  CAPTURE(message);
  CHECK(message.find('\n') == std::string::npos);
  CHECK(message.size() < 500);
  return message;
}

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace dci::test
