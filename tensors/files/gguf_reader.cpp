#include "tensors/files/gguf_reader.hpp"

#include <bit>

namespace dci {

static_assert(std::endian::native == std::endian::little);

tl::unexpected<error> gguf_reader::refuse(const std::string& reason, errc code) const {
  return fail(code, label_ + ": " + place_ + ": " + reason);
}

expected<std::span<const std::byte>> gguf_reader::take(std::uint64_t count) {
  if (count > left())
    return refuse("truncated: needs " + std::to_string(count) + " bytes at byte " +
                  std::to_string(position_) + ", but the file has " +
                  std::to_string(bytes_.size()));
  const auto out = bytes_.subspan(position_, count);
  position_ += count;
  return out;
}

expected<std::string_view> gguf_reader::text(std::uint64_t longest) {
  DCI_ASSIGN(const auto length, number<std::uint64_t>());
  if (length > longest && length <= left())
    return refuse("a text of " + std::to_string(length) + " bytes, more than the limit of " +
                  std::to_string(longest));
  DCI_ASSIGN(const auto bytes, take(length));
  return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

result gguf_reader::expect(std::uint64_t count, std::uint64_t least_bytes,
                           std::string_view things) const {
  if (count <= left() / least_bytes)
    return {};
  return refuse("claims " + std::to_string(count) + " " + std::string(things) +
                ", more than the file's " + std::to_string(bytes_.size()) + " bytes can hold");
}

} // namespace dci
