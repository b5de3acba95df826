// Attention of queries to cached keys and values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace dci::kernels {

/// Positions of one page of a cache.
inline constexpr std::uint32_t page_positions = 32;

/// How a cache keeps its numbers. F16 halves what attention reads; it holds magnitudes
/// below 65520, with 11 bits.
enum class cache_format : std::uint8_t { f32, f16 };

/// One key/value head's part of a page: the keys [head_dim][32 positions], so that lanes
/// are positions, then the values [32 positions][value_stride].
struct page_layout {
  std::uint32_t head_dim = 0;
  cache_format format = cache_format::f32;

  /// head_dim rounded up to whole vectors.
  constexpr std::uint32_t value_stride() const {
    return (head_dim + 15) / 16 * 16;
  }
  constexpr std::size_t key_numbers() const {
    return std::size_t{head_dim} * page_positions;
  }
  /// A multiple of 64.
  constexpr std::size_t head_bytes() const {
    const auto numbers = key_numbers() + std::size_t{page_positions} * value_stride();
    return numbers * (format == cache_format::f32 ? 4 : 2);
  }
};

/// Writes position `slot` of one head's part: head_dim numbers each, rounded to the
/// format, ties to even. part: head_bytes() bytes on a 64-byte boundary. False when a
/// number that was stored is infinite or NaN, such as one too large for F16.
bool store_key_value(const page_layout& layout, std::byte* part, std::uint32_t slot,
                     const float* key, const float* value);

/// One query and where its answer goes.
struct attention_query {
  const float* query = nullptr; ///< [head_dim]
  float* out = nullptr;         ///< [value_stride], on a 64-byte boundary
  std::uint32_t first = 0;      ///< the first position it sees
  std::uint32_t last = 0;       ///< the last one, its own
};

/// Queries that go through the same keys together.
inline constexpr std::uint32_t max_queries = 8;

/// out = sum over positions p of softmax(scale * query . key_p) * value_p, for at
/// most max_queries queries of one key/value head. parts: of that head, in the pages of
/// the session, in order. Stored numbers are taken exactly as they are; all sums are of F32.
///
/// Pages are taken by absolute position, with a running maximum and sum (Milakov
/// and Gimelshein, 2018): a query's bits depend on its position and the cache
/// alone, not on who is asked along with it.
void attend(const page_layout& layout, std::span<const std::byte* const> parts,
            std::span<const attention_query> queries, float scale);

} // namespace dci::kernels
