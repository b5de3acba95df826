// A node as others know it.
#pragma once

#include <tuple>

#include "net/endpoint.hpp"
#include "runtime/base/node_id.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

/// A node and where it is reached.
struct contact {
  node_id id;
  endpoint where;

  static constexpr std::string_view type_name = "contact";
  static constexpr auto fields() {
    return std::tuple{required("id", &contact::id, "who"),
                      required("where", &contact::where, "where its frames go")};
  }
  friend bool operator==(const contact&, const contact&) = default;
};

} // namespace dci
