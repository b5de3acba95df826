// Integer products of four bytes at a time, 32-bit lane by 32-bit lane: exact,
// so every target may compute them its own way.
//
// DCI_VNNI says whether AVX-512's byte products may be used. No include guard:
// included once for each way.

namespace dci::kernels::HWY_NAMESPACE {
#if DCI_VNNI
namespace with_vnni {
#else
namespace without_vnni {
#endif

/// How a panel's bytes multiply with a row's signed bytes. Signed: the weights are signed
/// bytes, otherwise they are at most Most. `ready` is a vector of weights after what
/// can be done once for all rows: keep() is the part of that which has room where the weights
/// were, prepare() the rest. `bias` is what every weight is too large by after that.
///
/// Up to `run` groups of a part are added to zero, then join(total, they, ...) adds them, times
/// their part's multiplier, to a total that began with begin_total(what it is too large by).
template <bool Signed, std::int32_t Most>
struct byte_dots {
  struct ready {
    int_vec numbers;
#if !DCI_VNNI && HWY_TARGET == HWY_AVX3
    __mmask64 negative;
#elif HWY_TARGET == HWY_AVX2
    int_vec signs;
#endif
  };

#if DCI_VNNI
  static constexpr std::int32_t bias = Signed ? 128 : 0;

  static HWY_INLINE int_vec keep(int_vec w) {
    return Signed ? hn::Xor(w, hn::Set(ints(), static_cast<std::int32_t>(0x80808080u))) : w;
  }
  static HWY_INLINE ready prepare(int_vec kept) {
    return {kept};
  }
  static HWY_INLINE int_vec add(int_vec sum, const ready& w, int_vec x) {
    return int_vec{_mm512_dpbusd_epi32(sum.raw, w.numbers.raw, x.raw)};
  }

#elif HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2
  static constexpr std::int32_t bias = 0;

  static HWY_INLINE int_vec keep(int_vec w) {
    return w;
  }
  // Signed weights go as magnitudes, and the row's bytes take their signs: two products of
  // at most 128 * 127 fit in 16 bits.
  static HWY_INLINE ready prepare(int_vec w) {
#if HWY_TARGET == HWY_AVX3
    if constexpr (Signed)
      return {int_vec{_mm512_abs_epi8(w.raw)}, _mm512_movepi8_mask(w.raw)};
    else
      return {w, 0};
#else
    if constexpr (Signed)
      return {int_vec{_mm256_abs_epi8(w.raw)}, w};
    else
      return {w, w};
#endif
  }
  // Sums of pairs stay in 16 bits for as long as they fit.
  static constexpr std::uint32_t run = Signed ? 1 : 32767 / (2 * 127 * Most);
  using total = int_vec;

  static HWY_INLINE int_vec add(int_vec pairs, const ready& w, int_vec x) {
    auto bytes = x.raw;
#if HWY_TARGET == HWY_AVX3
    if constexpr (Signed)
      bytes = _mm512_mask_sub_epi8(bytes, w.negative, _mm512_setzero_si512(), bytes);
    return int_vec{_mm512_add_epi16(pairs.raw, _mm512_maddubs_epi16(w.numbers.raw, bytes))};
#else
    if constexpr (Signed)
      bytes = _mm256_sign_epi8(bytes, w.signs.raw);
    return int_vec{_mm256_add_epi16(pairs.raw, _mm256_maddubs_epi16(w.numbers.raw, bytes))};
#endif
  }
  static HWY_INLINE total begin_total(float_vec excess) {
    return hn::ConvertTo(ints(), hn::Neg(excess));
  }
  static HWY_INLINE total join(total sum, int_vec pairs, float_vec, int_vec multiplier_pair) {
#if HWY_TARGET == HWY_AVX3
    return hn::Add(sum, int_vec{_mm512_madd_epi16(pairs.raw, multiplier_pair.raw)});
#else
    return hn::Add(sum, int_vec{_mm256_madd_epi16(pairs.raw, multiplier_pair.raw)});
#endif
  }
  static HWY_INLINE float_vec number(total sum) {
    return hn::ConvertTo(floats(), sum);
  }

#else
  static constexpr std::int32_t bias = 0;

  static HWY_INLINE int_vec keep(int_vec w) {
    return w;
  }
  static HWY_INLINE ready prepare(int_vec w) {
    return {w};
  }
  template <int Shift>
  static HWY_INLINE int_vec byte(int_vec four) {
    return hn::ShiftRight<24>(hn::ShiftLeft<Shift>(four));
  }
  static HWY_INLINE int_vec add(int_vec sum, const ready& w, int_vec x) {
    sum = hn::Add(sum, hn::Mul(byte<0>(w.numbers), byte<0>(x)));
    sum = hn::Add(sum, hn::Mul(byte<8>(w.numbers), byte<8>(x)));
    sum = hn::Add(sum, hn::Mul(byte<16>(w.numbers), byte<16>(x)));
    return hn::Add(sum, hn::Mul(byte<24>(w.numbers), byte<24>(x)));
  }
#endif

#if DCI_VNNI || (HWY_TARGET != HWY_AVX3 && HWY_TARGET != HWY_AVX2)
  static constexpr std::uint32_t run = block_groups;
  // All of it whole numbers below 2^24, so nothing is rounded.
  using total = float_vec;

  static HWY_INLINE total begin_total(float_vec excess) {
    return hn::Neg(excess);
  }
  static HWY_INLINE total join(total sum, int_vec run, float_vec multiplier, int_vec) {
    return fused(hn::ConvertTo(floats(), run), multiplier, sum);
  }
  static HWY_INLINE float_vec number(total sum) {
    return sum;
  }
#endif
};

} // namespace with_vnni or without_vnni
} // namespace dci::kernels::HWY_NAMESPACE
