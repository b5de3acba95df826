// Memory for keys and values, promised to sessions before they begin: who was
// let in never runs short.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "runtime/base/error.hpp"

namespace dci {

/// What one session may take; given back when it is destroyed.
class kv_promise;

/// Shared by the sessions of one range; any thread may ask.
class kv_budget : public std::enable_shared_from_this<kv_budget> {
 public:
  /// limit: bytes; 0 for none.
  explicit kv_budget(std::uint64_t limit) : limit_(limit) {
  }

  /// who: whose budget it is, for messages. Errors: context_full when so many bytes
  /// exceed the budget alone, busy when what is left of it does not do.
  expected<std::unique_ptr<kv_promise>> promise(std::uint64_t bytes, const std::string& who);

  std::uint64_t limit() const {
    return limit_;
  }

 private:
  friend class kv_promise;

  std::uint64_t limit_;
  std::mutex mutex_;
  std::uint64_t promised_ = 0;
};

class kv_promise {
 public:
  kv_promise(std::shared_ptr<kv_budget> budget, std::uint64_t bytes)
      : budget_(std::move(budget)), bytes_(bytes) {
  }
  ~kv_promise();
  kv_promise(const kv_promise&) = delete;
  kv_promise& operator=(const kv_promise&) = delete;

 private:
  std::shared_ptr<kv_budget> budget_;
  std::uint64_t bytes_;
};

} // namespace dci
