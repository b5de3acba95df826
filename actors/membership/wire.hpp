// Members' messages as bytes, and their signatures.
#pragma once

#include <span>
#include <vector>

#include "actors/membership/swim.hpp"
#include "net/identity/node_key.hpp"

namespace dci {

std::vector<std::uint8_t> pack_message(const membership_message& message);
/// Errors: bad_message, naming the field.
expected<membership_message> unpack_message(std::span<const std::uint8_t> bytes);

/// Signs with a node's key. What is signed is the packed struct without its signature.
class key_seal : public member_seal {
 public:
  /// key must outlive it.
  explicit key_seal(const node_key& key) : key_(&key) {
  }
  void sign(presence& p) const override;
  void sign(suspicion& s) const override;
  bool holds(const presence& p) const override;
  bool holds(const suspicion& s) const override;

 private:
  const node_key* key_;
};

} // namespace dci
