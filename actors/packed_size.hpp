// How long a message is in a frame, without packing it: an array of its fields, as msgpack has
// them.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "net/endpoint.hpp"
#include "net/wire/padding.hpp"
#include "runtime/base/node_id.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

constexpr std::size_t packed_size(std::unsigned_integral auto number) {
  return number < 128           ? 1
         : number <= 0xff       ? 2
         : number <= 0xffff     ? 3
         : number <= 0xffffffff ? 5
                                : 9;
}
constexpr std::size_t packed_size(bool) {
  return 1;
}
constexpr std::size_t packed_size(float) {
  return 5;
}
constexpr std::size_t packed_size(double) {
  return 9;
}
template <std::size_t Size>
constexpr std::size_t packed_size(const std::array<std::uint8_t, Size>&) {
  return 2 + Size;
}
template <std::size_t Size>
constexpr std::size_t packed_size(const std::array<float, Size>&) {
  return 1 + 5 * Size;
}
constexpr std::size_t packed_size(const node_id&) {
  return 2 + node_id::size;
}
/// IPv4 goes as its four bytes.
constexpr std::size_t packed_size(const endpoint& e) {
  bool v4 = e.ip[10] == 0xff && e.ip[11] == 0xff;
  for (std::size_t i = 0; i < 10; ++i)
    v4 = v4 && e.ip[i] == 0;
  return 1 + 2 + (v4 ? 4 : 16) + packed_size(e.port);
}

/// An enum goes as its number.
template <class E>
requires std::is_enum_v<E>
constexpr std::size_t packed_size(E value) {
  return packed_size(static_cast<std::underlying_type_t<E>>(value));
}

constexpr std::size_t packed_size(const std::vector<std::uint8_t>& bytes) {
  return (bytes.size() <= 0xff ? 2 : bytes.size() <= 0xffff ? 3 : 5) + bytes.size();
}

inline std::size_t packed_size(const std::string& text) {
  const auto size = text.size();
  return (size < 32 ? 1 : size <= 0xff ? 2 : size <= 0xffff ? 3 : 5) + size;
}

constexpr std::size_t packed_size(padding p) {
  return (p.bytes <= 0xff ? 2 : 3) + p.bytes;
}

template <reflected T>
constexpr std::size_t packed_size(const T& message);

/// What is held by pointer goes as what it points to.
template <class T>
constexpr std::size_t packed_size(const std::shared_ptr<const T>& item) {
  return packed_size(*item);
}

template <class T>
constexpr std::size_t packed_size(const std::vector<T>& list) {
  std::size_t bytes = list.size() < 16 ? 1 : 3;
  for (const auto& one : list)
    bytes += packed_size(one);
  return bytes;
}

template <reflected T>
constexpr std::size_t packed_size(const T& message) {
  std::size_t bytes = 1;
  for_each_field<T>([&](const auto& field) { bytes += packed_size(message.*(field.member)); });
  return bytes;
}

/// A list of the number that says which it is, and of that.
template <class... T>
constexpr std::size_t packed_size(const std::variant<T...>& message) {
  return 2 + std::visit([](const auto& m) { return packed_size(m); }, message);
}

} // namespace dci
