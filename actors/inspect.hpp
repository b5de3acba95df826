// How our structs travel through CAF: one generic inspect() made from the
// field list of a reflected struct, and the few types that have none.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <caf/error.hpp>
#include <caf/meta/load_callback.hpp>
#include <caf/meta/type_name.hpp>
#include <caf/sec.hpp>

#include "net/endpoint.hpp"
#include "net/frames/frame_contact.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/layers.hpp"
#include "runtime/base/node_id.hpp"
#include "runtime/base/reflect.hpp"
#include "tensors/decoder/activation.hpp"

namespace dci {

template <class Inspector, reflected T>
typename Inspector::result_type inspect(Inspector& f, T& x) {
  return std::apply(
      [&](const auto&... fields) {
        return f(caf::meta::type_name(T::type_name.data()), x.*(fields.member)...);
      },
      T::fields());
}

template <class Inspector, class Tag, class Int>
typename Inspector::result_type inspect(Inspector& f, strong_id<Tag, Int>& x) {
  return f(x.value);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, node_id& x) {
  return f(caf::meta::type_name("node_id"), x.bytes);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, endpoint& x) {
  return f(caf::meta::type_name("endpoint"), x.ip, x.port);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, layer_span& x) {
  return f(caf::meta::type_name("layer_span"), x.first, x.last);
}

/// Bytes on the wire. CAF would make room for as many as the sender claims; this
/// makes room for as many as have come.
struct wire_bytes {
  std::vector<std::uint8_t> bytes;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, wire_bytes& x) {
  if constexpr (Inspector::reads_state) {
    return f(x.bytes);
  } else {
    constexpr std::size_t piece = 1024 * 1024;
    std::size_t size = 0;
    if (auto e = f.begin_sequence(size))
      return e;
    while (x.bytes.size() < size) {
      const auto held = x.bytes.size();
      const auto more = std::min(size - held, piece);
      x.bytes.resize(held + more);
      if (auto e = f.apply_raw(more, x.bytes.data() + held))
        return e;
    }
    return f.end_sequence();
  }
}

/// As msgpack, whose lists are as long as the bytes that came.
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, frame_contact& x) {
  wire_bytes packed;
  if constexpr (Inspector::reads_state) {
    packed.bytes = pack_contact(x);
    return f(caf::meta::type_name("frame_contact"), packed);
  } else {
    auto load = [&]() -> typename Inspector::result_type {
      auto read = unpack_contact(packed.bytes);
      if (!read)
        return caf::sec::invalid_argument;
      x = std::move(*read);
      return {};
    };
    return f(caf::meta::type_name("frame_contact"), packed, caf::meta::load_callback(load));
  }
}

/// Crosses a process border as its shape and bytes; inside a process nothing
/// is inspected and the handle itself is passed on.
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, activation& x) {
  std::uint32_t rows = x.rows();
  std::uint32_t cols = x.cols();
  if constexpr (Inspector::reads_state) {
    wire_bytes bytes{x.to_bytes()};
    return f(caf::meta::type_name("activation"), rows, cols, bytes);
  } else {
    wire_bytes bytes;
    auto load = [&]() -> typename Inspector::result_type {
      auto made = activation::from_bytes(rows, cols, std::move(bytes.bytes));
      if (!made)
        return caf::sec::invalid_argument;
      x = std::move(*made);
      return {};
    };
    return f(caf::meta::type_name("activation"), rows, cols, bytes, caf::meta::load_callback(load));
  }
}

} // namespace dci
