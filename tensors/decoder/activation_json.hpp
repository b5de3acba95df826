// An activation in reports for people: its shape.
#pragma once

#include "runtime/base/json_codec.hpp"
#include "tensors/decoder/activation.hpp"

namespace dci {

template <>
struct json_codec<activation> {
  static constexpr std::string_view kind = "a matrix";
  static json encode(const activation& v) {
    return json::array({v.rows(), v.cols()});
  }
  static decode_outcome decode(const json&, activation&, const std::string& path) {
    return decode_error{path, "is a matrix that stages make and cannot be written by hand"};
  }
};

} // namespace dci
