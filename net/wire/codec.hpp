// Structs as msgpack bytes, derived from their field lists: a struct is an array of its fields in
// order, a variant an array of its index and its value. What is read has been checked: types,
// ranges, lengths, and numbers that are not finite.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#ifndef MSGPACK_NO_BOOST
#define MSGPACK_NO_BOOST
#endif
#include <msgpack.hpp>

#include "net/contact.hpp"
#include "net/wire/padding.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/node_id.hpp"
#include "runtime/base/reflect.hpp"

namespace dci::wire {

/// Where msgpack writes.
struct byte_sink {
  std::vector<std::uint8_t> bytes;
  void write(const char* from, std::size_t count) {
    bytes.insert(bytes.end(), from, from + count);
  }
};
struct packer : msgpack::packer<byte_sink> {
  explicit packer(byte_sink& to) : msgpack::packer<byte_sink>(to), sink(&to) {
  }
  byte_sink* sink;
};

/// What is wrong with bytes that came, and with which field: "tidings/2/node".
struct fault {
  std::string path, message;
};
using outcome = std::optional<fault>;

/// How one type is written and read. Specialise for a type that is not reflected.
template <class T>
struct codec;

/// Puts the name of a field, or a place in a list, before where it went wrong.
outcome inside(const std::string& name, outcome wrong);
/// "must be a list of 3, not ...".
outcome wrong_kind(const msgpack::object& value, const std::string& wanted);
/// So many bytes, or a fault.
outcome read_bytes(const msgpack::object& value, std::span<std::uint8_t> out);
void write_bytes(packer& out, std::span<const std::uint8_t> bytes);
/// msgpack's own packer makes integers of numbers like 2.0, which would not keep -0.0.
void write_number(packer& out, float number);
void write_number(packer& out, double number);
/// A list of exactly so many.
outcome read_list(const msgpack::object& value, std::size_t size);
/// A tree of what the bytes say, not yet looked at. Errors: bad_message for what is no msgpack, for
/// bytes behind it, and for trees deeper than any message.
expected<msgpack::object_handle> parse(std::span<const std::uint8_t> bytes);
error to_error(const fault& wrong, std::string_view type);

template <>
struct codec<bool> {
  static void write(packer& out, bool v) {
    v ? out.pack_true() : out.pack_false();
  }
  static outcome read(const msgpack::object& in, bool& out) {
    if (in.type != msgpack::type::BOOLEAN)
      return wrong_kind(in, "true or false");
    out = in.via.boolean;
    return {};
  }
};

template <class T>
requires(std::is_unsigned_v<T> && !std::is_same_v<T, bool>) struct codec<T> {
  static void write(packer& out, T v) {
    out.pack(std::uint64_t{v});
  }
  static outcome read(const msgpack::object& in, T& out) {
    if (in.type != msgpack::type::POSITIVE_INTEGER || !std::in_range<T>(in.via.u64))
      return wrong_kind(in, "an integer from 0 to " + std::to_string(T(-1)));
    out = static_cast<T>(in.via.u64);
    return {};
  }
};

template <class T>
requires(std::is_integral_v<T>&& std::is_signed_v<T>) struct codec<T> {
  static void write(packer& out, T v) {
    out.pack(std::int64_t{v});
  }
  static outcome read(const msgpack::object& in, T& out) {
    const bool is_fit =
        (in.type == msgpack::type::POSITIVE_INTEGER && std::in_range<T>(in.via.u64)) ||
        (in.type == msgpack::type::NEGATIVE_INTEGER && std::in_range<T>(in.via.i64));
    if (!is_fit)
      return wrong_kind(in, "an integer of " + std::to_string(8 * sizeof(T)) + " bits");
    out = static_cast<T>(in.type == msgpack::type::NEGATIVE_INTEGER
                             ? in.via.i64
                             : static_cast<std::int64_t>(in.via.u64));
    return {};
  }
};

/// As its number. What has no name is none of its values.
template <class T>
requires std::is_enum_v<T>
struct codec<T> {
  static void write(packer& out, T v) {
    out.pack(std::uint64_t{static_cast<std::underlying_type_t<T>>(v)});
  }
  static outcome read(const msgpack::object& in, T& out) {
    std::underlying_type_t<T> number{};
    if (auto wrong = codec<std::underlying_type_t<T>>::read(in, number))
      return wrong;
    out = static_cast<T>(number);
    if (to_string(out) == "unknown")
      return fault{"", "kind " + std::to_string(number) + " is unknown"};
    return {};
  }
};

template <class Tag, class Int>
struct codec<strong_id<Tag, Int>> {
  static void write(packer& out, strong_id<Tag, Int> v) {
    codec<Int>::write(out, v.value);
  }
  static outcome read(const msgpack::object& in, strong_id<Tag, Int>& out) {
    return codec<Int>::read(in, out.value);
  }
};

template <class T>
requires std::is_floating_point_v<T>
struct codec<T> {
  static void write(packer& out, T v) {
    write_number(out, v);
  }
  static outcome read(const msgpack::object& in, T& out) {
    const auto wanted = std::is_same_v<T, float> ? msgpack::type::FLOAT32 : msgpack::type::FLOAT64;
    if (in.type != wanted || !std::isfinite(in.via.f64))
      return wrong_kind(in, "a finite number");
    out = static_cast<T>(in.via.f64);
    return {};
  }
};

template <>
struct codec<std::string> {
  static void write(packer& out, const std::string& v) {
    out.pack(v);
  }
  static outcome read(const msgpack::object& in, std::string& out) {
    if (in.type != msgpack::type::STR)
      return wrong_kind(in, "a text");
    out.assign(in.via.str.ptr, in.via.str.size);
    return {};
  }
};

template <std::size_t Size>
struct codec<std::array<std::uint8_t, Size>> {
  static void write(packer& out, const std::array<std::uint8_t, Size>& v) {
    write_bytes(out, v);
  }
  static outcome read(const msgpack::object& in, std::array<std::uint8_t, Size>& out) {
    return read_bytes(in, out);
  }
};

/// Bytes of any length; the frame bounds it.
template <>
struct codec<std::vector<std::uint8_t>> {
  static void write(packer& out, const std::vector<std::uint8_t>& v) {
    write_bytes(out, v);
  }
  static outcome read(const msgpack::object& in, std::vector<std::uint8_t>& out) {
    if (in.type != msgpack::type::BIN)
      return wrong_kind(in, "bytes");
    out.assign(in.via.bin.ptr, in.via.bin.ptr + in.via.bin.size);
    return {};
  }
};

template <std::size_t Size>
struct codec<std::array<float, Size>> {
  static void write(packer& out, const std::array<float, Size>& v) {
    out.pack_array(Size);
    for (const auto one : v)
      write_number(out, one);
  }
  static outcome read(const msgpack::object& in, std::array<float, Size>& out) {
    auto wrong = read_list(in, Size);
    for (std::size_t i = 0; !wrong && i < Size; ++i)
      if ((wrong = codec<float>::read(in.via.array.ptr[i], out[i])))
        wrong = inside(std::to_string(i), std::move(wrong));
    return wrong;
  }
};

template <>
struct codec<node_id> {
  static void write(packer& out, const node_id& v) {
    write_bytes(out, v.bytes);
  }
  static outcome read(const msgpack::object& in, node_id& out) {
    return read_bytes(in, out.bytes);
  }
};

/// An IPv4 address as its four bytes.
template <>
struct codec<endpoint> {
  static void write(packer& out, const endpoint& v);
  static outcome read(const msgpack::object& in, endpoint& out);
};

template <>
struct codec<padding> {
  static void write(packer& out, padding v);
  static outcome read(const msgpack::object& in, padding& out);
};

template <class T>
struct codec<std::vector<T>> {
  static void write(packer& out, const std::vector<T>& v) {
    out.pack_array(static_cast<std::uint32_t>(v.size()));
    for (const auto& one : v)
      codec<T>::write(out, one);
  }
  static outcome read(const msgpack::object& in, std::vector<T>& out) {
    if (in.type != msgpack::type::ARRAY)
      return wrong_kind(in, "a list");
    out.clear();
    for (std::uint32_t i = 0; i < in.via.array.size; ++i)
      if (auto wrong = codec<T>::read(in.via.array.ptr[i], out.emplace_back()))
        return inside(std::to_string(i), std::move(wrong));
    return {};
  }
};

/// What is held by pointer goes as what it points to.
template <class T>
struct codec<std::shared_ptr<const T>> {
  static void write(packer& out, const std::shared_ptr<const T>& v) {
    codec<T>::write(out, *v);
  }
  static outcome read(const msgpack::object& in, std::shared_ptr<const T>& out) {
    auto made = std::make_shared<T>();
    auto wrong = codec<T>::read(in, *made);
    out = std::move(made);
    return wrong;
  }
};

template <class... T>
struct codec<std::variant<T...>> {
  using variant = std::variant<T...>;
  static void write(packer& out, const variant& v) {
    out.pack_array(2);
    out.pack(std::uint64_t{v.index()});
    std::visit([&]<class One>(const One& one) { codec<One>::write(out, one); }, v);
  }
  static outcome read(const msgpack::object& in, variant& out) {
    if (auto wrong = read_list(in, 2))
      return wrong;
    std::uint8_t index = 0;
    if (auto wrong = codec<std::uint8_t>::read(in.via.array.ptr[0], index))
      return inside("0", std::move(wrong));
    if (index >= sizeof...(T))
      return fault{"0", "kind " + std::to_string(index) + " is unknown"};
    return read_one(in.via.array.ptr[1], index, out, std::index_sequence_for<T...>{});
  }

 private:
  template <std::size_t... Index>
  static outcome read_one(const msgpack::object& in, std::size_t index, variant& out,
                          std::index_sequence<Index...>) {
    outcome wrong;
    const auto attempt = [&]<std::size_t I>() {
      wrong = codec<std::variant_alternative_t<I, variant>>::read(in, out.template emplace<I>());
    };
    ((index == Index ? attempt.template operator()<Index>() : void()), ...);
    return wrong;
  }
};

template <reflected T>
struct codec<T> {
  static void write(packer& out, const T& v) {
    out.pack_array(field_count<T>);
    for_each_field<T>(
        [&]<class F>(const F& f) { codec<typename F::member_type>::write(out, v.*(f.member)); });
  }
  static outcome read(const msgpack::object& in, T& out) {
    auto wrong = read_list(in, field_count<T>);
    std::uint32_t next = 0;
    for_each_field<T>([&]<class F>(const F& f) {
      if (wrong)
        return;
      wrong = codec<typename F::member_type>::read(in.via.array.ptr[next++], out.*(f.member));
      if (wrong)
        wrong = inside(std::string{f.name}, std::move(wrong));
    });
    return wrong;
  }
};

template <class T>
std::vector<std::uint8_t> pack(const T& value) {
  byte_sink sink;
  packer out(sink);
  codec<T>::write(out, value);
  return std::move(sink.bytes);
}

/// `type` stands in messages. Errors: bad_message, naming the field.
template <class T>
expected<T> unpack(std::span<const std::uint8_t> bytes, std::string_view type) {
  DCI_ASSIGN(const auto tree, parse(bytes));
  T out{};
  if (const auto wrong = codec<T>::read(tree.get(), out))
    return fail(to_error(*wrong, type));
  return out;
}

} // namespace dci::wire
