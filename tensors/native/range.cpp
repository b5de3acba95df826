#include "tensors/native/range.hpp"

#include <algorithm>
#include <array>
#include <new>

#include "tensors/decoder/range_checks.hpp"
#include "tensors/kernels/exact_math.hpp"

namespace dci {

namespace {

error out_of_memory(const range_info& info) {
  return {errc::internal, name_of(info) + ": out of memory"};
}

} // namespace

std::uint64_t native_weights::bytes() const {
  auto total = norm.bytes() + head.bytes();
  for (const auto& block : blocks)
    total += block.bytes();
  return total;
}

native_range::native_range(const model_config& config, layer_span layers, native_weights weights,
                           std::vector<double> frequencies, const range_options& options)
    : weights_(std::move(weights)), frequencies_(std::move(frequencies)) {
  for (auto& block : weights_.blocks)
    block.shape.half_rows = options.half_rows;
  compute_ = {config.hidden,
              config.heads * config.head_dim,
              config.kv_heads * config.head_dim,
              config.ffn,
              layers.last == config.layers ? config.vocab : 0,
              config.head_dim};
  const auto format = options.half_kv ? kernels::cache_format::f16 : kernels::cache_format::f32;
  const kv_shape pages{{config.head_dim, format}, layers.count(), config.kv_heads};
  budget_ = std::make_shared<kv_budget>(options.kv_memory);
  pool_ = std::make_shared<kv_pool>(pages, options.kv_memory / pages.page_bytes());
  info_ = {layers,
           config.layers,
           config.hidden,
           config.vocab,
           config.context,
           weights_.bytes(),
           pages.page_bytes() / kernels::page_positions,
           options.half_rows};
}

expected<std::unique_ptr<kv_cache>>
native_range::make_cache(std::uint32_t max_positions, std::span<const token_id> prompt) const {
  const auto room = std::min(max_positions, info_.context);
  const auto pages = (room + kernels::page_positions - 1) / kernels::page_positions;
  DCI_ASSIGN(auto promise, budget_->promise(pages * pool_->shape().page_bytes(), name_of(info_)));
  return std::make_unique<native_kv_cache>(this, pool_, std::move(promise), room, prompt);
}

result native_range::check(const range_input& input, part& out) const {
  auto* const own = dynamic_cast<native_kv_cache*>(input.cache);
  if (own == nullptr || own->owner() != this)
    return fail(foreign_cache(info_));
  DCI_ASSIGN(out.rows, check_forward(info_, input));
  out.cache = own;
  out.begin = own->length();
  return {};
}

// A session that fails is taken out, and the others run again: their rows do not depend on it.
std::vector<expected<activation>>
native_range::forward_batch(std::span<const range_input> inputs) const {
  std::vector<expected<activation>> out(inputs.size());
  std::vector<part> parts;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    part one{&inputs[i], &out[i]};
    auto good = check(inputs[i], one);
    if (good && std::ranges::find(parts, one.cache, &part::cache) != parts.end())
      good = fail(foreign_cache(info_));
    if (good)
      parts.push_back(std::move(one));
    else
      out[i] = fail(good.error());
  }
  const auto rewind = [&] {
    for (auto& one : parts)
      one.cache->truncate(one.begin);
  };
  try {
    while (!parts.empty()) {
      const auto bad = forward_parts(parts);
      if (!bad)
        break;
      rewind();
      *parts[bad->part].answer = fail(not_finite_result(info_, bad->position));
      parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(bad->part));
    }
    for (auto& one : parts)
      *one.answer = activation::own(one.rows, info_.hidden, std::move(one.out), info_.half_rows);
  } catch (const std::bad_alloc&) {
    rewind();
    for (auto& one : parts)
      *one.answer = fail(out_of_memory(info_));
  }
  return out;
}

void native_range::fill_rows(const part& from, std::uint32_t first, std::uint32_t count, float* out,
                             std::size_t stride) const {
  const auto& input = *from.input;
  for (auto r = first; r < first + count; ++r, out += stride)
    if (info_.is_first())
      weights_.embedding.row(input.tokens[r], from.begin + r, {out, info_.hidden});
    else
      std::ranges::copy(input.rows.row(r), out);
}

// Many rows go in pieces, which changes no bit and bounds the working memory.
std::optional<native_range::bad_row> native_range::forward_parts(std::span<part> parts) const {
  for (auto& one : parts) {
    one.out.resize(std::size_t{one.rows} * info_.hidden);
    one.cache->reserve(one.rows);
  }
  std::size_t next = 0;       // part
  std::uint32_t from_row = 0; // of that part
  while (next < parts.size()) {
    std::vector<session_rows> piece;
    std::uint32_t rows = 0;
    const auto first_part = next;
    const auto first_row = from_row;
    for (; next < parts.size() && rows < kernels::max_matmul_rows; ++next, from_row = 0) {
      auto& one = parts[next];
      const auto count = std::min(one.rows - from_row, kernels::max_matmul_rows - rows);
      piece.push_back({one.cache, rows, count, one.cache->length()});
      rows += count;
      from_row += count;
      if (from_row < one.rows)
        break;
    }
    compute_lock compute;
    auto& memory = compute.memory(compute_, rows);
    const auto offset = [&](std::size_t i) { return i == 0 ? first_row : 0; };
    for (std::size_t i = 0; i < piece.size(); ++i)
      fill_rows(parts[first_part + i], offset(i), piece[i].count, memory.x.row(piece[i].first),
                memory.x.stride());
    const auto bad = run_piece(compute.team(), memory, piece);
    for (std::size_t i = 0; i < piece.size(); ++i) {
      const auto& [cache, first, count, position] = piece[i];
      auto& one = parts[first_part + i];
      if (bad != workspace::none) {
        if (bad < first + count)
          return bad_row{first_part + i, position + bad - first};
        continue;
      }
      for (std::uint32_t r = 0; r < count; ++r)
        std::copy_n(memory.x.row(first + r), info_.hidden,
                    one.out.data() + std::size_t{offset(i) + r} * info_.hidden);
      const auto ids = one.input->tokens;
      cache->commit(count, ids.size() == one.rows ? ids.subspan(offset(i), count) : ids.first(0));
    }
  }
  return {};
}

std::uint32_t native_range::run_piece(thread_team& team, workspace& memory,
                                      std::span<const session_rows> sessions) const {
  memory.bad_row = workspace::none;
  for (const auto& [cache, first, count, position] : sessions)
    for (std::uint32_t r = 0; r < count && !frequencies_.empty(); ++r)
      kernels::rotary_angles(frequencies_, position + r, memory.cosines.row(first + r),
                             memory.sines.row(first + r));
  const auto items = attention_items(sessions, weights_.blocks.front().shape, team.size());
  const native_step step{&memory, &team, sessions.back().first + sessions.back().count, sessions,
                         items};
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

std::vector<expected<std::vector<float>>>
native_range::logits_batch(std::span<const logits_input> rows) const {
  std::vector<expected<std::vector<float>>> out(rows.size());
  std::vector<logits_input> good;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (auto ok = check_logits(info_, *rows[i].output, rows[i].row); !ok) {
      out[i] = fail(ok.error());
      continue;
    }
    good.push_back(rows[i]);
    places.push_back(i);
  }
  try {
    for (std::size_t first = 0; first < good.size(); first += workspace::most_logits) {
      const auto count = std::min<std::size_t>(good.size() - first, workspace::most_logits);
      compute_lock compute;
      auto& memory = compute.memory(compute_, static_cast<std::uint32_t>(count));
      logits_piece({good.data() + first, count}, compute.team(), memory);
      for (std::size_t i = 0; i < count; ++i) {
        const float* const scores = memory.logits.row(static_cast<std::uint32_t>(i));
        auto& answer = out[places[first + i]];
        if (kernels::all_finite(scores, info_.vocab))
          answer->assign(scores, scores + info_.vocab);
        else
          answer = fail(not_finite_logits(info_));
      }
    }
  } catch (const std::bad_alloc&) {
    for (auto& one : out)
      one = fail(out_of_memory(info_));
  }
  return out;
}

void native_range::logits_piece(std::span<const logits_input> rows, thread_team& team,
                                workspace& memory) const {
  const auto count = static_cast<std::uint32_t>(rows.size());
  for (std::uint32_t r = 0; r < count; ++r)
    std::ranges::copy(rows[r].output->row(rows[r].row), memory.x.row(r));
  const std::array products{product{&weights_.head, &memory.logits}};
  team.run([&](std::uint32_t thread) {
    multiply(memory, normed(memory, team, count, weights_.norm, products, thread), products, thread,
             team.size());
  });
}

} // namespace dci
