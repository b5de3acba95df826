#include "net/tunnel/tunnel_way.hpp"

#include "net/tunnel/secrets.hpp"
#include "net/tunnel/wrapped.hpp"

namespace dci {

std::optional<std::pair<endpoint, std::vector<std::uint8_t>>>
tunnel_way::wrap(const endpoint& to, const std::vector<std::uint8_t>& bytes) {
  const std::lock_guard lock(mutex_);
  if (!now_) {
    ++figures_.refused["a datagram while the tunnel is not open"];
    return {};
  }
  figures_.bytes_out += bytes.size();
  return std::pair{now_->entry, wrap_datagram({now_->token, to, bytes})};
}

bool tunnel_way::unwrap(received_datagram& one) {
  const auto opened = unwrap_datagram(one.bytes);
  const std::lock_guard lock(mutex_);
  if (!opened) {
    ++figures_.refused[opened.error().message];
    return false;
  }
  if (!now_ || !is_same_secret(opened->token, now_->token) || !opened->peer) {
    ++figures_.refused["a datagram with a wrong token"];
    return false;
  }
  ++figures_.came;
  figures_.bytes_in += opened->bytes.size();
  one.from = *opened->peer;
  one.bytes = {opened->bytes.begin(), opened->bytes.end()};
  return true;
}

void tunnel_way::use(sender sends) {
  const std::lock_guard lock(sending_);
  sends_ = std::move(sends);
}

bool tunnel_way::is_used() const {
  const std::lock_guard lock(sending_);
  return static_cast<bool>(sends_);
}

void tunnel_way::open(const endpoint& entry, const flow_token& token) {
  {
    const std::lock_guard lock(mutex_);
    now_ = {entry, token};
  }
  keep_open();
}

void tunnel_way::close() {
  const std::lock_guard lock(mutex_);
  now_.reset();
}

void tunnel_way::keep_open() {
  std::optional<open_way> now;
  {
    const std::lock_guard lock(mutex_);
    now = now_;
  }
  const std::lock_guard lock(sending_);
  if (now && sends_)
    sends_(now->entry, wrap_datagram({now->token, {}, {}}));
}

tunnel_way::figures tunnel_way::so_far() const {
  const std::lock_guard lock(mutex_);
  return figures_;
}

} // namespace dci
