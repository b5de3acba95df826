// Functions whose bits do not depend on the C library: only additions,
// products, quotients and fused multiply-adds of doubles, in a fixed order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace dci::kernels {

struct sine_cosine {
  double sine = 0;
  double cosine = 0;
};

/// Within 1e-15 for |x| below 2^30 radians (polynomials: fdlibm, k_sin.c and
/// k_cos.c).
sine_cosine sine_and_cosine(double x);

/// base^exponent for a positive, finite base and a result between 1e-300 and 1e300,
/// within 1e-14 of its size.
double power(double base, double exponent);

/// Cosines and sines of position * frequency, for kernels::rotate.
void rotary_angles(std::span<const double> frequencies, std::uint32_t position, float* cosines,
                   float* sines);

} // namespace dci::kernels
