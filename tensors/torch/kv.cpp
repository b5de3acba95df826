#include "tensors/torch/kv.hpp"

#include <algorithm>

namespace dci {

namespace {

constexpr std::int64_t first_room = 64; // positions

void grow(at::Tensor& stored, std::int64_t room, std::int64_t filled) {
  auto larger = at::empty({stored.size(0), room, stored.size(2)}, stored.options());
  larger.narrow(1, 0, filled).copy_(stored.narrow(1, 0, filled));
  stored = std::move(larger);
}

} // namespace

torch_kv_cache::torch_kv_cache(const layer_range* owner, std::unique_ptr<kv_promise> promise,
                               std::uint32_t blocks, std::int64_t kv_heads, std::int64_t head_dim,
                               std::uint32_t capacity)
    : owner_(owner), promise_(std::move(promise)), blocks_(blocks), kv_heads_(kv_heads),
      head_dim_(head_dim), capacity_(capacity) {
}

kv_block torch_kv_cache::append(std::uint32_t block, const at::Tensor& keys,
                                const at::Tensor& values) {
  auto& stored = blocks_[block];
  const std::int64_t begin = length_;
  const auto end = begin + keys.size(1);
  if (!stored.keys.defined()) {
    stored.keys = at::empty({kv_heads_, 0, head_dim_}, keys.options());
    stored.values = stored.keys;
  }
  if (const auto room = stored.keys.size(1); end > room) {
    const auto wanted = std::max({end, 2 * room, first_room});
    const auto larger = std::min<std::int64_t>(wanted, capacity_);
    grow(stored.keys, larger, begin);
    grow(stored.values, larger, begin);
  }
  stored.keys.narrow(1, begin, keys.size(1)).copy_(keys);
  stored.values.narrow(1, begin, values.size(1)).copy_(values);
  return {stored.keys.narrow(1, 0, end), stored.values.narrow(1, 0, end)};
}

} // namespace dci
