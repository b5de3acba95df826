// Reading the parts of a GGUF file one after the other, never beyond its end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "runtime/base/error.hpp"

namespace dci {

/// Every error is bad_file, "FILE: PLACE: reason".
class gguf_reader {
 public:
  /// label: the file's name in messages.
  gguf_reader(std::string label, std::span<const std::byte> bytes)
      : label_(std::move(label)), bytes_(bytes), place_("header") {
  }

  /// Names what is read from now on.
  void enter(std::string place) {
    place_ = std::move(place);
  }
  std::uint64_t position() const {
    return position_;
  }
  std::uint64_t left() const {
    return bytes_.size() - position_;
  }

  tl::unexpected<error> refuse(const std::string& reason, errc code = errc::bad_file) const;

  expected<std::span<const std::byte>> take(std::uint64_t count);
  /// Little-endian, as the machine is.
  template <class T>
  expected<T> number() {
    DCI_ASSIGN(const auto bytes, take(sizeof(T)));
    T out;
    std::memcpy(&out, bytes.data(), sizeof out);
    return out;
  }
  /// A length and so many bytes.
  expected<std::string_view> text(std::uint64_t longest);
  /// Fails when so many things, each of at least so many bytes, cannot follow.
  result expect(std::uint64_t count, std::uint64_t least_bytes, std::string_view things) const;

 private:
  std::string label_;
  std::span<const std::byte> bytes_;
  std::uint64_t position_ = 0;
  std::string place_;
};

} // namespace dci
