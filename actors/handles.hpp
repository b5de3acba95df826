// An actor as a message field.
#pragma once

#include <caf/actor_control_block.hpp>

#include "runtime/base/json_codec.hpp"

namespace dci {

/// Any actor, here or on another host. The receiver casts it to the interface
/// it expects; a wrong one answers "unexpected message".
using actor_ref = caf::strong_actor_ptr;

template <>
struct json_codec<actor_ref> {
  static constexpr std::string_view kind = "an actor";
  static json encode(const actor_ref& v) {
    return v ? json(caf::to_string(v)) : json(nullptr);
  }
  static decode_outcome decode(const json&, actor_ref&, const std::string& path) {
    return decode_error{path, "is an actor handle and cannot be written by hand"};
  }
};

} // namespace dci
