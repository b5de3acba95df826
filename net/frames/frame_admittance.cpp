#include "net/frames/frame_admittance.hpp"

#include <algorithm>

#include "net/address.hpp"
#include "net/datagram/introduction.hpp"

namespace dci {
namespace {

constexpr std::size_t most_introduction_bytes = 2 * max_certificates * max_certificate_bytes;

bool is_zero(const curve_key& key) {
  return key == curve_key{};
}

} // namespace

frame_admittance::frame_admittance(std::shared_ptr<tls_context> credentials)
    : credentials_(std::move(credentials)) {
}

tl::expected<verified_node, refused_error> frame_admittance::verify(const entry& one) {
  const auto& shown = one.contact.certificates;
  return one.only_to.empty() ? credentials_->verify_domain(shown) : credentials_->verify(shown);
}

expected<frame_admittance::entry> frame_admittance::judge(const frame_contact& peer,
                                                          const std::string& only_to) {
  entry out;
  out.contact = peer;
  out.only_to = only_to;
  if (!credentials_) {
    if (!peer.certificates.empty() || !is_zero(peer.key))
      return fail(errc::refused, "the host at " + peer.address +
                                     " shows certificates, which a host without credentials "
                                     "cannot judge");
    return out;
  }
  if (is_zero(peer.key) && !peer.certificates.empty())
    return fail(errc::bad_message, "the contact of " + peer.address + " lacks its key");
  // Who has no key shows no certificates: that is what he is refused for.
  if (!is_zero(peer.key) && !is_signed_contact(peer))
    return fail(errc::bad_message,
                "the contact of " + peer.address + " is not signed by the key in it");
  out.generation = credentials_->generation();
  const auto verified = verify(out);
  if (!verified)
    return fail(verified.error().code, "the host at " + peer.address + " is refused: " +
                                           std::string{to_string(verified.error().reason)} + ", " +
                                           verified.error().message);
  if (verified->key != peer.key) {
    credentials_->count_refusal(refusal::other_key);
    return fail(errc::refused, "the host at " + peer.address +
                                   " is refused: other_key, its certificates are not of the key "
                                   "that signed its contact");
  }
  out.valid_until = verified->valid_until;
  out.followed = credentials_->follow(*verified, peer.certificates);
  return out;
}

result frame_admittance::admit(const frame_contact& peer, const std::string& only_to) {
  if (const auto where = parse_address(peer.address); !where)
    return fail(errc::bad_message, "a frame contact's address: " + where.error().message);
  if (is_zero(peer.curve))
    return fail(errc::bad_message, "the contact of " + peer.address + " lacks its CURVE key");
  DCI_ASSIGN(auto judged, judge(peer, only_to));
  const auto key = peer_of(peer);
  const std::lock_guard lock(mutex_);
  // Who is of the domain stays so, also where he comes as anybody.
  if (const auto held = peers_.find(key);
      held != peers_.end() && held->second.only_to.empty() && !held->second.refused)
    judged.only_to.clear();
  std::erase_if(peers_, [&](const auto& one) {
    return one.first.who == key.who && one.first.curve != key.curve;
  });
  peers_.insert_or_assign(key, std::move(judged));
  return {};
}

byte_vector frame_admittance::introduction() const {
  return credentials_ ? pack_introduction(shown_certificates{credentials_->shown()})
                      : byte_vector{};
}

std::uint64_t frame_admittance::shown_version() const {
  return credentials_ ? credentials_->shown_version() : 0;
}

std::string_view frame_admittance::renew(const curve_key& proved, byte_view introduction) {
  if (introduction.size() > most_introduction_bytes)
    return "too_large";
  const auto message = unpack_introduction(introduction);
  const auto* shown = message ? std::get_if<shown_certificates>(&*message) : nullptr;
  if (shown == nullptr || !credentials_)
    return "malformed";
  // The context keeps them, for all that go by them.
  const auto verified = credentials_->verify(shown->certificates);
  if (!verified)
    return to_string(verified.error().reason);
  const std::lock_guard lock(mutex_);
  const auto is_his = [&](const auto& one) {
    return one.first.curve == proved && one.second.contact.key == verified->key;
  };
  return std::ranges::any_of(peers_, is_his) ? "" : to_string(refusal::other_key);
}

std::string_view frame_admittance::standing(entry& one) {
  if (!credentials_)
    return {};
  const auto newest = credentials_->generation();
  const auto renewals = credentials_->renewals();
  const bool ended = !one.refused && credentials_->now() >= one.valid_until;
  const bool may_be_back = one.refused && renewals != one.renewals;
  if (newest != one.generation || ended || may_be_back) {
    one.generation = newest;
    one.renewals = renewals;
    one.refused.reset();
    if (const auto verified =
            credentials_->verify_still(one.contact.certificates, one.followed, one.only_to.empty()))
      one.valid_until = verified->valid_until;
    else
      one.refused = verified.error().reason;
  }
  return one.refused ? to_string(*one.refused) : std::string_view{};
}

std::string_view frame_admittance::against(const curve_key& proved) {
  const std::lock_guard lock(mutex_);
  std::string_view out = "not_admitted";
  for (auto it = peers_.lower_bound({proved, {}}); it != peers_.end() && it->first.curve == proved;
       ++it)
    if (out = standing(it->second); out.empty())
      break;
  return out;
}

std::string_view frame_admittance::against(const curve_key& proved, std::string_view to) {
  const std::lock_guard lock(mutex_);
  std::string_view out = "not_admitted";
  for (auto it = peers_.lower_bound({proved, {}}); it != peers_.end() && it->first.curve == proved;
       ++it) {
    const auto& only_to = it->second.only_to;
    out = standing(it->second);
    if (out.empty() && !only_to.empty() && only_to != to)
      out = to_string(refusal::stranger);
    if (out.empty())
      break;
  }
  return out;
}

tl::expected<std::string, std::string_view> frame_admittance::address_of(const frame_peer& peer) {
  const std::lock_guard lock(mutex_);
  const auto found = peers_.find(peer);
  if (found == peers_.end())
    return tl::unexpected<std::string_view>("not_admitted");
  if (const auto reason = standing(found->second); !reason.empty())
    return tl::unexpected(reason);
  return found->second.contact.address;
}

} // namespace dci
