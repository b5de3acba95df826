// The overlay's messages as bytes, and the signatures of records.
#pragma once

#include <span>
#include <vector>

#include "actors/overlay/messages.hpp"
#include "actors/overlay/record_shelf.hpp"
#include "net/identity/node_key.hpp"
#include "runtime/base/error.hpp"

namespace dci {

std::vector<std::uint8_t> pack_overlay(const overlay_message& message);
/// Errors: bad_message, naming the field.
expected<overlay_message> unpack_overlay(std::span<const std::uint8_t> bytes);

/// Signs with a node's key. What is signed is the packed struct without its signature.
class key_record_seal : public record_seal {
 public:
  /// key must outlive it.
  explicit key_record_seal(const node_key& key) : key_(&key) {
  }
  void sign(overlay_record& r) const override;
  void sign(record_redirect& r) const override;
  bool holds(const overlay_record& r) const override;
  bool holds(const record_redirect& r) const override;

 private:
  const node_key* key_;
};

} // namespace dci
