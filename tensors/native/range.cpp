#include "tensors/native/range.hpp"

#include <algorithm>
#include <array>
#include <new>

#include "tensors/decoder/finite.hpp"
#include "tensors/decoder/range_checks.hpp"
#include "tensors/kernels/exact_math.hpp"

namespace dci {

namespace {

// Memory is all that can run out; everything else is checked before.
template <class Work>
auto within_memory(const range_info& info, Work&& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return fail(errc::internal, name_of(info) + ": out of memory");
  }
}

} // namespace

std::uint64_t native_weights::bytes() const {
  auto total = norm.bytes() + head.bytes();
  for (const auto& block : blocks)
    total += block.bytes();
  return total;
}

native_range::native_range(const model_config& config, layer_span layers, native_weights weights,
                           std::vector<double> frequencies)
    : weights_(std::move(weights)), frequencies_(std::move(frequencies)) {
  compute_ = {config.hidden,
              config.heads * config.head_dim,
              config.kv_heads * config.head_dim,
              config.ffn,
              layers.last == config.layers ? config.vocab : 0,
              config.head_dim};
  pages_ = {{config.head_dim}, layers.count(), config.kv_heads};
  info_ = {layers,
           config.layers,
           config.hidden,
           config.vocab,
           config.context,
           weights_.bytes(),
           pages_.bytes() / kernels::page_positions};
}

std::unique_ptr<kv_cache> native_range::make_cache(std::uint32_t max_positions) const {
  return std::make_unique<native_kv_cache>(this, pages_, std::min(max_positions, info_.context));
}

expected<activation> native_range::forward(std::span<const token_id> tokens,
                                           kv_cache& cache) const {
  DCI_TRY(check_tokens(info_, tokens));
  return forward_rows(static_cast<std::uint32_t>(tokens.size()), cache,
                      [&](std::uint32_t row, std::uint32_t position, float* out) {
                        weights_.embedding.row(tokens[row], position, {out, info_.hidden});
                      });
}

expected<activation> native_range::forward(const activation& input, kv_cache& cache) const {
  DCI_TRY(check_input(info_, input));
  const auto bad = first_non_finite(input.values());
  if (bad != input.values().size())
    return fail(not_finite_input(info_, cache.length() + bad / info_.hidden));
  return forward_rows(input.rows(), cache, [&](std::uint32_t row, std::uint32_t, float* out) {
    std::ranges::copy(input.row(row), out);
  });
}

// Long inputs go in pieces, which changes no bit and bounds the working memory.
expected<activation> native_range::forward_rows(std::uint32_t rows, kv_cache& cache,
                                                const row_source& source) const {
  auto* const own = dynamic_cast<native_kv_cache*>(&cache);
  if (own == nullptr || own->owner() != this)
    return fail(foreign_cache(info_));
  DCI_TRY(check_room(info_, cache, rows));
  return within_memory(info_, [&]() -> expected<activation> {
    const auto begin = own->length();
    std::vector<float> out(std::size_t{rows} * info_.hidden);
    own->reserve(rows);
    for (std::uint32_t first = 0; first < rows; first += kernels::max_matmul_rows) {
      const auto count = std::min(kernels::max_matmul_rows, rows - first);
      compute_lock compute;
      auto& memory = compute.memory(compute_, count);
      for (std::uint32_t r = 0; r < count; ++r)
        source(first + r, begin + first + r, memory.x.row(r));
      const auto bad = run_piece(compute.team(), memory, *own, count);
      if (bad != workspace::none) {
        own->rewind(begin);
        return fail(not_finite_result(info_, begin + first + bad));
      }
      for (std::uint32_t r = 0; r < count; ++r)
        std::copy_n(memory.x.row(r), info_.hidden,
                    out.data() + std::size_t{first + r} * info_.hidden);
      own->commit(count);
    }
    return activation::own(rows, info_.hidden, std::move(out));
  });
}

std::uint32_t native_range::run_piece(thread_team& team, workspace& memory, native_kv_cache& cache,
                                      std::uint32_t rows) const {
  memory.bad_row = workspace::none;
  for (std::uint32_t r = 0; r < rows && !frequencies_.empty(); ++r)
    kernels::rotary_angles(frequencies_, cache.length() + r, memory.cosines.row(r),
                           memory.sines.row(r));
  const native_step step{&memory, &team, &cache, rows};
  team.run([&](std::uint32_t thread) {
    for (std::uint32_t slot = 0; slot < weights_.blocks.size(); ++slot) {
      weights_.blocks[slot].forward(step, slot, thread);
      // All threads read the same: no block notes anything before its first barrier.
      if (memory.bad_row.load(std::memory_order_relaxed) != workspace::none)
        return;
    }
  });
  return memory.bad_row;
}

expected<std::vector<float>> native_range::logits(const activation& output,
                                                  std::uint32_t row) const {
  DCI_TRY(check_logits(info_, output, row));
  return within_memory(info_, [&]() -> expected<std::vector<float>> {
    compute_lock compute;
    auto& memory = compute.memory(compute_, 1);
    auto& team = compute.team();
    std::ranges::copy(output.row(row), memory.x.row(0));
    const std::array products{product{&weights_.head, &memory.logits}};
    team.run([&](std::uint32_t thread) {
      weights_.norm.apply(memory.x.row(0), memory.normed.row(thread));
      const auto rows = prepare(memory, {memory.normed.row(thread), memory.normed.stride(), 1},
                                products, thread, team.size());
      multiply(memory, rows, products, thread, team.size());
    });
    const float* const scores = memory.logits.row(0);
    std::vector<float> out(scores, scores + info_.vocab);
    if (first_non_finite(out) != out.size())
      return fail(not_finite_logits(info_));
    return out;
  });
}

} // namespace dci
