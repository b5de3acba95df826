// The operators blocks are made of, on F32 tensors; rows are positions.
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/ATen.h>

#include "tensors/files/model_config.hpp"

namespace dci {

/// A matrix [out, in] and a bias [out], which may be undefined.
struct linear {
  at::Tensor weight;
  at::Tensor bias;

  /// [n, in] to [n, out].
  at::Tensor operator()(const at::Tensor& x) const;
};

/// x / sqrt(mean(x^2) + eps) * weight over the last dimension.
at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps);

at::Tensor activate(const at::Tensor& x, activation_function kind);

/// Cosines and sines [n, 1, head_dim / 2] of n positions' angles.
struct rotation {
  at::Tensor cos;
  at::Tensor sin;
};

/// Of positions first ... first + n - 1. frequencies: radians per position. The
/// angles are computed in double: at long positions F32 loses their fraction.
rotation rotation_at(const std::vector<double>& frequencies, std::int64_t first, std::int64_t n);

/// Turns x, [n, heads, head_dim]: number i of a head with number i + head_dim / 2.
at::Tensor rotate(const at::Tensor& x, const rotation& by);

/// Which keys a query sees, and how scores are scaled.
struct attention_rule {
  std::int64_t first = 0;  ///< the first query's position
  std::int64_t window = 0; ///< positions seen, the own one included; 0 for all
  double scale = 1;
};

/// Causal attention with grouped heads: query head h reads key head
/// h / (heads / kv_heads). queries: [n, heads, head_dim]; keys and values:
/// [kv_heads, positions, head_dim] from position 0 on. Returns
/// [n, heads * head_dim]. Queries are taken in groups, so that the scores of a
/// long prompt need not all be in memory.
at::Tensor attend(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values,
                  const attention_rule& rule);

} // namespace dci
