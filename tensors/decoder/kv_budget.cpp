#include "tensors/decoder/kv_budget.hpp"

namespace dci {

namespace {

std::string mib(std::uint64_t bytes) {
  return std::to_string((bytes + (1u << 20) - 1) >> 20) + " MiB";
}

} // namespace

expected<std::unique_ptr<kv_promise>> kv_budget::promise(std::uint64_t bytes,
                                                         const std::string& who) {
  const std::lock_guard lock(mutex_);
  if (limit_ != 0 && bytes > limit_)
    return fail(errc::context_full, who + ": the session's keys and values take " + mib(bytes) +
                                        ", and the budget for all sessions (kv_memory) is " +
                                        mib(limit_) +
                                        ": ask for fewer tokens, or raise the budget");
  if (limit_ != 0 && bytes > limit_ - promised_)
    return fail(errc::busy, who + ": the session's keys and values take " + mib(bytes) + ", and " +
                                mib(limit_ - promised_) + " of the budget of " + mib(limit_) +
                                " (kv_memory) are free");
  promised_ += bytes;
  return std::make_unique<kv_promise>(shared_from_this(), bytes);
}

kv_promise::~kv_promise() {
  const std::lock_guard lock(budget_->mutex_);
  budget_->promised_ -= bytes_;
}

} // namespace dci
