// What a node publishes of itself under its own id, and of a model's layers that it holds under the
// model's fingerprint. The record around it is signed by the node's key.
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "actors/device_profiler/figures.hpp"
#include "net/frames/frame_contact.hpp"
#include "runtime/base/layers.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

/// Ranges that a holding, or a descriptor, has at most. A node says so many of itself that a record
/// holds them.
inline constexpr std::size_t most_held = 8;
inline constexpr std::size_t most_in_descriptor = 5;

/// Loaded layers of a model.
struct held_layers {
  std::string model;
  layer_span layers;

  static constexpr std::string_view type_name = "held_layers";
  static constexpr auto fields() {
    return std::tuple{required("model", &held_layers::model, "its fingerprint"),
                      required("layers", &held_layers::layers, "blocks [first, last)")};
  }
};

struct node_descriptor {
  std::string address;
  std::string host;
  std::string frames;
  curve_key curve{};
  device_figures device;
  owner_policy policy;
  std::vector<held_layers> held;

  static constexpr std::string_view type_name = "node_descriptor";
  static constexpr auto fields() {
    using self = node_descriptor;
    return std::tuple{
        required("address", &self::address, "where its datagrams go"),
        required("host", &self::host, "where its host is dialled; empty: nowhere"),
        required("frames", &self::frames, "where it hears ZeroMQ; empty: nowhere yet"),
        required("curve", &self::curve, "its CURVE key there; zeros: none yet"),
        required("device", &self::device, "what it can do"),
        required("policy", &self::policy, "what its owner lets it do"),
        required("held", &self::held, "layers that it has loaded")};
  }
};

/// Under the fingerprint of a model.
struct model_holding {
  std::string host;
  std::vector<layer_span> layers;

  static constexpr std::string_view type_name = "model_holding";
  static constexpr auto fields() {
    using self = model_holding;
    return std::tuple{required("host", &self::host, "where the node's host is dialled"),
                      required("layers", &self::layers, "blocks [first, last)")};
  }
};

byte_vector pack_descriptor(const node_descriptor& descriptor);
byte_vector pack_holding(const model_holding& holding);
/// Errors: bad_message, naming the field, also for addresses that are none and lists that are too
/// long.
expected<node_descriptor> unpack_descriptor(byte_view bytes);
expected<model_holding> unpack_holding(byte_view bytes);

} // namespace dci
