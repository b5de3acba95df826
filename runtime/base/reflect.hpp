// One declaration per message or settings struct, from which CAF's inspect,
// JSON, the console's Lua tables and the documentation tables are derived:
//
//   struct greet_request {
//     std::string name;
//     static constexpr std::string_view type_name = "greet_request";
//     static constexpr auto fields() {
//       return std::tuple{required("name", &greet_request::name, "whom to greet")};
//     }
//   };
#pragma once

#include <string_view>
#include <tuple>
#include <utility>

namespace dci {

/// One member: its public name, where it is, whether input must have it (the
/// struct's own initialiser is the default otherwise), and what it means.
template <class Class, class Member>
struct field_info {
  using member_type = Member;
  std::string_view name;
  Member Class::*member;
  bool is_required;
  std::string_view doc;
};

template <class Class, class Member>
constexpr field_info<Class, Member> required(std::string_view name, Member Class::*member,
                                             std::string_view doc) {
  return {name, member, true, doc};
}

template <class Class, class Member>
constexpr field_info<Class, Member> field(std::string_view name, Member Class::*member,
                                          std::string_view doc) {
  return {name, member, false, doc};
}

template <class T>
concept reflected = requires {
  std::string_view{T::type_name};
  T::fields();
};

/// Calls f(field_info) for each field in order.
template <reflected T, class F>
constexpr void for_each_field(F&& f) {
  std::apply([&](const auto&... fields) { (f(fields), ...); }, T::fields());
}

template <reflected T>
constexpr std::size_t field_count = std::tuple_size_v<decltype(T::fields())>;

} // namespace dci
