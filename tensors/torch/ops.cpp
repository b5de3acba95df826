#include "tensors/torch/ops.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace dci {

namespace {

// Scores held at once: 64 MiB of F32.
constexpr std::int64_t max_scores = std::int64_t{1} << 24;

// [n, keys]: true where the query must not look.
at::Tensor hidden_keys(std::int64_t first, std::int64_t n, std::int64_t keys, std::int64_t window) {
  const auto query = at::arange(first, first + n, at::kLong).unsqueeze(1);
  const auto key = at::arange(keys, at::kLong).unsqueeze(0);
  auto hidden = key > query;
  if (window > 0)
    hidden = hidden.logical_or(key <= query - window);
  return hidden;
}

// The same as attend(), for a group of queries that ends at the last key.
at::Tensor attend_group(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values,
                        const attention_rule& rule) {
  const auto n = queries.size(0);
  const auto heads = queries.size(1);
  const auto head_dim = queries.size(2);
  const auto kv_heads = keys.size(0);
  const auto group = heads / kv_heads;
  const auto positions = keys.size(1);
  // Query heads that share a key head become rows of one product.
  const auto rows = queries.view({n, kv_heads, group, head_dim})
                        .permute({1, 2, 0, 3})
                        .reshape({kv_heads, group * n, head_dim});
  auto scores = at::bmm(rows, keys.transpose(1, 2)).mul_(rule.scale);
  if (n > 1 || rule.window > 0)
    scores.view({kv_heads, group, n, positions})
        .masked_fill_(hidden_keys(rule.first, n, positions, rule.window),
                      -std::numeric_limits<double>::infinity());
  return at::bmm(at::softmax(scores, -1), values)
      .view({kv_heads, group, n, head_dim})
      .permute({2, 0, 1, 3})
      .reshape({n, heads * head_dim});
}

} // namespace

at::Tensor linear::operator()(const at::Tensor& x) const {
  return at::linear(x, weight, bias);
}

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  return x * at::rsqrt(x.square().mean(-1, true).add_(eps)) * weight;
}

at::Tensor activate(const at::Tensor& x, activation_function kind) {
  switch (kind) {
    case activation_function::gelu_tanh:
      return at::gelu(x, "tanh");
    case activation_function::gelu:
      return at::gelu(x, "none");
    case activation_function::silu:
      break;
  }
  return at::silu(x);
}

rotation rotation_at(const std::vector<double>& frequencies, std::int64_t first, std::int64_t n) {
  const auto pairs = static_cast<std::int64_t>(frequencies.size());
  rotation out{at::empty({n, 1, pairs}, at::kFloat), at::empty({n, 1, pairs}, at::kFloat)};
  auto* cos = out.cos.data_ptr<float>();
  auto* sin = out.sin.data_ptr<float>();
  for (std::int64_t i = 0; i < n; ++i)
    for (const auto frequency : frequencies) {
      const auto angle = static_cast<double>(first + i) * frequency;
      *cos++ = static_cast<float>(std::cos(angle));
      *sin++ = static_cast<float>(std::sin(angle));
    }
  return out;
}

at::Tensor rotate(const at::Tensor& x, const rotation& by) {
  const auto half = x.size(2) / 2;
  const auto a = x.narrow(2, 0, half);
  const auto b = x.narrow(2, half, half);
  return at::cat({a * by.cos - b * by.sin, b * by.cos + a * by.sin}, 2);
}

at::Tensor attend(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values,
                  const attention_rule& rule) {
  const auto n = queries.size(0);
  const auto step = std::max<std::int64_t>(
      1, max_scores / (queries.size(1) * std::max<std::int64_t>(1, keys.size(1))));
  if (n <= step)
    return attend_group(queries, keys, values, rule);
  std::vector<at::Tensor> parts;
  for (std::int64_t begin = 0; begin < n; begin += step) {
    const auto count = std::min(step, n - begin);
    auto part = rule;
    part.first += begin;
    const auto seen = part.first + count;
    parts.push_back(attend_group(queries.narrow(0, begin, count), keys.narrow(1, 0, seen),
                                 values.narrow(1, 0, seen), part));
  }
  return at::cat(parts, 0);
}

} // namespace dci
