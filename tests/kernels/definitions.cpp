#include "tests/kernels/definitions.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "tensors/kernels/half.hpp"
#include "tensors/kernels/pack.hpp"
#include "tests/kernels/random_numbers.hpp"

namespace dci::kernels::test {

namespace {

float half_at(const std::byte* at) {
  std::uint16_t bits;
  std::memcpy(&bits, at, 2);
  return f32_from_f16(bits);
}

float stored_number(weight_format format, const std::byte* at) {
  if (format == weight_format::f16)
    return half_at(at);
  float out = 0;
  const std::size_t size = format == weight_format::f32 ? 4 : 2;
  std::memcpy(reinterpret_cast<std::byte*>(&out) + 4 - size, at, size);
  return out;
}

// Consecutive inputs with the same scale: weight = scale * number - minimum.
struct part {
  float scale = 0;
  float minimum = 0;
  std::vector<int> numbers;
};

std::uint8_t byte_at(const std::byte* at) {
  return std::to_integer<std::uint8_t>(*at);
}

part small_block(weight_format format, const std::byte* block) {
  part out{half_at(block), 0, {}};
  for (int i = 0; i < 32; ++i)
    if (format == weight_format::q8_0)
      out.numbers.push_back(static_cast<std::int8_t>(byte_at(block + 2 + i)));
    else
      out.numbers.push_back((byte_at(block + 2 + i % 16) >> i / 16 * 4 & 15) - 8);
  return out;
}

// After GGML's dequantize_row_q4_K.
std::vector<part> q4_k_block(const std::byte* block) {
  std::vector<part> out;
  const auto* packed = block + 4;
  for (int j = 0; j < 8; ++j) {
    int scale, minimum;
    if (j < 4) {
      scale = byte_at(packed + j) & 63;
      minimum = byte_at(packed + j + 4) & 63;
    } else {
      scale = (byte_at(packed + j + 4) & 15) | (byte_at(packed + j - 4) >> 6) << 4;
      minimum = (byte_at(packed + j + 4) >> 4) | (byte_at(packed + j) >> 6) << 4;
    }
    part one{half_at(block) * static_cast<float>(scale),
             half_at(block + 2) * static_cast<float>(minimum),
             {}};
    for (int i = 0; i < 32; ++i)
      one.numbers.push_back(byte_at(block + 16 + j / 2 * 32 + i) >> j % 2 * 4 & 15);
    out.push_back(one);
  }
  return out;
}

// After GGML's dequantize_row_q6_K.
std::vector<part> q6_k_block(const std::byte* block) {
  std::vector<int> numbers(256);
  const std::byte *low = block, *high = block + 128;
  for (int n = 0; n < 256; n += 128, low += 64, high += 32)
    for (int l = 0; l < 32; ++l) {
      const int h = byte_at(high + l), a = byte_at(low + l), b = byte_at(low + l + 32);
      numbers[n + l] = ((a & 15) | (h & 3) << 4) - 32;
      numbers[n + l + 32] = ((b & 15) | (h >> 2 & 3) << 4) - 32;
      numbers[n + l + 64] = (a >> 4 | (h >> 4 & 3) << 4) - 32;
      numbers[n + l + 96] = (b >> 4 | (h >> 6 & 3) << 4) - 32;
    }
  std::vector<part> out;
  for (int j = 0; j < 16; ++j) {
    const auto scale = static_cast<std::int8_t>(byte_at(block + 192 + j));
    out.push_back({half_at(block + 208) * scale,
                   0,
                   {numbers.begin() + j * 16, numbers.begin() + j * 16 + 16}});
  }
  return out;
}

std::vector<part> parts_of(const stored_matrix& w, std::uint32_t output) {
  std::vector<part> out;
  const auto row_bytes = stored_row_bytes(w.format, w.inputs);
  const auto block_bytes = stored_row_bytes(w.format, block_of(w.format));
  const auto* row = w.bytes.data() + output * row_bytes;
  for (std::size_t at = 0; at < row_bytes; at += block_bytes) {
    std::vector<part> some;
    if (w.format == weight_format::q4_k)
      some = q4_k_block(row + at);
    else if (w.format == weight_format::q6_k)
      some = q6_k_block(row + at);
    else
      some = {small_block(w.format, row + at)};
    out.insert(out.end(), some.begin(), some.end());
  }
  return out;
}

float largest_of(const float* x, std::size_t count) {
  float largest = 0;
  for (std::size_t i = 0; i < count; ++i)
    largest = std::max(largest, std::abs(x[i]));
  return largest;
}

float quantized_product(const stored_matrix& w, std::uint32_t output, const float* x) {
  float sum = 0;
  std::uint32_t k = 0;
  for (const auto& [scale, minimum, numbers] : parts_of(w, output)) {
    const float* block = x + k / block_inputs * block_inputs;
    const float largest = largest_of(block, 32);
    const float inverse = 2032 / largest, x_scale = largest / 2032;
    int whole = 0, total = 0;
    for (const auto number : numbers) {
      const float share = largest_of(x + k / 8 * 8, 8) * (16 / largest);
      const int multiplier = std::clamp(static_cast<int>(std::ceil(share)), 1, 16);
      const int byte =
          static_cast<int>(std::nearbyint(x[k++] * (inverse / static_cast<float>(multiplier))));
      whole += number * byte * multiplier;
      total += byte * multiplier;
    }
    sum = std::fma(static_cast<float>(whole), scale * x_scale, sum);
    if (w.format == weight_format::q4_k)
      sum = std::fma(-minimum, x_scale * static_cast<float>(total), sum);
  }
  return sum;
}

float float_product(const stored_matrix& w, std::uint32_t output, const float* x) {
  const std::size_t size = stored_row_bytes(w.format, 1);
  float sum = 0;
  for (std::uint32_t k = 0; k < w.inputs; ++k)
    sum = std::fma(
        stored_number(w.format, w.bytes.data() + (std::size_t{output} * w.inputs + k) * size), x[k],
        sum);
  return sum;
}

} // namespace

std::vector<float> by_definition(const stored_matrix& w, const std::vector<float>& x) {
  std::vector<float> out;
  for (std::size_t first = 0; first < x.size(); first += w.inputs)
    for (std::uint32_t o = 0; o < w.outputs; ++o)
      out.push_back(is_quantized(w.format) ? quantized_product(w, o, x.data() + first)
                                           : float_product(w, o, x.data() + first));
  return out;
}

std::vector<double> weights_of(const stored_matrix& w, std::uint32_t output) {
  std::vector<double> out;
  for (const auto& [scale, minimum, numbers] : parts_of(w, output))
    for (const auto number : numbers)
      out.push_back(double{scale} * number - minimum);
  return out;
}

} // namespace dci::kernels::test
