#include "tensors/native/block.hpp"

#include <algorithm>
#include <array>

namespace dci {

void note_bad_row(workspace& memory, std::uint32_t row) {
  auto seen = memory.bad_row.load(std::memory_order_relaxed);
  while (row < seen && !memory.bad_row.compare_exchange_weak(seen, row, std::memory_order_relaxed))
    ;
}

std::uint64_t native_block::bytes() const {
  std::uint64_t total = 0;
  for (const auto* norm : {&attention_norm, &ffn_norm, &q_norm, &k_norm})
    total += norm->bytes();
  for (const auto* linear : {&q, &k, &v, &o, &gate, &up, &down})
    total += linear->bytes();
  return total;
}

std::vector<attention_item> attention_items(std::span<const session_rows> sessions,
                                            const block_shape& shape, std::uint32_t threads) {
  const auto group = shape.heads / shape.kv_heads;
  const auto items_of = [&](const session_rows& rows, std::uint32_t together) {
    return (rows.count * group + together - 1) / together;
  };
  auto together = kernels::max_queries;
  const auto enough = [&] {
    std::uint32_t items = 0;
    for (const auto& rows : sessions)
      items += shape.kv_heads * items_of(rows, together);
    return items >= 2 * threads;
  };
  while (together > 1 && !enough())
    together /= 2;
  std::vector<attention_item> out;
  for (std::uint32_t s = 0; s < sessions.size(); ++s)
    for (std::uint32_t head = 0; head < shape.kv_heads; ++head)
      for (std::uint32_t i = 0; i < items_of(sessions[s], together); ++i)
        out.push_back(
            {s, head, i * together, std::min((i + 1) * together, sessions[s].count * group)});
  return out;
}

// With one row every thread norms it for itself: that costs less than waiting for another.
operand normed(workspace& memory, thread_team& team, std::uint32_t rows, const native_norm& norm,
               std::span<const product> products, std::uint32_t thread) {
  const auto threads = team.size();
  if (rows == 1) {
    norm.apply(memory.x.row(0), memory.normed.row(thread));
    return prepare(memory, {memory.normed.row(thread), memory.normed.stride(), 1}, products, thread,
                   threads);
  }
  const auto mine = share_of(rows, thread, threads);
  for (auto r = mine.first; r < mine.last; ++r)
    norm.apply(memory.x.row(r), memory.normed.row(r));
  const auto out = prepare(memory, {memory.normed.row(0), memory.normed.stride(), rows}, products,
                           thread, threads);
  team.barrier();
  return out;
}

// Norms and turns the heads, and stores keys and values.
void native_block::place_heads(const native_step& step, std::uint32_t slot,
                               std::uint32_t thread) const {
  auto& memory = *step.memory;
  const auto dim = shape.head_dim;
  const auto heads = shape.heads + shape.kv_heads;
  const auto [first, last] = share_of(step.rows * heads, thread, step.team->size());
  const auto* session = step.sessions.data();
  for (auto item = first; item < last; ++item) {
    const auto r = item / heads, h = item % heads;
    while (r >= session->first + session->count)
      ++session;
    const bool query = h < shape.heads;
    const auto kv_head = h - shape.heads; // where it is one
    float* const head = query ? memory.q.row(r) + h * dim : memory.k.row(r) + kv_head * dim;
    const auto& norm = query ? q_norm : k_norm;
    if (!norm.empty())
      norm.apply(head, head);
    if (shape.rotary)
      kernels::rotate(head, memory.cosines.row(r), memory.sines.row(r), dim);
    bool good = true;
    if (query) {
      good = kernels::all_finite(head, dim);
    } else {
      const float* value = memory.v.row(r) + kv_head * dim;
      const auto position = session->position + (r - session->first);
      good = kernels::store_key_value(session->cache->layout(),
                                      session->cache->page(slot, kv_head, position),
                                      position % kernels::page_positions, head, value);
    }
    if (!good)
      note_bad_row(memory, r);
  }
}

// Items are taken one by one: later rows see more.
void native_block::attend(const native_step& step, std::uint32_t slot, std::uint32_t thread) const {
  auto& memory = *step.memory;
  const auto dim = shape.head_dim;
  const auto group = shape.heads / shape.kv_heads;
  std::vector<const std::byte*> pages;
  std::array<kernels::attention_query, kernels::max_queries> some;
  while (true) {
    const auto next = memory.next_item.fetch_add(1, std::memory_order_relaxed);
    if (next >= step.items.size())
      return;
    const auto& [index, kv_head, begin, end] = step.items[next];
    const auto& session = step.sessions[index];
    session.cache->parts(slot, kv_head, pages);
    const auto place = [&](row_buffer& rows, std::uint32_t query) {
      return rows.row(session.first + query / group) + (kv_head * group + query % group) * dim;
    };
    for (auto i = begin; i < end; ++i) {
      const auto position = session.position + i / group;
      const auto seen_from =
          shape.window > 0 && position + 1 > shape.window ? position + 1 - shape.window : 0;
      some[i - begin] = {place(memory.q, i),
                         memory.answers.row(thread * kernels::max_queries + (i - begin)), seen_from,
                         position};
    }
    kernels::attend(session.cache->layout(), pages, {some.data(), end - begin}, shape.scale);
    for (auto i = begin; i < end; ++i)
      std::copy_n(some[i - begin].out, dim, place(memory.attended, i));
  }
}

// x += linear(input), each thread its outputs, which it checks. leaves: it is the last thing the
// block does to them.
void native_block::add_to_rows(const native_step& step, const native_linear& linear,
                               row_buffer& input, std::uint32_t thread, bool leaves) const {
  auto& memory = *step.memory;
  const auto threads = step.team->size();
  const std::array products{product{&linear, &memory.y}};
  const auto rows =
      prepare(memory, {input.row(0), input.stride(), step.rows}, products, thread, threads);
  if (step.rows > 1 && is_quantized(linear.weight.format()))
    step.team->barrier();
  multiply(memory, rows, products, thread, threads);
  const auto [first, last] = outputs_of(linear, panels_of(products, 0, thread, threads));
  if (first < last)
    for (std::uint32_t r = 0; r < step.rows; ++r) {
      float* const x = memory.x.row(r) + first;
      kernels::add(x, memory.y.row(r) + first, last - first, x);
      if (leaves && shape.half_rows)
        kernels::round_to_half(x, last - first);
      if (!kernels::all_finite(x, last - first))
        note_bad_row(memory, r);
    }
  step.team->barrier();
}

void native_block::forward(const native_step& step, std::uint32_t slot,
                           std::uint32_t thread) const {
  auto& memory = *step.memory;
  const auto threads = step.team->size();
  if (thread == 0)
    memory.next_item.store(0, std::memory_order_relaxed);

  const std::array attention{product{&q, &memory.q}, product{&k, &memory.k},
                             product{&v, &memory.v}};
  multiply(memory, normed(memory, *step.team, step.rows, attention_norm, attention, thread),
           attention, thread, threads);
  step.team->barrier();
  place_heads(step, slot, thread);
  step.team->barrier();
  attend(step, slot, thread);
  step.team->barrier();
  add_to_rows(step, o, memory.attended, thread, false);

  if (gate.empty()) {
    const std::array feed{product{&up, &memory.up}};
    multiply(memory, normed(memory, *step.team, step.rows, ffn_norm, feed, thread), feed, thread,
             threads);
    const auto [first, last] = outputs_of(up, panels_of(feed, 0, thread, threads));
    if (first < last)
      for (std::uint32_t r = 0; r < step.rows; ++r)
        kernels::activate(shape.activation, memory.up.row(r) + first, last - first);
    step.team->barrier();
    add_to_rows(step, down, memory.up, thread, true);
    return;
  }
  // Each thread has the same panels of both, so it can join them without waiting.
  const std::array gates{product{&gate, &memory.gate}}, ups{product{&up, &memory.up}};
  const std::array both{gates[0], ups[0]}; // one of them may be quantized
  const auto rows = normed(memory, *step.team, step.rows, ffn_norm, both, thread);
  multiply(memory, rows, gates, thread, threads);
  multiply(memory, rows, ups, thread, threads);
  const auto [first, last] = outputs_of(up, panels_of(ups, 0, thread, threads));
  if (first < last)
    for (std::uint32_t r = 0; r < step.rows; ++r)
      kernels::activate_gated(shape.activation, memory.gate.row(r) + first,
                              memory.up.row(r) + first, last - first);
  step.team->barrier();
  add_to_rows(step, down, memory.gate, thread, true);
}

} // namespace dci
