#include <doctest/doctest.h>

#include "runtime/base/ids.hpp"
#include "runtime/base/layers.hpp"
#include "runtime/base/units.hpp"

namespace dci {
namespace {

TEST_CASE("sizes as people write them") {
  CHECK(parse_bytes("0").value() == 0);
  CHECK(parse_bytes("17").value() == 17);
  CHECK(parse_bytes("17B").value() == 17);
  CHECK(parse_bytes("512MiB").value() == 536870912);
  CHECK(parse_bytes("8 GiB").value() == 8589934592);
  CHECK(parse_bytes("1.5GB").value() == 1500000000);
  CHECK(parse_bytes("2TiB").value() == 2199023255552);
  CHECK(parse_bytes("3kB").has_value() == false);
  CHECK(parse_bytes("3KB").value() == 3000);
}

TEST_CASE("a plain number of bytes stays exact") {
  CHECK(parse_bytes("9007199254740993").value() == 9007199254740993);
  CHECK(parse_bytes("18446744073709551615").value() == 18446744073709551615u);
}

TEST_CASE("what is no size") {
  for (const auto* text :
       {"", " ", "MiB", "-1", "-1GiB", "8 GiB ", " 8GiB", "8GiBs", "0x10", "nan", "inf", "1e999",
        "18446744073709551616", "1e20", "17179869184GiB", "eight", "1..5GB", "1,5GB"}) {
    CAPTURE(text);
    const auto parsed = parse_bytes(text);
    REQUIRE(!parsed);
    CHECK(parsed.error().code == errc::bad_config);
    CHECK(parsed.error().message.find("512MiB") != std::string::npos);
  }
}

TEST_CASE("sizes as people read them") {
  CHECK(format_bytes(0) == "0 B");
  CHECK(format_bytes(1023) == "1023 B");
  CHECK(format_bytes(1024) == "1.0 KiB");
  CHECK(format_bytes(1536) == "1.5 KiB");
  CHECK(format_bytes(812 * 1024) == "812 KiB");
  CHECK(format_bytes(1048575) == "1.0 MiB");
  CHECK(format_bytes(102390) == "100 KiB");
  CHECK(format_bytes(8589934592) == "8.0 GiB");
  CHECK(format_bytes(18446744073709551615u) == "16.0 EiB");
}

TEST_CASE("a written size reads back near enough") {
  for (const std::uint64_t bytes : {1u, 999u, 4096u, 123456789u}) {
    CAPTURE(bytes);
    const auto back = static_cast<double>(parse_bytes(format_bytes(bytes)).value());
    CHECK(back == doctest::Approx(static_cast<double>(bytes)).epsilon(0.05));
  }
}

TEST_CASE("ids order, follow and hash") {
  CHECK(step_id{3} < step_id{4});
  CHECK(step_id{3}.next() == step_id{4});
  CHECK(to_string(session_id{18446744073709551615u}) == "18446744073709551615");
  CHECK(std::hash<epoch_id>{}(epoch_id{7}) == std::hash<std::uint32_t>{}(7));
  static_assert(!std::is_convertible_v<step_id, epoch_id>);
  static_assert(!std::is_convertible_v<std::uint32_t, step_id>);
}

TEST_CASE("layer spans") {
  CHECK(layer_span{2, 5}.count() == 3);
  CHECK(layer_span{5, 5}.empty());
  CHECK(layer_span{5, 2}.empty());
  CHECK(layer_span{5, 2}.count() == 0);
  CHECK(to_string(layer_span{0, 4}) == "[0, 4)");
}

} // namespace
} // namespace dci
