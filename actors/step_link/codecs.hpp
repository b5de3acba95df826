// What CAF's messages hold and frames do not, in msgpack: nothing.
#pragma once

#include "net/wire/codec.hpp"
#include "tensors/decoder/activation.hpp"

namespace dci::wire {

template <class T>
struct nothing_codec {
  static void write(packer& out, const T&) {
    out.pack_nil();
  }
  static outcome read(const msgpack::object& in, T&) {
    if (in.type != msgpack::type::NIL)
      return wrong_kind(in, "nothing");
    return {};
  }
};

/// The numbers of a matrix stand behind the header, where they travel at all.
template <>
struct codec<activation> : nothing_codec<activation> {};

} // namespace dci::wire
