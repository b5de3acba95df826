#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>
#include <random>

#include "tensors/files/gguf.hpp"
#include "tensors/files/gguf_writer.hpp"
#include "tensors/files/read_row.hpp"
#include "tensors/files/write_row.hpp"
#include "tensors/kernels/half.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using namespace dci::test;

namespace {

std::vector<std::byte> written(dtype type, const std::vector<float>& row) {
  std::vector<std::byte> out(*bytes_of(type, row.size()));
  CHECK(write_row(type, row, out.data()));
  return out;
}

float scale_of(const std::vector<std::byte>& block) {
  std::uint16_t bits = 0;
  std::memcpy(&bits, block.data(), 2);
  return kernels::f32_from_f16(bits);
}

int byte_at(const std::vector<std::byte>& block, std::size_t i) {
  return std::to_integer<int>(block[2 + i]);
}

} // namespace

TEST_CASE("Q8_0 rounds to the nearest, halves away from zero") {
  std::vector<float> row(32);
  row[0] = -127; // the scale is 1
  row[1] = 2.5f;
  row[2] = -2.5f;
  row[3] = 0.49f;
  row[31] = 126.6f;
  const auto block = written(dtype::Q8_0, row);
  CHECK(scale_of(block) == 1);
  CHECK(static_cast<std::int8_t>(byte_at(block, 0)) == -127);
  CHECK(byte_at(block, 1) == 3);
  CHECK(static_cast<std::int8_t>(byte_at(block, 2)) == -3);
  CHECK(byte_at(block, 3) == 0);
  CHECK(byte_at(block, 31) == 127);
}

TEST_CASE("Q4_0 puts the number farthest from zero at -8") {
  std::vector<float> row(32);
  row[0] = 8; // the scale is -1: 8 becomes -8, -8 would be 8 and is cut to 7
  row[1] = -8;
  row[2] = 1;
  row[16] = 0.5f;
  row[17] = -0.5f;
  row[31] = -3;
  const auto block = written(dtype::Q4_0, row);
  CHECK(scale_of(block) == -1);
  CHECK((byte_at(block, 0) & 15) == 0);
  CHECK((byte_at(block, 1) & 15) == 15);
  CHECK((byte_at(block, 2) & 15) == 7);
  CHECK((byte_at(block, 0) >> 4) == 8);
  CHECK((byte_at(block, 1) >> 4) == 9);
  CHECK((byte_at(block, 15) >> 4) == 11);
  std::array<float, 32> read{};
  read_row({dtype::Q4_0, {32}, block}, 0, read);
  CHECK(read[0] == 8);
  CHECK(read[1] == -7);
  CHECK(read[31] == -3);
}

TEST_CASE("rows read back as close as their format allows") {
  std::mt19937 random(3);
  std::normal_distribution<float> spread(0, 2);
  std::vector<float> row(256), read(256);
  for (auto& number : row)
    number = spread(random);
  struct bound {
    dtype type;
    float most;
  };
  for (const auto& [type, most] : {bound{dtype::F32, 0}, bound{dtype::F16, 0.005f},
                                   bound{dtype::Q8_0, 0.05f}, bound{dtype::Q4_0, 1.1f}}) {
    CAPTURE(to_string(type));
    read_row({type, {256}, written(type, row)}, 0, read);
    for (std::size_t i = 0; i < row.size(); ++i)
      CHECK(std::abs(read[i] - row[i]) <= most);
  }
  const std::vector<float> zeros(32);
  for (const auto type : {dtype::Q8_0, dtype::Q4_0}) {
    read.assign(32, 1);
    read_row({type, {32}, written(type, zeros)}, 0, read);
    CHECK(read == zeros);
  }
}

TEST_CASE("what is too large for F16 is said") {
  std::vector<float> row(32, 1);
  std::array<std::byte, 128> out{};
  row[5] = 70000;
  CHECK_FALSE(write_row(dtype::F16, row, out.data()));
  CHECK(write_row(dtype::Q8_0, row, out.data()));
  CHECK(write_row(dtype::F32, row, out.data()));
  row[5] = 1e9f;
  CHECK_FALSE(write_row(dtype::Q8_0, row, out.data()));
  CHECK_FALSE(write_row(dtype::Q4_0, row, out.data()));
}

TEST_CASE("what is written is read back") {
  const temp_dir dir;
  const auto path = dir.path() / "m.gguf";
  gguf_writer writer;
  writer.add("a", std::uint32_t{7});
  writer.add("b", 0.5f);
  writer.add("c", true);
  writer.add("d", "text");
  writer.add("e", std::vector<std::string>{"x", ""});
  writer.add("f", std::vector<std::int32_t>{-1, 2});
  writer.add("g", std::vector<float>{1.5f});
  const auto filled = [](char with) {
    return [with](std::span<std::byte> bytes) -> result {
      std::memset(bytes.data(), with, bytes.size());
      return {};
    };
  };
  writer.add_tensor("m", dtype::F32, {2, 3}, filled('m'));
  writer.add_tensor("q", dtype::Q8_0, {3, 32}, filled('q'));
  writer.add_tensor("v", dtype::F16, {5}, filled('v'));
  std::vector<double> shares;
  REQUIRE(writer.write(path, [&](double share) { shares.push_back(share); }));
  CHECK(shares.size() == 3);
  CHECK(shares.back() == 1);
  const auto file = gguf_file::open(path);
  REQUIRE_MESSAGE(file, (file ? "" : file.error().message));
  const auto& metadata = (*file)->metadata();
  CHECK(metadata.size() == 7);
  CHECK(*find_value<std::uint64_t>(metadata, "a") == 7);
  CHECK(*find_value<double>(metadata, "b") == 0.5);
  CHECK(*find_value<bool>(metadata, "c"));
  CHECK(*find_value<std::string_view>(metadata, "d") == "text");
  CHECK(*find_value<gguf_strings>(metadata, "e") == gguf_strings{"x", ""});
  CHECK(find_value<gguf_numbers>(metadata, "f")->at(0) == -1);
  CHECK(find_value<gguf_numbers>(metadata, "g")->at(0) == 1.5);
  CHECK((*file)->find("m")->shape == std::vector<std::int64_t>{2, 3});
  CHECK((*file)->find("q")->type == dtype::Q8_0);
  CHECK((*file)->find("q")->shape == std::vector<std::int64_t>{3, 32});
  CHECK((*file)->find("q")->bytes[101] == std::byte{'q'});
  CHECK((*file)->find("v")->bytes.size() == 10);
  CHECK((*file)->find("v")->bytes[9] == std::byte{'v'});
}

TEST_CASE("a file that could not be finished is not there") {
  const temp_dir dir;
  const auto path = dir.path() / "m.gguf";
  gguf_writer writer;
  writer.add_tensor("m", dtype::F32, {1}, [](std::span<std::byte>) -> result {
    return fail(errc::not_finite, "a reason");
  });
  check_error(writer.write(path), errc::not_finite, {"a reason"});
  CHECK(std::filesystem::is_empty(dir.path()));
  check_error(gguf_writer().write(dir.path() / "none" / "m.gguf"), errc::bad_file, {"m.gguf"});
}
