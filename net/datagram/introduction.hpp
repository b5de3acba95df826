// How a node shows who vouches for it.
#pragma once

#include <tuple>
#include <variant>
#include <vector>

#include "net/identity/bytes.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

struct shown_certificates {
  std::vector<byte_vector> certificates;

  static constexpr std::string_view type_name = "shown_certificates";
  static constexpr auto fields() {
    return std::tuple{required("certificates", &shown_certificates::certificates, "X.509, as DER")};
  }
};

struct certificates_wanted {
  static constexpr std::string_view type_name = "certificates_wanted";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

using introduction_message = std::variant<shown_certificates, certificates_wanted>;

byte_vector pack_introduction(const introduction_message& message);
/// Errors: bad_message, naming the field.
expected<introduction_message> unpack_introduction(byte_view bytes);

} // namespace dci
