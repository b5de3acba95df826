#include "net/datagram/admittance.hpp"

#include <algorithm>

#include "net/datagram/datagram.hpp"
#include "net/datagram/introduction.hpp"
#include "runtime/base/log.hpp"

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
    : credentials_(std::move(credentials)), question_(pack_introduction(certificates_wanted{})),
      version_seen_(credentials_->shown_version()), version_shown_(version_seen_),
      generation_(credentials_->generation()) {
  introduction_ = pack_introduction(shown_certificates{credentials_->shown()});
}

byte_vector admittance::introduction() {
  const std::lock_guard lock(mutex_);
  look_at_own();
  return introduction_;
}

void admittance::look_at_own() {
  const auto newest = credentials_->shown_version();
  if (newest == version_seen_)
    return;
  version_seen_ = newest;
  auto made = pack_introduction(shown_certificates{credentials_->shown()});
  if (!fits_datagram(made))
    return spdlog::error("the new certificates do not fit one datagram, so nodes are shown the old "
                         "ones: show those of fewer authorities");
  version_shown_ = newest;
  introduction_ = std::move(made);
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
    const auto found = written_.find(key_of(from));
    if (found == written_.end())
      return {"somebody asks who we are to whom we never wrote", false};
    if (now - found->second.at < between_introductions)
      return {};
    look_at_own();
    found->second = {now, version_shown_};
    return {"", true};
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
  // Older certificates that come late, or again, take nothing away.
  auto& until = admitted_[key_of(verified->id)];
  until = std::max(until, verified->valid_until);
  return {};
}

bool admittance::is_first(const endpoint& to, clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (written_.size() >= most_nodes)
    written_.clear();
  look_at_own();
  const auto [found, is_new] = written_.try_emplace(key_of(to), written{now, version_shown_});
  if (is_new || found->second.version_shown == version_shown_)
    return is_new;
  found->second = {now, version_shown_};
  return true;
}

bool admittance::may_ask(const endpoint& whom, clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (asked_.size() >= most_nodes)
    asked_.clear();
  const auto [found, is_new] = asked_.try_emplace(key_of(whom), now);
  if (!is_new && now - found->second < between_introductions)
    return false;
  found->second = now;
  return true;
}

} // namespace dci
