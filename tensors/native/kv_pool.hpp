// Pages of keys and values that the sessions of one range share.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "runtime/base/ids.hpp"
#include "tensors/kernels/aligned_buffer.hpp"
#include "tensors/kernels/attention.hpp"

namespace dci {

/// What one page of a range holds: [blocks][kv_heads] parts, each laid out as
/// kernels::page_layout says.
struct kv_shape {
  kernels::page_layout layout;
  std::uint32_t blocks = 0;
  std::uint32_t kv_heads = 0;

  std::size_t part(std::uint32_t block, std::uint32_t head) const {
    return (std::size_t{block} * kv_heads + head) * layout.head_bytes();
  }
  std::size_t page_bytes() const {
    return part(blocks, 0);
  }
};

/// The tokens of a full page and the page before it, which stands for all tokens
/// before those: what a page holds is a pure function of both.
struct kv_page_key {
  std::uint64_t before = 0; ///< kv_page::number; 0 for the first page of a session
  std::array<token_id, kernels::page_positions> tokens{};

  friend bool operator==(const kv_page_key&, const kv_page_key&) = default;
};

struct kv_page {
  kernels::aligned_buffer bytes;
  std::uint64_t number = 0; ///< while it is known by a key: never given twice
  kv_page_key key;
  std::uint32_t users = 0;
  std::list<kv_page*>::iterator place; ///< among the unused ones

  bool is_known() const {
    return number != 0;
  }
};

/// A page that is full of known tokens can be found by them and is not written to
/// again; nobody's pages of that kind are kept until their memory is needed. Any
/// thread may call.
class kv_pool {
 public:
  /// most_pages: how many there may be before known ones that nobody uses are
  /// forgotten; 0: they are forgotten at once.
  kv_pool(const kv_shape& shape, std::uint64_t most_pages)
      : shape_(shape), most_pages_(most_pages) {
  }

  const kv_shape& shape() const {
    return shape_;
  }
  /// A page to write to, its contents undefined. Throws std::bad_alloc.
  kv_page* take();
  /// Ends one use.
  void drop(kv_page* page);
  /// One use more of the page with that key; nullptr when there is none.
  kv_page* find(const kv_page_key& key);
  /// Makes a page that its caller alone uses known. When another one is known by
  /// that key, uses it instead, and drops this one. Returns the one in use.
  kv_page* publish(kv_page* page, const kv_page_key& key);

 private:
  struct key_hash {
    std::size_t operator()(const kv_page_key& key) const noexcept;
  };
  void forget(kv_page* page);

  kv_shape shape_;
  std::uint64_t most_pages_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<kv_page>> all_;
  std::vector<kv_page*> free_;
  std::list<kv_page*> unused_; ///< known, without users, the longest unused first
  std::unordered_map<kv_page_key, kv_page*, key_hash> known_;
  std::uint64_t last_number_ = 0;
};

} // namespace dci
