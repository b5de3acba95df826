#include "tensors/kernels/exact_math.hpp"

#include <cmath>

namespace dci::kernels {

namespace {

// a, b, c, ... as a * x^n + b * x^(n-1) + c ...
template <class... More>
double polynomial(double x, double first, More... more) {
  double sum = first;
  ((sum = std::fma(sum, x, more)), ...);
  return sum;
}

constexpr double ln2_high = 6.93147180369123816490e-01;
constexpr double ln2_low = 1.90821492927058770002e-10;

// ln x = e ln 2 + 2 atanh((m - 1) / (m + 1)), m in [sqrt(1/2), sqrt(2)).
double logarithm(double x) {
  int e = 0;
  double m = std::frexp(x, &e);
  if (m < 0.70710678118654752440) {
    m *= 2;
    e -= 1;
  }
  const double s = (m - 1) / (m + 1);
  const double s2 = s * s;
  double sum = 0;
  for (int n = 25; n >= 3; n -= 2)
    sum = std::fma(sum, s2, 1.0 / n);
  const double log_m = 2 * std::fma(s * s2, sum, s);
  return std::fma(e, ln2_high, std::fma(e, ln2_low, log_m));
}

double exponential(double x) {
  const double n = std::nearbyint(x * 1.44269504088896338700);
  const double r = std::fma(-n, ln2_low, std::fma(-n, ln2_high, x));
  // 1 + r (1 + r/2 (1 + r/3 (...))).
  double sum = 1;
  for (int i = 14; i >= 1; --i)
    sum = std::fma(sum, r / i, 1.0);
  return std::ldexp(sum, static_cast<int>(n));
}

} // namespace

sine_cosine sine_and_cosine(double x) {
  // x minus a whole number of quarter turns; pi / 2 in three parts.
  const double quarters = std::nearbyint(x * 6.36619772367581382433e-01);
  double r = std::fma(-quarters, 1.5707963267948966e+00, x);
  r = std::fma(-quarters, 6.123233995736766e-17, r);
  r = std::fma(-quarters, -1.4973849048591833e-33, r);
  const double r2 = r * r;
  const double sine =
      std::fma(r * r2,
               polynomial(r2, 1.58969099521155010221e-10, -2.50507602534068634195e-08,
                          2.75573137070700676789e-06, -1.98412698298579493134e-04,
                          8.33333333332248946124e-03, -1.66666666666666324348e-01),
               r);
  const double cosine =
      std::fma(r2 * r2,
               polynomial(r2, -1.13596475577881948265e-11, 2.08757232129817482790e-09,
                          -2.75573143513906633035e-07, 2.48015872894767294178e-05,
                          -1.38888888888741095749e-03, 4.16666666666666019037e-02),
               std::fma(-0.5, r2, 1.0));
  switch (static_cast<std::int64_t>(quarters) & 3) {
    case 0:
      return {sine, cosine};
    case 1:
      return {cosine, -sine};
    case 2:
      return {-sine, -cosine};
    default:
      return {-cosine, sine};
  }
}

double power(double base, double exponent) {
  return exponential(exponent * logarithm(base));
}

void rotary_angles(std::span<const double> frequencies, std::uint32_t position, float* cosines,
                   float* sines) {
  for (std::size_t i = 0; i < frequencies.size(); ++i) {
    const auto turn = sine_and_cosine(frequencies[i] * position);
    cosines[i] = static_cast<float>(turn.cosine);
    sines[i] = static_cast<float>(turn.sine);
  }
}

} // namespace dci::kernels
