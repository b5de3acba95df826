// How authorities' revocation lists reach everybody. Each message is one datagram.
#pragma once

#include <cstdint>
#include <tuple>
#include <variant>
#include <vector>

#include "net/identity/bytes.hpp"
#include "runtime/base/node_id.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

struct list_name {
  node_id root;
  std::uint64_t number = 0;

  static constexpr std::string_view type_name = "list_name";
  static constexpr auto fields() {
    return std::tuple{required("root", &list_name::root, "of the authority's key"),
                      required("number", &list_name::number, "higher in a newer list")};
  }
  friend bool operator==(const list_name&, const list_name&) = default;
};

/// The newest lists that the sender holds.
struct lists_offer {
  std::vector<list_name> names;

  static constexpr std::string_view type_name = "lists_offer";
  static constexpr auto fields() {
    return std::tuple{required("names", &lists_offer::names, "one of each authority at most")};
  }
};

struct list_request {
  list_name which;
  std::uint32_t offset = 0;

  static constexpr std::string_view type_name = "list_request";
  static constexpr auto fields() {
    return std::tuple{required("which", &list_request::which, "as it was offered"),
                      required("offset", &list_request::offset, "bytes that are there already")};
  }
};

struct list_piece {
  list_name which;
  std::uint32_t offset = 0;
  std::uint32_t total = 0;
  byte_vector bytes;

  static constexpr std::string_view type_name = "list_piece";
  static constexpr auto fields() {
    using self = list_piece;
    return std::tuple{required("which", &self::which, "the list"),
                      required("offset", &self::offset, "of the first of these bytes"),
                      required("total", &self::total, "bytes of the whole list"),
                      required("bytes", &self::bytes, "X.509 CRL, as DER")};
  }
};

using revocation_message = std::variant<lists_offer, list_request, list_piece>;

} // namespace dci
