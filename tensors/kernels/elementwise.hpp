// Norms and activations of rows of F32 numbers. All results are the same bits on
// every machine: sums run over 16 virtual lanes, nothing is approximated by
// hardware tables.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dci::kernels {

/// out[i] = x[i] / sqrt(mean(x^2) + eps) * weight[i]. out may be x.
void rms_norm(const float* x, const float* weight, std::size_t count, float eps, float* out);

/// out[i] = (x[i] - mean) / sqrt(variance + eps) * weight[i] + bias[i]; the variance
/// is that of the population. out may be x.
void layer_norm(const float* x, const float* weight, const float* bias, std::size_t count,
                float eps, float* out);

/// out[i] = a[i] + b[i]. out may be a or b.
void add(const float* a, const float* b, std::size_t count, float* out);

enum class nonlinearity : std::uint8_t {
  silu,      ///< x / (1 + e^-x)
  gelu,      ///< by the error function (Abramowitz and Stegun 7.1.26, within 2e-7)
  gelu_tanh, ///< x / (1 + e^(-2 u)), u = sqrt(2 / pi) (x + 0.044715 x^3)
};

/// x[i] = f(x[i]).
void activate(nonlinearity f, float* x, std::size_t count);
/// gate[i] = f(gate[i]) * up[i].
void activate_gated(nonlinearity f, float* gate, const float* up, std::size_t count);

/// Turns number i of the first half of a head with number i of its second half by
/// the angle whose cosine and sine are given. count: the head's size, even.
void rotate(float* head, const float* cosines, const float* sines, std::size_t count);

/// x[i] to the nearest number that F16 has, ties to even; what is too large becomes
/// infinite.
void round_to_half(float* x, std::size_t count);

/// Whether none is NaN or infinite.
bool all_finite(const float* x, std::size_t count);

} // namespace dci::kernels
