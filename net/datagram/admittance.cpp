#include "net/datagram/admittance.hpp"

#include "net/datagram/introduction.hpp"

namespace dci {
namespace {

std::string key_of(const node_id& id) {
  return {id.bytes.begin(), id.bytes.end()};
}

std::string key_of(const endpoint& e) {
  std::string out(e.ip.begin(), e.ip.end());
  out += static_cast<char>(e.port >> 8);
  return out += static_cast<char>(e.port & 0xff);
}

} // namespace

admittance::admittance(std::shared_ptr<tls_context> credentials)
    : credentials_(std::move(credentials)),
      introduction_(pack_introduction(shown_certificates{credentials_->shown()})),
      question_(pack_introduction(certificates_wanted{})), generation_(credentials_->generation()) {
}

bool admittance::is_admitted(const node_id& sender) {
  const std::lock_guard lock(mutex_);
  forget_outdated();
  const auto found = admitted_.find(key_of(sender));
  return found != admitted_.end() && credentials_->now() < found->second;
}

void admittance::forget_outdated() {
  if (const auto newest = credentials_->generation(); newest != generation_) {
    generation_ = newest;
    admitted_.clear(); // who still holds introduces himself again
  }
}

admittance::answer admittance::take(const endpoint& from, const public_key& sender,
                                    byte_view payload, clock::time_point now) {
  const auto message = unpack_introduction(payload);
  if (!message)
    return {"an introduction cannot be read", false};
  const auto* shown = std::get_if<shown_certificates>(&*message);
  if (shown == nullptr) {
    const std::lock_guard lock(mutex_);
    const auto written = written_.find(key_of(from));
    if (written == written_.end())
      return {"somebody asks who we are to whom we never wrote", false};
    return {"", is_due(written_, from, now)};
  }
  const auto generation = credentials_->generation();
  const auto verified = credentials_->verify(shown->certificates);
  if (!verified)
    return {"certificates are refused: " + std::string{to_string(verified.error().reason)}, false};
  if (verified->key != sender)
    return {"certificates are shown by another node than theirs", false};
  const std::lock_guard lock(mutex_);
  forget_outdated();
  if (generation != generation_)
    return {}; // judged by older lists: it will be asked again
  if (admitted_.size() >= most_nodes)
    admitted_.clear();
  admitted_.insert_or_assign(key_of(verified->id), verified->valid_until);
  return {};
}

bool admittance::is_first(const endpoint& to, clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (written_.size() >= most_nodes)
    written_.clear();
  return written_.try_emplace(key_of(to), now).second;
}

bool admittance::may_ask(const endpoint& whom, clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (asked_.size() >= most_nodes)
    asked_.clear();
  return asked_.try_emplace(key_of(whom), now).second || is_due(asked_, whom, now);
}

bool admittance::is_due(times& all, const endpoint& whom, clock::time_point now) {
  auto& last = all.at(key_of(whom));
  if (now - last < between_introductions)
    return false;
  last = now;
  return true;
}

} // namespace dci
