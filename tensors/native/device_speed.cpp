#include "tensors/native/device_speed.hpp"

#include <algorithm>
#include <atomic>
#include <span>
#include <thread>
#include <vector>

#include "tensors/kernels/matmul.hpp"
#include "tensors/kernels/pack.hpp"
#include "tensors/native/memory_reader.hpp"

namespace dci {
namespace {

using clock = std::chrono::steady_clock;
using kernels::weight_format;

// Half a MiB of F32 weights a thread: in its second cache, as a panel is in a real product.
constexpr std::uint32_t inputs = 512, outputs = 256, rows = 64;
constexpr double operations = 2.0 * inputs * outputs * rows;
constexpr std::size_t read_bytes = std::size_t{256} << 20;

// Numbers of all kinds: some machines multiply zeros with less power, and so faster.
std::int8_t number(std::size_t index) {
  return static_cast<std::int8_t>(static_cast<int>(index * 37 % 101) - 50);
}

std::vector<std::byte> float_rows() {
  std::vector<float> numbers(std::size_t{inputs} * outputs);
  for (std::size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = static_cast<float>(number(i)) / 64;
  const auto bytes = std::as_bytes(std::span(numbers));
  return {bytes.begin(), bytes.end()};
}

// GGUF's blocks: an F16 scale, and 32 signed bytes.
std::vector<std::byte> q8_0_rows() {
  std::vector<std::byte> out;
  for (std::size_t block = 0; block < std::size_t{inputs} * outputs / kernels::block_inputs;
       ++block) {
    out.push_back(std::byte{0});
    out.push_back(std::byte{0x24}); // 2^-6
    for (std::uint32_t i = 0; i < kernels::block_inputs; ++i)
      out.push_back(static_cast<std::byte>(number(out.size())));
  }
  return out;
}

kernels::packed_matrix weights(weight_format format) {
  const auto stored = format == weight_format::f32 ? float_rows() : q8_0_rows();
  kernels::packed_matrix out(format, outputs, inputs);
  kernels::pack_panels(out, {.format = format, .data = stored.data()}, 0, out.panels());
  return out;
}

// One thread's own operands and results.
class product {
 public:
  explicit product(weight_format format)
      : weights_(weights(format)), x_(std::size_t{rows} * inputs), y_(std::size_t{rows} * outputs),
        bytes_(rows, inputs), form_(kernels::form_for(format, rows)) {
    for (std::size_t i = 0; i < x_.size(); ++i)
      x_.data()[i] = static_cast<float>(number(i)) / 32;
    for (std::uint32_t r = 0; r < rows; ++r)
      bytes_.assign(r, x_.data() + std::size_t{r} * inputs, inputs, form_);
  }

  void run() {
    if (kernels::is_quantized(weights_.format()))
      kernels::matmul(weights_, 0, weights_.panels(), bytes_.view(0, rows, form_), y_.data(),
                      outputs);
    else
      kernels::matmul(weights_, 0, weights_.panels(), {x_.data(), inputs, rows}, y_.data(), outputs,
                      scratch_);
  }

 private:
  kernels::packed_matrix weights_;
  kernels::aligned_array<float> x_, y_;
  kernels::byte_rows bytes_;
  kernels::byte_row_form form_;
  kernels::matmul_scratch scratch_;
};

double tera_per_s(weight_format format, std::uint32_t threads, std::chrono::milliseconds time) {
  std::vector<product> own;
  for (std::uint32_t i = 0; i < threads; ++i)
    own.emplace_back(format);
  std::atomic<std::uint64_t> products = 0;
  const auto start = clock::now();
  std::vector<std::jthread> team;
  for (auto& one : own)
    team.emplace_back([&one, &products, end = start + time] {
      std::uint64_t done = 0;
      do {
        one.run();
        ++done;
      } while (clock::now() < end);
      products += done;
    });
  team.clear(); // waits for them
  const std::chrono::duration<double> taken = clock::now() - start;
  return operations * static_cast<double>(products) / taken.count() / 1e12;
}

} // namespace

device_speed measure_device_speed(std::uint32_t threads, std::chrono::milliseconds each) {
  if (threads == 0)
    threads = std::max(1u, std::thread::hardware_concurrency());
  device_speed out;
  out.tflops_f32 = tera_per_s(weight_format::f32, threads, each);
  out.tops_int8 = tera_per_s(weight_format::q8_0, threads, each);
  const memory_reader memory(read_bytes);
  const auto end = clock::now() + each;
  do
    out.memory_gb_per_s = std::max(out.memory_gb_per_s, memory.gb_per_s(threads));
  while (clock::now() < end);
  return out;
}

} // namespace dci
