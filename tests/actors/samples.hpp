// Message values in which every member differs from its default and from every
// other one, and their comparison; both by the declarations, not the field lists.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "actors/protocols.hpp"
#include "tests/actors/members.hpp"

namespace dci::test {

class sample_maker {
 public:
  explicit sample_maker(actor_ref actor) : actor_(std::move(actor)) {
  }

  void fill(bool& x) {
    x = true;
  }
  void fill(std::string& x) {
    x = "text " + std::to_string(++count_);
  }
  void fill(layer_span& x) {
    x.first = static_cast<std::uint32_t>(++count_);
    x.last = static_cast<std::uint32_t>(++count_);
  }
  void fill(node_id& x) {
    x.bytes.fill(static_cast<std::uint8_t>(++count_));
  }
  void fill(endpoint& x) {
    x.ip.fill(static_cast<std::uint8_t>(++count_));
    fill(x.port);
  }
  void fill(activation& x) {
    const auto base = static_cast<float>(++count_);
    x = activation::own(2, 3, {base, -base, 0.5f, 1e30f, -0.0f, base + 0.25f});
  }
  void fill(actor_ref& x) {
    x = actor_;
  }
  template <class Tag, class Int>
  void fill(strong_id<Tag, Int>& x) {
    fill(x.value);
  }
  template <class T, std::size_t Size>
  void fill(std::array<T, Size>& x) {
    for (auto& item : x)
      fill(item);
  }
  template <class T>
  void fill(std::vector<T>& x) {
    x.resize(3);
    for (auto& item : x)
      fill(item);
  }
  template <class T>
  requires std::is_arithmetic_v<T>
  void fill(T& x) {
    // Large where it can be, so that a narrowed number shows.
    x = static_cast<T>(++count_ + (sizeof(T) >= 8 ? 1e12 : 0) +
                       (std::is_floating_point_v<T> ? 0.25 : 0));
  }
  template <class T>
  requires std::is_enum_v<T>
  void fill(T& x) {
    x = static_cast<T>(++count_ % 5 + 1);
  }
  template <class... T>
  void fill(std::variant<T...>& x) {
    using last = std::variant_alternative_t<sizeof...(T) - 1, std::variant<T...>>;
    fill(x.template emplace<last>());
  }
  template <reflected T>
  void fill(T& x) {
    std::apply([&](auto&... member) { (fill(member), ...); }, members(x));
  }

 private:
  actor_ref actor_;
  std::uint64_t count_ = 0;
};

inline bool same(const activation& a, const activation& b) {
  return a.rows() == b.rows() && a.cols() == b.cols() && std::ranges::equal(a.values(), b.values());
}

template <class T>
requires(!reflected<T>) bool same(const T& a, const T& b) {
  return a == b;
}

template <reflected T>
bool same(const T& a, const T& b);

template <class... T>
bool same(const std::variant<T...>& a, const std::variant<T...>& b) {
  return a.index() == b.index() &&
         std::visit([&]<class M>(const M& m) { return same(m, std::get<M>(b)); }, a);
}

template <reflected T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
  return std::ranges::equal(a, b, [](const T& x, const T& y) { return same(x, y); });
}

template <reflected T>
bool same(const T& a, const T& b) {
  const auto left = members(a);
  const auto right = members(b);
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return (same(std::get<I>(left), std::get<I>(right)) && ...);
  }
  (std::make_index_sequence<std::tuple_size_v<decltype(left)>>{});
}

} // namespace dci::test
