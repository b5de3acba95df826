#include "net/wire/codec.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace dci::wire {
namespace {

constexpr std::uint32_t deepest = 12;

std::string_view kind_of(const msgpack::object& value) {
  switch (value.type) {
    case msgpack::type::NIL:
      return "nothing";
    case msgpack::type::BOOLEAN:
      return "true or false";
    case msgpack::type::POSITIVE_INTEGER:
      return "a larger integer";
    case msgpack::type::NEGATIVE_INTEGER:
      return "a negative integer";
    case msgpack::type::FLOAT32:
    case msgpack::type::FLOAT64:
      return "such a number";
    case msgpack::type::STR:
      return "a text";
    case msgpack::type::BIN:
      return "so many bytes";
    case msgpack::type::ARRAY:
      return "such a list";
    default:
      return "something else";
  }
}

// The kind of number, then its bits, the most significant byte first.
template <class Bits>
void write_bits(packer& out, std::uint8_t kind, Bits bits) {
  out.sink->bytes.push_back(kind);
  for (int shift = 8 * (sizeof(Bits) - 1); shift >= 0; shift -= 8)
    out.sink->bytes.push_back(static_cast<std::uint8_t>(bits >> shift));
}

} // namespace

void write_number(packer& out, float number) {
  write_bits(out, 0xca, std::bit_cast<std::uint32_t>(number));
}
void write_number(packer& out, double number) {
  write_bits(out, 0xcb, std::bit_cast<std::uint64_t>(number));
}

outcome inside(const std::string& name, outcome wrong) {
  wrong->path = wrong->path.empty() ? name : name + "/" + wrong->path;
  return wrong;
}

outcome wrong_kind(const msgpack::object& value, const std::string& wanted) {
  return fault{"", "must be " + wanted + ", not " + std::string{kind_of(value)}};
}

outcome read_bytes(const msgpack::object& value, std::span<std::uint8_t> out) {
  if (value.type != msgpack::type::BIN || value.via.bin.size != out.size())
    return wrong_kind(value, std::to_string(out.size()) + " bytes");
  std::memcpy(out.data(), value.via.bin.ptr, out.size());
  return {};
}

void write_bytes(packer& out, std::span<const std::uint8_t> bytes) {
  out.pack_bin(static_cast<std::uint32_t>(bytes.size()));
  out.pack_bin_body(reinterpret_cast<const char*>(bytes.data()),
                    static_cast<std::uint32_t>(bytes.size()));
}

outcome read_list(const msgpack::object& value, std::size_t size) {
  if (value.type != msgpack::type::ARRAY || value.via.array.size != size)
    return wrong_kind(value, "a list of " + std::to_string(size));
  return {};
}

expected<msgpack::object_handle> parse(std::span<const std::uint8_t> bytes) {
  // Whatever a header claims, there can be no more of anything than there are bytes.
  const auto most = std::max<std::size_t>(bytes.size(), 1);
  const msgpack::unpack_limit limit(most, most, most, most, most, deepest);
  try {
    std::size_t used = 0;
    auto out = msgpack::unpack(reinterpret_cast<const char*>(bytes.data()), bytes.size(), used,
                               nullptr, nullptr, limit);
    if (used != bytes.size())
      return fail(errc::bad_message,
                  std::to_string(bytes.size() - used) + " bytes follow the end of a message");
    return out;
  } catch (const std::exception& e) { // also std::bad_alloc, for what a header claims
    return fail(errc::bad_message, std::string{"not a whole msgpack value: "} + e.what());
  }
}

error to_error(const fault& wrong, std::string_view type) {
  const auto place = wrong.path.empty() ? std::string{type} : std::string{type} + "/" + wrong.path;
  return {errc::bad_message, place + " " + wrong.message};
}

void codec<endpoint>::write(packer& out, const endpoint& v) {
  out.pack_array(2);
  const bool v4 = std::equal(v4_prefix.begin(), v4_prefix.end(), v.ip.begin());
  write_bytes(out, std::span(v.ip).subspan(v4 ? v4_prefix.size() : 0));
  codec<std::uint16_t>::write(out, v.port);
}

outcome codec<endpoint>::read(const msgpack::object& in, endpoint& out) {
  if (auto wrong = read_list(in, 2))
    return wrong;
  const auto& ip = in.via.array.ptr[0];
  if (ip.type == msgpack::type::BIN && ip.via.bin.size == 4) {
    std::ranges::copy(v4_prefix, out.ip.begin());
    std::memcpy(out.ip.data() + v4_prefix.size(), ip.via.bin.ptr, 4);
  } else if (auto wrong = read_bytes(ip, out.ip)) {
    return inside("0", std::move(wrong));
  }
  if (auto wrong = codec<std::uint16_t>::read(in.via.array.ptr[1], out.port))
    return inside("1", std::move(wrong));
  return {};
}

void codec<padding>::write(packer& out, padding v) {
  write_bytes(out, std::vector<std::uint8_t>(v.bytes));
}

outcome codec<padding>::read(const msgpack::object& in, padding& out) {
  if (in.type != msgpack::type::BIN)
    return wrong_kind(in, "bytes");
  out.bytes = in.via.bin.size;
  return {};
}

} // namespace dci::wire
