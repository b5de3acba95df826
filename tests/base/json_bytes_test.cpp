#include <doctest/doctest.h>

#include "runtime/base/json_bytes.hpp"

namespace dci {
namespace {

struct parcel {
  std::array<std::uint8_t, 2> mark{};
  std::vector<std::vector<std::uint8_t>> pieces;

  static constexpr std::string_view type_name = "parcel";
  static constexpr auto fields() {
    return std::tuple{required("mark", &parcel::mark, "which"),
                      field("pieces", &parcel::pieces, "what")};
  }
  friend bool operator==(const parcel&, const parcel&) = default;
};

std::string refusal(const json& in) {
  parcel out;
  const auto wrong = from_json_value(in, out);
  return wrong ? wrong->path + " " + wrong->message : "";
}

TEST_CASE("bytes are hexadecimal digits in JSON, and are read back") {
  const parcel sent{{0x00, 0xfa}, {{1, 2, 3}, {}}};
  const auto written = to_json_value(sent);
  CHECK(written.dump() == R"({"mark":"00fa","pieces":["010203",""]})");
  parcel came;
  CHECK_FALSE(from_json_value(written, came));
  CHECK(came == sent);
}

TEST_CASE("other texts are no bytes") {
  const auto of_mark = [](const json& mark) { return refusal({{"mark", mark}}); };
  const std::string two = "/mark must be 4 hexadecimal digits 0 to 9 and a to f";
  CHECK(of_mark("00fa") == "");
  for (const auto* bad : {"", "00f", "00fa00", "00FA", "0g00", "-000"})
    CHECK(of_mark(bad) == two);
  CHECK(of_mark({0, 250}) == "/mark must be bytes as hexadecimal digits, not a list");
  const auto of_piece = [](const json& piece) {
    return refusal({{"mark", "0000"}, {"pieces", json::array({piece})}});
  };
  CHECK(of_piece("0") == "/pieces/0 must be hexadecimal digits 0 to 9 and a to f, two a byte");
  CHECK(of_piece("zz") == "/pieces/0 must be hexadecimal digits 0 to 9 and a to f, two a byte");
  CHECK(of_piece(7) == "/pieces/0 must be bytes as hexadecimal digits, not an integer");
}

} // namespace
} // namespace dci
