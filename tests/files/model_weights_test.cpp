#include <doctest/doctest.h>

#include <array>
#include <span>

#include "tensors/files/model_weights.hpp"
#include "tensors/files/read_row.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;

namespace {

// `bits` as a block's F16 at `offset` of the tensor's bytes.
tensor_view with_half(dtype type, std::vector<std::byte>& bytes, std::size_t offset,
                      std::uint16_t bits) {
  bytes.assign(std::size_t{3} * block_bytes(type), std::byte{0xff});
  // Scales of all blocks are fine, the other bytes are all ones.
  for (std::size_t at = 0; at < bytes.size(); at += block_bytes(type))
    for (const std::size_t scale : {0, 2, 208})
      if (scale + 2 <= block_bytes(type))
        bytes[at + scale] = bytes[at + scale + 1] = std::byte{0};
  std::memcpy(bytes.data() + offset, &bits, sizeof bits);
  return {type, {1, std::int64_t{3} * block_numbers(type)}, bytes};
}

} // namespace

TEST_CASE("the sizes of blocks") {
  CHECK(bytes_of(dtype::F32, 3) == 12);
  CHECK(bytes_of(dtype::F6_E2M3, 8) == 6);
  CHECK_FALSE(bytes_of(dtype::F6_E2M3, 2));
  CHECK(bytes_of(dtype::Q8_0, 64) == 68);
  CHECK(bytes_of(dtype::Q4_0, 32) == 18);
  CHECK(bytes_of(dtype::Q4_K, 512) == 288);
  CHECK(bytes_of(dtype::Q6_K, 256) == 210);
  CHECK_FALSE(bytes_of(dtype::Q8_0, 33));
  CHECK_FALSE(bytes_of(dtype::Q6_K, 32));
  CHECK_FALSE(bytes_of(dtype::F64, std::uint64_t{1} << 62));
  CHECK(is_quantized(dtype::Q4_K));
  CHECK_FALSE(is_quantized(dtype::F4));
}

TEST_CASE("a quantized block whose scale is not finite is found") {
  struct place {
    dtype type;
    std::size_t scale;
  };
  for (const auto& one : {place{dtype::Q8_0, 0}, place{dtype::Q4_0, 0}, place{dtype::Q4_K, 0},
                          place{dtype::Q4_K, 2}, place{dtype::Q6_K, 208}})
    for (const std::uint16_t bits : {0x7c00, 0xfc00, 0x7e01}) {
      CAPTURE(to_string(one.type));
      CAPTURE(one.scale);
      std::vector<std::byte> bytes;
      const auto bad = with_half(one.type, bytes, block_bytes(one.type) + one.scale, bits);
      CHECK(count_of(bad) == std::size_t{3} * block_numbers(one.type));
      CHECK(first_non_finite(bad) == block_numbers(one.type));
      const auto good = with_half(one.type, bytes, block_bytes(one.type) + one.scale, 0x7bff);
      CHECK_FALSE(first_non_finite(good));
    }
}

TEST_CASE("rows of blocks are read as the format says") {
  std::vector<std::byte> bytes(2 * 34);
  bytes[35] = std::byte{0x40}; // the second row's scale is 2
  bytes[36] = std::byte{0x81}; // -127
  bytes[67] = std::byte{0x7f};
  std::array<float, 32> row{};
  read_row({dtype::Q8_0, {2, 32}, bytes}, 1, row);
  CHECK(row[0] == -254);
  CHECK(row[1] == 0);
  CHECK(row[31] == 254);
  std::vector<std::byte> small(18);
  small[1] = std::byte{0x3c};  // 1
  small[2] = std::byte{0xf0};  // number 0 is 0 - 8, number 16 is 15 - 8
  small[17] = std::byte{0x8a}; // number 15 is 2, number 31 is 0
  read_row({dtype::Q4_0, {1, 32}, small}, 0, row);
  CHECK(row[0] == -8);
  CHECK(row[16] == 7);
  CHECK(row[15] == 2);
  CHECK(row[31] == 0);
}

TEST_CASE("rows of blocks of 256 are read as the format says") {
  const auto at = [](std::vector<std::byte>& bytes, std::size_t place, unsigned value) {
    bytes[place] = static_cast<std::byte>(value);
  };
  std::array<float, 256> row{};
  std::vector<std::byte> four(144);
  at(four, 1, 0x3c);  // scale 1
  at(four, 3, 0x40);  // minimum 2
  at(four, 4, 5);     // part 0: scale 5
  at(four, 8, 3);     // minimum 3
  at(four, 7, 0x80);  // part 7: scale 2 * 16 + 9
  at(four, 11, 0x40); // minimum 1 * 16 + 10
  at(four, 15, 0xa9);
  at(four, 16, 0x0f);  // number 0 is 15
  at(four, 143, 0x70); // number 255 is 7
  read_row({dtype::Q4_K, {1, 256}, four}, 0, row);
  CHECK(row[0] == 5 * 15 - 2 * 3);
  CHECK(row[1] == -2 * 3);
  CHECK(row[32] == 0);
  CHECK(row[254] == -2 * 26);
  CHECK(row[255] == 41 * 7 - 2 * 26);

  std::vector<std::byte> six(210);
  at(six, 209, 0x40); // scale 2
  at(six, 192, 3);    // inputs 0 to 15: 3
  at(six, 207, 0xff); // inputs 240 to 255: -1
  at(six, 0, 0x0f);   // number 0 is 15 + 3 * 16
  at(six, 128, 0x03);
  at(six, 127, 0x10); // number 255 is 1 + 2 * 16
  at(six, 191, 0x80);
  read_row({dtype::Q6_K, {1, 256}, six}, 0, row);
  CHECK(row[0] == 2 * 3 * (63 - 32));
  CHECK(row[1] == 2 * 3 * -32);
  CHECK(row[16] == 0);
  CHECK(row[254] == 2 * 32);
  CHECK(row[255] == 2 * -1 * (33 - 32));
}

TEST_CASE("a safetensors file cannot name a quantized type") {
  for (const auto* name : {"Q8_0", "Q4_0", "Q4_K", "Q6_K"}) {
    CHECK_FALSE(safetensors_dtype(name));
    const auto file = test::safetensors_of({{"t", name, {1, 32}, std::string(34, '\0')}});
    test::check_error(parse_safetensors("f", std::as_bytes(std::span(file))), errc::bad_file,
                      {"\"t\"", name, "unknown"});
  }
}
