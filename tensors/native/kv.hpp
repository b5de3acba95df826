// One session's keys and values: a list of pages of 32 positions.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "tensors/decoder/kv_budget.hpp"
#include "tensors/decoder/layer_range.hpp"
#include "tensors/native/kv_pool.hpp"

namespace dci {

class native_kv_cache final : public kv_cache {
 public:
  /// Begins with the pages of the prompt that the pool knows, but leaves at least
  /// one token of it to be computed.
  native_kv_cache(const layer_range* owner, std::shared_ptr<kv_pool> pool,
                  std::unique_ptr<kv_promise> promise, std::uint32_t capacity,
                  std::span<const token_id> prompt);
  ~native_kv_cache() override;
  native_kv_cache(const native_kv_cache&) = delete;
  native_kv_cache& operator=(const native_kv_cache&) = delete;

  std::uint32_t length() const override {
    return length_;
  }
  std::uint32_t capacity() const override {
    return capacity_;
  }
  void truncate(std::uint32_t length) override;
  /// The range that made it.
  const layer_range* owner() const {
    return owner_;
  }

  const kernels::page_layout& layout() const {
    return pool_->shape().layout;
  }

  /// Takes the pages that n more positions are written to. Throws std::bad_alloc.
  void reserve(std::uint32_t n);
  /// One head's part of the page of a position that there is room for, and the
  /// position's place in it.
  std::byte* page(std::uint32_t block, std::uint32_t head, std::uint32_t position) {
    return pages_[position / kernels::page_positions]->bytes.data() +
           pool_->shape().part(block, head);
  }
  /// One head's part of every page.
  void parts(std::uint32_t block, std::uint32_t head, std::vector<const std::byte*>& out) const;
  /// Counts the n positions that every block has written. tokens: their ids, or
  /// empty: then this session's pages are known to nobody from here on.
  void commit(std::uint32_t n, std::span<const token_id> tokens);

 private:
  kv_page_key key_of(std::size_t page) const;

  const layer_range* owner_;
  std::shared_ptr<kv_pool> pool_;
  std::unique_ptr<kv_promise> promise_;
  std::uint32_t capacity_;
  std::uint32_t length_ = 0;
  std::vector<kv_page*> pages_;
  std::vector<token_id> tokens_; ///< of the first positions, as far as they were told
};

} // namespace dci
