#include "tensors/native/compute.hpp"

#include <algorithm>

#include "tensors/kernels/attention.hpp"

namespace dci {

namespace {

struct shared_compute {
  std::mutex mutex;
  std::uint32_t wanted = std::max(1u, std::thread::hardware_concurrency());
  std::unique_ptr<thread_team> team;
  std::unique_ptr<workspace> memory;
};

// Never destroyed: a process may end while its ranges still compute.
shared_compute& shared() {
  static auto* const all = new shared_compute;
  return *all;
}

} // namespace

compute_shape compute_shape::joined(const compute_shape& other) const {
  return {std::max(hidden, other.hidden), std::max(queries, other.queries),
          std::max(keys, other.keys),     std::max(ffn, other.ffn),
          std::max(vocab, other.vocab),   std::max(head_dim, other.head_dim)};
}

workspace::workspace(const compute_shape& s, std::uint32_t room, std::uint32_t threads)
    : shape(s), rows(room) {
  const auto copies = std::max(room, threads);
  const auto widest = std::max({s.hidden, s.queries, s.ffn});
  x = row_buffer(room, s.hidden);
  y = row_buffer(room, s.hidden);
  normed = row_buffer(copies, s.hidden);
  q = row_buffer(room, s.queries);
  k = row_buffer(room, s.keys);
  v = row_buffer(room, s.keys);
  attended = row_buffer(room, s.queries);
  gate = row_buffer(room, s.ffn);
  up = row_buffer(room, s.ffn);
  logits = row_buffer(std::min(room, most_logits), s.vocab);
  // Blocks of 32, however wide the operand is.
  bytes = kernels::byte_rows(copies, (widest + 31) / 32 * 32);
  cosines = row_buffer(room, s.head_dim / 2);
  sines = row_buffer(room, s.head_dim / 2);
  answers = row_buffer(threads * kernels::max_queries, s.head_dim);
  scratch.resize(threads);
}

compute_lock::compute_lock() : lock_(shared().mutex) {
  auto& all = shared();
  if (all.team && all.team->size() == all.wanted)
    return;
  all.memory.reset();
  all.team = std::make_unique<thread_team>(all.wanted);
}

thread_team& compute_lock::team() {
  return *shared().team;
}

workspace& compute_lock::memory(const compute_shape& shape, std::uint32_t rows) {
  auto& memory = shared().memory;
  // Ranges of one process take turns, so the memory fits them all.
  const auto wide = memory ? memory->shape.joined(shape) : shape;
  const auto room = memory ? std::max(memory->rows, rows) : rows;
  if (!memory || memory->shape != wide || memory->rows != room) {
    memory.reset();
    memory = std::make_unique<workspace>(wide, room, team().size());
  }
  return *memory;
}

void expect_compute() {
  auto& all = shared();
  // Held by a range that computes: then they are awake.
  const std::unique_lock lock(all.mutex, std::try_to_lock);
  if (lock && all.team)
    all.team->stand_by();
}

void set_compute_threads(std::uint32_t count) {
  const std::lock_guard lock(shared().mutex);
  shared().wanted = std::max(1u, count);
}

} // namespace dci
