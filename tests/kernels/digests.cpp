#include "tests/kernels/digests.hpp"

#include <algorithm>
#include <cstdio>
#include <span>

#include "tensors/kernels/argmax.hpp"
#include "tensors/kernels/attention.hpp"
#include "tensors/kernels/elementwise.hpp"
#include "tensors/kernels/exact_math.hpp"
#include "tensors/kernels/matmul.hpp"
#include "tensors/kernels/read.hpp"
#include "tests/kernels/random_numbers.hpp"

namespace dci::kernels::test {

namespace {

// FNV-1a.
class hasher {
 public:
  template <class T>
  void add(std::span<const T> values) {
    for (const auto byte : std::as_bytes(values))
      state_ = (state_ ^ std::to_integer<std::uint64_t>(byte)) * 0x100000001b3u;
  }
  template <class T>
  void add(const T* values, std::size_t count) {
    add(std::span(values, count));
  }
  template <class T>
  void add(const T& value) {
    add(&value, 1);
  }
  std::uint64_t value() const {
    return state_;
  }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325u;
};

// Uneven sizes: not whole panels, tiles or vectors.
constexpr std::uint32_t outputs = 75;

std::uint64_t product(weight_format format, std::uint32_t rows) {
  const auto inputs = is_quantized(format) ? whole_blocks(format, 600) : 601;
  const auto w = packed(format, outputs, inputs, stored_weights(format, outputs, inputs, 21));
  const auto x = random_numbers(22).many(std::size_t{rows} * inputs);
  const auto stride = std::size_t{w.panels()} * panel_outputs;
  aligned_array<float> y(stride * rows);
  if (is_quantized(format)) {
    byte_rows bytes(rows, inputs);
    const auto form = form_for(format, rows);
    for (std::uint32_t r = 0; r < rows; ++r)
      bytes.assign(r, x.data() + std::size_t{r} * inputs, inputs, form);
    matmul(w, 0, w.panels(), bytes.view(0, rows, form), y.data(), stride);
  } else {
    matmul_scratch scratch;
    matmul(w, 0, w.panels(), {x.data(), inputs, rows}, y.data(), stride, scratch);
  }
  hasher out;
  for (std::uint32_t r = 0; r < rows; ++r)
    out.add(y.data() + r * stride, outputs);
  return out.value();
}

std::uint64_t rounding_to_bytes() {
  const std::uint32_t count = 640;
  const auto x = random_numbers(23).many(count);
  byte_rows rows(1, count);
  rows.assign(0, x.data(), count, byte_row_form::bytes);
  const auto view = rows.view(0, 1, byte_row_form::bytes);
  hasher out;
  out.add(view.bytes, count);
  out.add(view.scales, count / block_inputs);
  out.add(view.totals, count / block_inputs);
  out.add(view.sums, count / part_inputs);
  return out.value();
}

std::uint64_t attention(cache_format format, std::uint32_t head_dim) {
  const page_layout layout{head_dim, format};
  constexpr std::uint32_t positions = 100, queries = 7;
  random_numbers random(24);
  std::vector<aligned_buffer> pages;
  std::vector<const std::byte*> parts;
  hasher out;
  for (std::uint32_t p = 0; p < positions; ++p) {
    if (p % page_positions == 0) {
      pages.emplace_back(layout.head_bytes());
      parts.push_back(pages.back().data());
    }
    const auto key = random.many(head_dim), value = random.many(head_dim);
    store_key_value(layout, pages.back().data(), p % page_positions, key.data(), value.data());
  }
  for (const auto& page : pages)
    out.add(page.data(), page.size());
  aligned_array<float> answers(std::size_t{queries} * layout.value_stride());
  std::vector<std::vector<float>> asked;
  std::vector<attention_query> all;
  for (std::uint32_t q = 0; q < queries; ++q) {
    asked.push_back(random.many(head_dim));
    for (auto& x : asked.back())
      x *= 8;
    all.push_back({asked.back().data(), answers.data() + std::size_t{q} * layout.value_stride(),
                   q * 5, positions - 1 - q * 3});
  }
  attend(layout, parts, all, 0.3f);
  for (const auto& query : all)
    out.add(query.out, head_dim);
  return out.value();
}

constexpr std::size_t row_size = 1003;

std::vector<float> wide_numbers(std::uint64_t seed) {
  auto out = random_numbers(seed).many(row_size);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] *= i % 3 == 0 ? 1.0f : i % 3 == 1 ? 12.0f : 95.0f;
  return out;
}

std::uint64_t norms() {
  const auto x = wide_numbers(25), weight = wide_numbers(26), bias = wide_numbers(27);
  std::vector<float> y(row_size);
  hasher out;
  for (const std::size_t count : {std::size_t{1}, std::size_t{17}, row_size}) {
    rms_norm(x.data(), weight.data(), count, 1e-5f, y.data());
    out.add(y.data(), count);
    layer_norm(x.data(), weight.data(), bias.data(), count, 1e-5f, y.data());
    out.add(y.data(), count);
    add(x.data(), bias.data(), count, y.data());
    out.add(y.data(), count);
  }
  return out.value();
}

std::uint64_t activation(nonlinearity f) {
  auto x = wide_numbers(28), gate = wide_numbers(29);
  activate(f, x.data(), x.size());
  activate_gated(f, gate.data(), x.data(), gate.size());
  hasher out;
  out.add(x.data(), x.size());
  out.add(gate.data(), gate.size());
  return out.value();
}

std::uint64_t rotation() {
  hasher out;
  for (const std::size_t size : {std::size_t{6}, std::size_t{24}, std::size_t{128}}) {
    std::vector<double> frequencies;
    for (std::size_t i = 0; i < size / 2; ++i)
      frequencies.push_back(
          power(10000.0, -2.0 * static_cast<double>(i) / static_cast<double>(size)));
    std::vector<float> cosines(size / 2), sines(size / 2);
    auto head = random_numbers(30).many(size);
    rotary_angles(frequencies, 4321, cosines.data(), sines.data());
    rotate(head.data(), cosines.data(), sines.data(), size);
    out.add(head.data(), size);
  }
  return out.value();
}

std::uint64_t exact_functions() {
  hasher out;
  for (int i = -500; i <= 500; ++i) {
    const auto turn = sine_and_cosine(i * 37.31);
    out.add(turn.sine);
    out.add(turn.cosine);
    out.add(power(1.5 + (i + 500) * 31.0, i / 400.0));
  }
  return out.value();
}

std::uint64_t halves() {
  hasher out;
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = f32_from_f16(static_cast<std::uint16_t>(bits));
    if (value == value)
      out.add(value);
  }
  for (const auto x : wide_numbers(31))
    for (const float scale : {1.0f, 1e-6f, 600.0f, 1e4f})
      out.add(f16_from_f32(x * scale));
  return out.value();
}

std::uint64_t searches() {
  const auto x = wide_numbers(32);
  const auto found = largest_of(x.data(), x.size());
  hasher out;
  out.add(static_cast<std::uint64_t>(found.index));
  out.add(found.value);
  out.add(static_cast<std::uint8_t>(all_finite(x.data(), x.size())));
  aligned_array<float> copy(768);
  std::copy_n(x.begin(), 768, copy.data());
  out.add(read_all(reinterpret_cast<const std::byte*>(copy.data()), 768 * sizeof(float)));
  return out.value();
}

} // namespace

std::vector<digest> kernel_digests() {
  std::vector<digest> out;
  for (const auto format : all_formats)
    for (const std::uint32_t rows : {1u, 2u, 17u})
      out.emplace_back("matmul_" + std::string(to_string(format)) + "_" + std::to_string(rows),
                       product(format, rows));
  out.emplace_back("byte_rows", rounding_to_bytes());
  for (const std::uint32_t head_dim : {23u, 128u}) {
    const auto size = std::to_string(head_dim);
    out.emplace_back("attention_F32_" + size, attention(cache_format::f32, head_dim));
    out.emplace_back("attention_F16_" + size, attention(cache_format::f16, head_dim));
  }
  out.emplace_back("norms", norms());
  out.emplace_back("silu", activation(nonlinearity::silu));
  out.emplace_back("gelu", activation(nonlinearity::gelu));
  out.emplace_back("gelu_tanh", activation(nonlinearity::gelu_tanh));
  out.emplace_back("rotate", rotation());
  out.emplace_back("exact_math", exact_functions());
  out.emplace_back("half", halves());
  out.emplace_back("argmax_and_scans", searches());
  return out;
}

std::string to_text(const std::vector<digest>& digests) {
  std::string out;
  for (const auto& [name, hash] : digests) {
    char hex[17];
    std::snprintf(hex, sizeof hex, "%016llx", static_cast<unsigned long long>(hash));
    out += name + " " + hex + "\n";
  }
  return out;
}

} // namespace dci::kernels::test
