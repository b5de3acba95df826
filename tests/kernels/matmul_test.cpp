#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "tensors/kernels/matmul.hpp"
#include "tensors/kernels/targets.hpp"
#include "tests/kernels/definitions.hpp"
#include "tests/kernels/random_numbers.hpp"

using namespace dci::kernels;
using namespace dci::kernels::test;

namespace {

// The product's outputs, rows in batches of `batch`, panels in `parts`.
std::vector<float> product(const packed_matrix& w, const std::vector<float>& x, std::uint32_t rows,
                           std::uint32_t batch, std::uint32_t parts, std::uint32_t first_row = 16) {
  const auto stride = std::size_t{w.panels()} * panel_outputs;
  std::vector<float> out;
  matmul_scratch scratch;
  for (std::uint32_t r0 = 0; r0 < rows; r0 += batch) {
    const auto n = std::min(batch, rows - r0);
    aligned_array<float> y(stride * n);
    const rows_view some{x.data() + std::size_t{r0} * w.inputs(), w.inputs(), n};
    byte_rows bytes;
    const auto form = form_for(w.format(), n);
    if (is_quantized(w.format())) {
      // Wider than the rows, as where products of several widths share the room.
      bytes = byte_rows(n + first_row, w.inputs() + 64);
      for (std::uint32_t r = 0; r < n; ++r)
        bytes.assign(r + first_row, some.data + r * some.stride, w.inputs(), form);
    }
    for (std::uint32_t part = 0; part < parts; ++part) {
      const auto first = w.panels() * part / parts, last = w.panels() * (part + 1) / parts;
      if (is_quantized(w.format()))
        matmul(w, first, last, bytes.view(first_row, n, form), y.data(), stride);
      else
        matmul(w, first, last, some, y.data(), stride, scratch);
    }
    for (std::uint32_t r = 0; r < n; ++r)
      out.insert(out.end(), y.data() + r * stride, y.data() + r * stride + w.outputs());
  }
  return out;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * 4) == 0;
}

} // namespace

TEST_CASE("a product is its definition, bit by bit, on every target, in any batch and any cut") {
  struct size {
    std::uint32_t outputs, least_inputs;
  };
  for (const auto format : all_formats)
    for (const auto [outputs, least_inputs] : {size{32, 32}, size{100, 576}, size{7, 288}}) {
      CAPTURE(to_string(format));
      CAPTURE(outputs);
      const auto inputs = whole_blocks(format, least_inputs);
      const std::uint32_t rows = 64;
      const auto stored = stored_weights(format, outputs, inputs, 1);
      const auto w = packed(format, outputs, inputs, stored);
      const auto x = random_numbers(2).many(std::size_t{rows} * inputs);
      const auto expected = by_definition({format, stored, outputs, inputs}, x);
      for (const auto& target : supported_targets()) {
        CAPTURE(target);
        REQUIRE(use_target(target));
        for (const std::uint32_t batch : {1u, 2u, 3u, 7u, 17u, 64u})
          for (const std::uint32_t parts : {1u, 2u}) {
            CAPTURE(batch);
            CHECK(same_bits(product(w, x, rows, batch, parts), expected));
            if (batch >= least_rows_in_form) // rows that lie elsewhere in a group of tiles
              CHECK(same_bits(product(w, x, rows, batch, parts, 1), expected));
          }
      }
      use_target(supported_targets().front());
    }
}

TEST_CASE("weights of any number of inputs multiply, where they are not quantized") {
  for (const auto format : {weight_format::f32, weight_format::f16, weight_format::bf16})
    for (const std::uint32_t inputs : {1u, 17u, 300u}) {
      const auto stored = stored_weights(format, 40, inputs, 3);
      const auto w = packed(format, 40, inputs, stored);
      const auto x = random_numbers(4).many(std::size_t{5} * inputs);
      CHECK(same_bits(product(w, x, 5, 5, 1), by_definition({format, stored, 40, inputs}, x)));
    }
}

TEST_CASE("a product with quantized weights is as near as the rounding of its rows allows") {
  for (const auto format : all_formats) {
    if (!is_quantized(format))
      continue;
    CAPTURE(to_string(format));
    const std::uint32_t outputs = 40, inputs = 1024, rows = 3;
    const auto stored = stored_weights(format, outputs, inputs, 8);
    const auto x = random_numbers(9).many(std::size_t{rows} * inputs);
    const auto y = product(packed(format, outputs, inputs, stored), x, rows, rows, 1);
    for (std::uint32_t r = 0; r < rows; ++r)
      for (std::uint32_t o = 0; o < outputs; ++o) {
        const auto weights = weights_of({format, stored, outputs, inputs}, o);
        double exact = 0, slack = 0;
        for (std::uint32_t k = 0; k < inputs; ++k) {
          exact += weights[k] * x[std::size_t{r} * inputs + k];
          // Half a step, of rows whose largest number is below 1, and the sum's own rounding.
          slack += std::abs(weights[k]) * (0.5 / 127 + 1e-5);
        }
        CHECK(std::abs(y[std::size_t{r} * outputs + o] - exact) <= slack);
      }
  }
}

TEST_CASE("extreme bytes multiply exactly") {
  // -128 against 127 is where 16-bit sums would overflow.
  std::vector<std::byte> stored(34, std::byte{0x80});
  const auto one = f16_from_f32(1.0f);
  std::memcpy(stored.data(), &one, 2);
  const auto w = packed(weight_format::q8_0, 1, 32, stored);
  for (const float value : {1.0f, -1.0f})
    for (const auto& target : supported_targets()) {
      CAPTURE(target);
      REQUIRE(use_target(target));
      const auto y = product(w, std::vector<float>(32, value), 1, 1, 1);
      CHECK(y[0] == doctest::Approx(-128.0 * 32 * value));
    }
  use_target(supported_targets().front());
}

TEST_CASE("extreme numbers of blocks of 256 multiply exactly") {
  // Numbers 15 and 63, part scales of six bits and -128: the largest sums there are.
  for (const auto format : {weight_format::q4_k, weight_format::q6_k}) {
    CAPTURE(to_string(format));
    std::vector<std::byte> stored(stored_row_bytes(format, 256), std::byte{0xff});
    if (format == weight_format::q6_k)
      std::fill_n(stored.begin() + 192, 16, std::byte{0x80});
    const auto one = f16_from_f32(1.0f);
    for (const auto place : scale_places(format))
      std::memcpy(stored.data() + place, &one, 2);
    const auto w = packed(format, 1, 256, stored);
    for (const float value : {1.0f, -1.0f}) {
      const std::vector<float> x(std::size_t{256} * 8, value);
      const auto expected = by_definition({format, stored, 1, 256}, x);
      CHECK(expected[0] ==
            doctest::Approx(256 * value *
                            (format == weight_format::q4_k ? 63 * 15 - 63 : -128 * (63 - 32))));
      for (const auto& target : supported_targets()) {
        CAPTURE(target);
        REQUIRE(use_target(target));
        CHECK(same_bits(product(w, x, 8, 1, 1), expected));
        CHECK(same_bits(product(w, x, 8, 8, 1), expected));
      }
      use_target(supported_targets().front());
    }
  }
}

TEST_CASE("rows too small to be told from zero become zero") {
  byte_rows rows(1, 32);
  rows.assign(0, std::vector<float>(32, 1e-31f).data(), 32, byte_row_form::bytes);
  const auto view = rows.view(0, 1, byte_row_form::bytes);
  CHECK(view.scales[0] == 0);
  CHECK(std::all_of(view.bytes, view.bytes + 32, [](auto b) { return b == 0; }));
}

TEST_CASE("packing tells where a weight is not finite") {
  for (const auto format : all_formats) {
    CAPTURE(to_string(format));
    const auto inputs = whole_blocks(format, 64);
    const auto good = stored_weights(format, 40, inputs, 5);
    packed_matrix w(format, 40, inputs);
    CHECK(!pack_panels(w, {format, good.data(), false}, 0, w.panels()));
    // Infinite in every format: all exponent bits set, in row 35.
    const std::uint32_t bits = format == weight_format::bf16  ? 0x7f80u
                               : format == weight_format::f32 ? 0x7f800000u
                                                              : 0x7c00u;
    for (const auto place : scale_places(format)) {
      auto stored = good;
      std::memcpy(stored.data() + 35 * stored_row_bytes(format, inputs) + place, &bits,
                  format == weight_format::f32 ? 4 : 2);
      CHECK(pack_panels(w, {format, stored.data(), false}, 0, w.panels()) == 35);
    }
  }
}

TEST_CASE("rows in another order pack to the same panels") {
  // Output o is stored as row 7 o modulo 40, a permutation.
  std::vector<std::uint32_t> rows;
  for (std::uint32_t o = 0; o < 40; ++o)
    rows.push_back(o * 7 % 40);
  for (const auto format : all_formats) {
    CAPTURE(to_string(format));
    const auto inputs = whole_blocks(format, 64);
    const auto stored = stored_weights(format, 40, inputs, 6);
    const auto row_bytes = stored_row_bytes(format, inputs);
    std::vector<std::byte> shuffled(stored.size());
    for (std::size_t o = 0; o < 40; ++o)
      std::memcpy(shuffled.data() + rows[o] * row_bytes, stored.data() + o * row_bytes, row_bytes);
    const auto w = packed(format, 40, inputs, stored);
    packed_matrix t(format, 40, inputs);
    CHECK(!pack_panels(t, {format, shuffled.data(), false, 0, rows.data()}, 0, t.panels()));
    for (std::uint32_t panel = 0; panel < w.panels(); ++panel)
      CHECK(std::memcmp(w.panel(panel), t.panel(panel), w.panel_bytes()) == 0);
  }
}

TEST_CASE("transposed weights pack to the same panels") {
  const auto stored = stored_weights(weight_format::f32, 40, 24, 6);
  std::vector<std::byte> turned(stored.size());
  for (std::size_t o = 0; o < 40; ++o)
    for (std::size_t k = 0; k < 24; ++k)
      std::memcpy(turned.data() + (k * 40 + o) * 4, stored.data() + (o * 24 + k) * 4, 4);
  const auto w = packed(weight_format::f32, 40, 24, stored);
  packed_matrix t(weight_format::f32, 40, 24);
  CHECK(!pack_panels(t, {weight_format::f32, turned.data(), true}, 0, t.panels()));
  CHECK(std::memcmp(w.panel(0), t.panel(0), w.bytes()) == 0);
}
