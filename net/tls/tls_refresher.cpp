#include "net/tls/tls_refresher.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include "runtime/base/log.hpp"

namespace dci {
namespace {

constexpr int look_every_ms = 500;
constexpr std::chrono::seconds longest_dial{3};

} // namespace

tls_refresher::tls_refresher(std::shared_ptr<tls_context> context)
    : context_(std::move(context)), stop_(eventfd(0, EFD_CLOEXEC)), thread_([this] { serve(); }) {
}

tls_refresher::~tls_refresher() {
  eventfd_write(stop_.get(), 1);
  thread_.join();
}

std::shared_ptr<const void> tls_refresher::look_after(const address& to,
                                                      const verified_node& peer) {
  auto out = std::make_shared<dialled>(
      dialled{to, peer.id, {context_->shown_version(), peer.valid_until, context_->now()}});
  const std::lock_guard lock(mutex_);
  all_.push_back(out);
  return out;
}

void tls_refresher::serve() {
  pollfd stop{stop_.get(), POLLIN, 0};
  while (poll(&stop, 1, look_every_ms) <= 0) {
    std::vector<std::shared_ptr<dialled>> due;
    {
      const std::lock_guard lock(mutex_);
      std::erase_if(all_, [](const auto& one) { return one.expired(); });
      const auto now = std::chrono::steady_clock::now();
      for (const auto& one : all_)
        if (auto held = one.lock();
            held && held->plan.is_due(context_->shown_version(), context_->now(), now))
          due.push_back(std::move(held));
    }
    for (const auto& one : due)
      refresh(*one);
  }
}

// The plan is this thread's alone.
void tls_refresher::refresh(dialled& one) {
  const auto own = context_->shown_version();
  const auto link = tls_dial(context_, one.to, {longest_dial, stop_.get()}, tls_purpose::shows);
  const auto at = std::chrono::steady_clock::now();
  const auto peer = link ? link->session->peer() : std::nullopt;
  if (peer && peer->id == one.peer)
    return one.plan.succeeded(own, peer->valid_until, context_->now(), at);
  one.plan.failed(context_->now(), at);
  if (!link && link.error().code != errc::cancelled)
    spdlog::info("certificates were not exchanged anew: {}", link.error().message);
}

} // namespace dci
