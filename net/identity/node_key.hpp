// The key pair that a node is known by. It signs what the node says and is the
// key of its TLS connections too.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <string_view>

#include "net/identity/bytes.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/node_id.hpp"

// OpenSSL's EVP_PKEY; its headers stay out of this one.
struct evp_pkey_st;

namespace dci {

/// An Ed25519 public key as RFC 8032 encodes it.
using public_key = std::array<std::uint8_t, 32>;
/// An Ed25519 signature: R, then S.
using key_signature = std::array<std::uint8_t, 64>;

/// The SHA-256 of the key's 32 bytes.
node_id id_of(const public_key& key);

/// An Ed25519 key pair. Nothing prints or copies the private half.
class node_key {
 public:
  /// From the system's random numbers. Errors: internal.
  static expected<node_key> generate();

  /// Reads an unencrypted PKCS#8 PEM text. Errors: bad_file, which begins with the
  /// place; unsupported when it is a key of another kind.
  static expected<node_key> parse(std::string_view place, std::string_view pem);

  /// Reads such a file, at most 64 KiB, open to nobody but us. Errors: bad_file,
  /// with what to do; unsupported.
  static expected<node_key> load(const std::filesystem::path& path);

  /// Writes a new file of mode 0600. Errors: already_exists; bad_file.
  result save(const std::filesystem::path& path) const;

  /// Errors: internal.
  expected<key_signature> sign(byte_view bytes) const;

  /// Whether the holder of the key has signed exactly these bytes.
  static bool verify(const public_key& key, byte_view bytes, byte_view signature);

  const public_key& public_half() const {
    return public_;
  }
  node_id id() const {
    return id_of(public_);
  }

  /// For TLS and for signing certificates; stays ours.
  evp_pkey_st* handle() const {
    return pair_.get();
  }

 private:
  struct free_pair {
    void operator()(evp_pkey_st* pair) const noexcept;
  };

  static expected<node_key> of(evp_pkey_st* pair);

  std::unique_ptr<evp_pkey_st, free_pair> pair_;
  public_key public_{};
};

} // namespace dci
