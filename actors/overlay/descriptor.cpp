#include "actors/overlay/descriptor.hpp"

#include "net/address.hpp"
#include "net/wire/codec.hpp"

namespace dci {

template <>
struct wire::codec<layer_span> {
  static void write(packer& out, const layer_span& v) {
    out.pack_array(2);
    codec<std::uint32_t>::write(out, v.first);
    codec<std::uint32_t>::write(out, v.last);
  }
  static outcome read(const msgpack::object& in, layer_span& out) {
    if (auto wrong = read_list(in, 2))
      return wrong;
    if (auto wrong = codec<std::uint32_t>::read(in.via.array.ptr[0], out.first))
      return wrong;
    return codec<std::uint32_t>::read(in.via.array.ptr[1], out.last);
  }
};

namespace {

result check_host(const std::string& host, const char* field) {
  if (host.empty())
    return {};
  if (const auto read = parse_address(host); !read)
    return fail(errc::bad_message, std::string{field} + ": " + read.error().message);
  return {};
}

result check_layers(const layer_span& layers) {
  if (layers.first >= layers.last)
    return fail(errc::bad_message, "layers: no range of blocks");
  return {};
}

result check_count(std::size_t count) {
  if (count > most_held)
    return fail(errc::bad_message, "layers: more than " + std::to_string(most_held) + " ranges");
  return {};
}

} // namespace

byte_vector pack_descriptor(const node_descriptor& descriptor) {
  return wire::pack(descriptor);
}

byte_vector pack_holding(const model_holding& holding) {
  return wire::pack(holding);
}

expected<node_descriptor> unpack_descriptor(byte_view bytes) {
  DCI_ASSIGN(auto out, wire::unpack<node_descriptor>(bytes, node_descriptor::type_name));
  DCI_TRY(check_host(out.address, "address"));
  DCI_TRY(check_host(out.host, "host"));
  DCI_TRY(check_host(out.frames, "frames"));
  for (const auto wrong : {fault_of(out.device), fault_of(out.policy)})
    if (!wrong.empty())
      return fail(errc::bad_message, "device: " + std::string{wrong});
  DCI_TRY(check_count(out.held.size()));
  for (const auto& one : out.held) {
    if (const auto model = parse_node_id(one.model); !model)
      return fail(errc::bad_message, "held: a model's fingerprint has 64 digits");
    DCI_TRY(check_layers(one.layers));
  }
  return out;
}

expected<model_holding> unpack_holding(byte_view bytes) {
  DCI_ASSIGN(auto out, wire::unpack<model_holding>(bytes, model_holding::type_name));
  DCI_TRY(check_host(out.host, "host"));
  DCI_TRY(check_count(out.layers.size()));
  for (const auto& one : out.layers)
    DCI_TRY(check_layers(one));
  return out;
}

} // namespace dci
