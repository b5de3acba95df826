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

/// How a panel's bytes multiply with a row's signed bytes. `ready` is a vector
/// of weights after what can be done once for all rows; `bias` is what every
/// weight is too large by after that.
template <weight_format Format>
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
  static constexpr std::int32_t bias = Format == weight_format::q8_0 ? 128 : 8;

  static HWY_INLINE ready prepare(int_vec w) {
    if constexpr (Format == weight_format::q8_0)
      return {hn::Xor(w, hn::Set(ints(), static_cast<std::int32_t>(0x80808080u)))};
    else
      return {w};
  }
  static HWY_INLINE int_vec add(int_vec sum, const ready& w, int_vec x) {
    return int_vec{_mm512_dpbusd_epi32(sum.raw, w.numbers.raw, x.raw)};
  }

#elif HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2
  static constexpr std::int32_t bias = Format == weight_format::q8_0 ? 0 : 8;

  // Signed weights go as magnitudes, and the row's bytes take their signs: two products of
  // at most 128 * 127 fit in 16 bits.
  static HWY_INLINE ready prepare(int_vec w) {
#if HWY_TARGET == HWY_AVX3
    if constexpr (Format == weight_format::q8_0)
      return {int_vec{_mm512_abs_epi8(w.raw)}, _mm512_movepi8_mask(w.raw)};
    else
      return {w, 0};
#else
    if constexpr (Format == weight_format::q8_0)
      return {int_vec{_mm256_abs_epi8(w.raw)}, w};
    else
      return {w, w};
#endif
  }
  static HWY_INLINE int_vec add(int_vec sum, const ready& w, int_vec x) {
#if HWY_TARGET == HWY_AVX3
    auto bytes = x.raw;
    if constexpr (Format == weight_format::q8_0)
      bytes = _mm512_mask_sub_epi8(bytes, w.negative, _mm512_setzero_si512(), bytes);
    const auto pairs = _mm512_maddubs_epi16(w.numbers.raw, bytes);
    return hn::Add(sum, int_vec{_mm512_madd_epi16(pairs, _mm512_set1_epi16(1))});
#else
    auto bytes = x.raw;
    if constexpr (Format == weight_format::q8_0)
      bytes = _mm256_sign_epi8(bytes, w.signs.raw);
    const auto pairs = _mm256_maddubs_epi16(w.numbers.raw, bytes);
    return hn::Add(sum, int_vec{_mm256_madd_epi16(pairs, _mm256_set1_epi16(1))});
#endif
  }

#else
  static constexpr std::int32_t bias = Format == weight_format::q8_0 ? 0 : 8;

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
};

// Blocks whose weights fit the first-level cache: of 32 outputs 17 KiB.
constexpr std::uint32_t tile_blocks = 16;
// Registers: Rows * Vectors sums of integers, as many of floats, one vector of weights.
constexpr std::uint32_t dot_vectors = 2;
constexpr std::uint32_t dot_rows = lanes() == 16 ? 6 : 2;
constexpr std::uint32_t dot_outputs = dot_vectors * lanes();

struct row_blocks {
  const std::int8_t* bytes;
  const float* scales;
  const std::int32_t* sums;
};

HWY_INLINE int_vec four_bytes(const std::int8_t* at) {
  std::int32_t four;
  __builtin_memcpy(&four, at, 4);
  return hn::Set(ints(), four);
}

// Adds blocks [block, block + count) to Rows x Vectors sums. panel: the first block's record,
// from output `o` on.
template <weight_format Format, std::uint32_t Rows, std::uint32_t Vectors>
HWY_INLINE void add_blocks(const std::byte* panel, std::uint32_t o, std::uint32_t block,
                           std::uint32_t count, const row_blocks* rows, float* y,
                           std::size_t y_stride) {
  using dots = byte_dots<Format>;
  constexpr std::uint32_t groups = block_inputs / 4;
  const floats d;
  const ints di;
  float_vec sums[Rows][Vectors];
  DCI_UNROLL
  for (std::uint32_t r = 0; r < Rows; ++r)
    DCI_UNROLL
  for (std::uint32_t v = 0; v < Vectors; ++v)
    sums[r][v] = block == 0 ? hn::Zero(d) : hn::Load(d, y + r * y_stride + v * lanes());
  for (auto b = block; b < block + count; ++b, panel += panel_block_bytes(Format)) {
    const auto* numbers = reinterpret_cast<const std::int32_t*>(panel + panel_outputs * 2) + o;
    if constexpr (Rows == 1)
      for (std::size_t line = 0; line < panel_block_bytes(Format); line += 64)
        prefetch(panel + line);
    int_vec whole[Rows][Vectors];
    DCI_UNROLL
    for (std::uint32_t r = 0; r < Rows; ++r)
      DCI_UNROLL
    for (std::uint32_t v = 0; v < Vectors; ++v)
      whole[r][v] = hn::Set(di, -dots::bias * rows[r].sums[b]);
    const auto multiply = [&](std::uint32_t group, std::uint32_t v, int_vec w) {
      const auto ready = dots::prepare(w);
      DCI_UNROLL
      for (std::uint32_t r = 0; r < Rows; ++r)
        whole[r][v] = dots::add(
            whole[r][v], ready,
            four_bytes(rows[r].bytes + std::size_t{b} * block_inputs + group * std::size_t{4}));
    };
    if constexpr (Format == weight_format::q8_0) {
      DCI_UNROLL
      for (std::uint32_t group = 0; group < groups; ++group)
        DCI_UNROLL
      for (std::uint32_t v = 0; v < Vectors; ++v)
        multiply(group, v, hn::Load(di, numbers + group * panel_outputs + v * lanes()));
    } else {
      const auto low = hn::Set(di, 0x0f0f0f0f);
      DCI_UNROLL
      for (std::uint32_t group = 0; group < groups / 2; ++group)
        DCI_UNROLL
      for (std::uint32_t v = 0; v < Vectors; ++v) {
        const auto pairs = hn::Load(di, numbers + group * panel_outputs + v * lanes());
        multiply(group, v, hn::And(pairs, low));
        multiply(group + groups / 2, v, hn::And(hn::ShiftRight<4>(pairs), low));
      }
    }
    const auto* scales = reinterpret_cast<const hwy::float16_t*>(panel) + o;
    DCI_UNROLL
    for (std::uint32_t v = 0; v < Vectors; ++v) {
      const auto scale = load_weights(scales + v * lanes());
      DCI_UNROLL
      for (std::uint32_t r = 0; r < Rows; ++r)
        sums[r][v] = fused(hn::ConvertTo(d, whole[r][v]),
                           hn::Mul(scale, hn::Set(d, rows[r].scales[b])), sums[r][v]);
    }
  }
  DCI_UNROLL
  for (std::uint32_t r = 0; r < Rows; ++r)
    DCI_UNROLL
  for (std::uint32_t v = 0; v < Vectors; ++v)
    hn::Store(sums[r][v], d, y + r * y_stride + v * lanes());
}

using add_blocks_function = void (*)(const std::byte*, std::uint32_t, std::uint32_t, std::uint32_t,
                                     const row_blocks*, float*, std::size_t);

template <weight_format Format, std::uint32_t... Less>
add_blocks_function blocks_of(std::uint32_t rows, std::integer_sequence<std::uint32_t, Less...>) {
  static constexpr add_blocks_function all[] = {&add_blocks<Format, Less + 1, dot_vectors>...};
  return all[rows - 1];
}

template <weight_format Format>
void product(const packed_matrix& w, std::uint32_t first, std::uint32_t last,
             const byte_rows_view& x, float* y, std::size_t y_stride) {
  const auto blocks = w.inputs() / block_inputs;
  const auto row_at = [&](std::uint32_t r) {
    const auto first_block = r * (x.stride / block_inputs);
    return row_blocks{x.bytes + r * x.stride, x.scales + first_block, x.sums + first_block};
  };
  if (x.rows == 1) {
    const auto row = row_at(0);
    for (auto panel = first; panel < last; ++panel)
      for (std::uint32_t o = 0; o < panel_outputs;
           o += 4 * lanes() < panel_outputs ? 4 * lanes() : panel_outputs)
        add_blocks<Format, 1, (panel_outputs / lanes() < 4 ? panel_outputs / lanes() : 4)>(
            w.panel(panel), o, 0, blocks, &row, y + std::size_t{panel} * panel_outputs + o,
            y_stride);
    return;
  }
  constexpr auto row_counts = std::make_integer_sequence<std::uint32_t, dot_rows>();
  for (std::uint32_t b = 0; b < blocks; b += tile_blocks) {
    const auto count = std::min(tile_blocks, blocks - b);
    for (auto panel = first; panel < last; ++panel) {
      const auto* records = w.panel(panel) + b * panel_block_bytes(Format);
      for (std::uint32_t r0 = 0; r0 < x.rows; r0 += dot_rows) {
        const auto n = std::min(dot_rows, x.rows - r0);
        row_blocks some[dot_rows];
        for (std::uint32_t r = 0; r < n; ++r)
          some[r] = row_at(r0 + r);
        const auto add = blocks_of<Format>(n, row_counts);
        for (std::uint32_t o = 0; o < panel_outputs; o += dot_outputs)
          add(records, o, b, count, some,
              y + r0 * y_stride + std::size_t{panel} * panel_outputs + o, y_stride);
      }
    }
  }
}

} // namespace with_vnni or without_vnni
} // namespace dci::kernels::HWY_NAMESPACE
