#include "net/identity/trust_store.hpp"

#include <algorithm>

#include "net/shown.hpp"

namespace dci {

namespace {

struct no {
  refusal reason;
  std::string message;
};

tl::unexpected<refused_error> refuse(const no& why) {
  return tl::unexpected<refused_error>(refused_error{{errc::refused, why.message}, why.reason});
}

/// Of a node's certificate, or of an authority's root.
std::optional<no> check_time(const std::string& what, const certificate& c, wall_time now,
                             std::string_view remedy) {
  if (now > c.not_after)
    return no{refusal::expired,
              what + " expired at " + date_text(c.not_after) + "; " + std::string{remedy}};
  if (now < c.not_before)
    return no{refusal::not_yet_valid, what + " is not valid before " + date_text(c.not_before) +
                                          ", and the clock here says " + date_text(now) +
                                          "; set the clocks"};
  return {};
}

/// At least one certificate.
tl::expected<std::vector<certificate>, refused_error>
parse_all(std::span<const byte_vector> certificates) {
  if (certificates.empty())
    return refuse({refusal::no_certificate, "the peer showed no certificate; get one from an "
                                            "authority that is trusted here"});
  if (certificates.size() > max_certificates)
    return refuse({refusal::malformed, std::to_string(certificates.size()) +
                                           " certificates are more than the limit of " +
                                           std::to_string(max_certificates) + "; show fewer"});
  std::vector<certificate> out;
  for (const auto& der : certificates) {
    auto c = parse_certificate(der);
    if (!c)
      return refuse({refusal::malformed, c.error().message});
    out.push_back(std::move(*c));
  }
  return out;
}

} // namespace

/// What one certificate is worth.
struct trust_store::opinion {
  std::optional<std::size_t> root; ///< who has signed it
  std::optional<no> objection;     ///< none: the root vouches by it
  wall_time until;
};

trust_store::trust_store(std::vector<trusted_root> roots, std::size_t threshold)
    : roots_(std::move(roots)), threshold_(threshold) {
}

expected<trust_store> trust_store::of(std::vector<certificate> roots, std::size_t threshold) {
  if (threshold == 0 || threshold > roots.size())
    return fail(errc::bad_config, std::to_string(threshold) + " of " +
                                      std::to_string(roots.size()) +
                                      " authorities cannot vouch for a node; give a number from 1 "
                                      "to that of the root certificates");
  std::vector<trusted_root> trusted;
  for (auto& root : roots) {
    if (!root.may_issue || check_signature(root, root) != signature_check::good)
      return fail(errc::bad_config, "the certificate of " + shown(root.name) +
                                        " is not an authority's root; give authority.crt");
    // One authority under two names would count twice.
    for (const auto& other : trusted)
      if (other.root.key == root.key)
        return fail(errc::bad_config, "authorities " + shown(other.root.name) + " and " +
                                          shown(root.name) + " have the same key; remove one");
    trusted.push_back({std::move(root), {}, nullptr});
  }
  return trust_store{std::move(trusted), threshold};
}

expected<bool> trust_store::add_revocations(byte_view der) {
  DCI_ASSIGN(auto list, parse_revocation_list(der));
  for (auto& [root, held, bytes] : roots_) {
    if (check_signature(list, root) != signature_check::good)
      continue;
    if (held && list.number <= held->number)
      return false;
    held = std::move(list);
    bytes = std::make_shared<const byte_vector>(der.begin(), der.end());
    return true;
  }
  return fail(errc::refused, "a revocation list of " + shown(list.issuer_name) +
                                 " is not signed by a trusted authority of that name; get it from "
                                 "the authority, or add its root certificate");
}

std::vector<held_revocations> trust_store::revocations() const {
  std::vector<held_revocations> out;
  for (const auto& [root, held, bytes] : roots_)
    out.push_back({root.id, held ? held->number : 0, bytes});
  return out;
}

trust_store::opinion trust_store::judge(const certificate& c, const public_key& key,
                                        wall_time now) const {
  opinion out;
  if (c.key != key) {
    out.objection = no{refusal::other_key, "a certificate is for node " + to_string(c.id) +
                                               ", not for the first one's key; show only "
                                               "certificates of one key"};
    return out;
  }
  bool named = false;
  for (std::size_t i = 0; i < roots_.size() && !out.root; ++i) {
    const auto check = check_signature(c, roots_[i].root);
    named = named || check != signature_check::other_issuer;
    if (check == signature_check::good)
      out.root = i;
  }
  const auto by = shown(c.issuer_name);
  if (!out.root) {
    out.objection =
        named ? no{refusal::bad_signature, "a certificate names authority " + by +
                                               ", whose key has not signed it; get one from the "
                                               "authority that is trusted here"}
              : no{refusal::unknown_authority, "a certificate is signed by the unknown authority " +
                                                   by + "; add its root certificate to trust it"};
    return out;
  }
  const auto& [root, revoked, bytes] = roots_[*out.root];
  const auto what = "the certificate by authority " + by;
  out.until = std::min(c.not_after, root.not_after);
  if (!c.may_connect)
    out.objection = no{refusal::wrong_usage, what + " is not one for a node's connections; get one "
                                                    "with a certificate request"};
  else if (!c.names_own_id)
    out.objection =
        no{refusal::wrong_id, what + " names " + shown(c.name) + ", but its key's id is " +
                                  to_string(c.id) + "; get one with a certificate request"};
  else if (auto late = check_time(what, c, now, "get a new one from it"))
    out.objection = std::move(late);
  else if (auto ended = check_time("authority " + by, root, now, "get its new root certificate"))
    out.objection = std::move(ended);
  else if (revoked && revoked->has(c.serial))
    out.objection = no{refusal::revoked, what + " with the serial number " + c.serial +
                                             " was revoked; ask its operator why"};
  return out;
}

tl::expected<verified_node, refused_error>
trust_store::verify(std::span<const byte_vector> certificates, wall_time now) const {
  auto parsed = parse_all(certificates);
  if (!parsed)
    return tl::unexpected<refused_error>(std::move(parsed.error()));
  const auto& first = parsed->front();
  // Of each root the certificate that lasts longest.
  std::vector<std::optional<wall_time>> until(roots_.size());
  std::vector<opinion> against;
  for (const auto& c : *parsed) {
    auto judged = judge(c, first.key, now);
    if (judged.objection)
      against.push_back(std::move(judged));
    else if (auto& best = until[*judged.root]; !best || *best < judged.until)
      best = judged.until;
  }
  verified_node out{first.id, first.key, wall_time::max(), 0};
  for (const auto& end : until)
    if (end) {
      out.valid_until = std::min(out.valid_until, *end);
      ++out.vouchers;
    }
  if (out.vouchers >= threshold_)
    return out;
  no why{refusal::too_few, "get certificates from more of them"};
  for (auto& judged : against) {
    // An old certificate of an authority that vouches by another one is no reason.
    const bool settled = judged.root && until[*judged.root];
    if (!settled && judged.objection->reason < why.reason)
      why = std::move(*judged.objection);
  }
  return refuse({why.reason, "node " + to_string(first.id) + ": " + std::to_string(out.vouchers) +
                                 " of " + std::to_string(threshold_) +
                                 " needed authorities vouch: " + why.message});
}

tl::expected<verified_node, refused_error>
trust_store::verify_root(std::span<const byte_vector> certificates, wall_time now) const {
  auto parsed = parse_all(certificates);
  if (!parsed)
    return tl::unexpected<refused_error>(std::move(parsed.error()));
  const auto& first = parsed->front();
  for (const auto& one : roots_) {
    if (one.root.der != first.der)
      continue;
    if (auto ended = check_time("authority " + shown(first.name), first, now,
                                "get its new root certificate"))
      return refuse(*ended);
    return verified_node{first.id, first.key, first.not_after, 1};
  }
  return refuse({refusal::unknown_authority, "authority " + shown(first.name) +
                                                 " is not one of those that are trusted here; add "
                                                 "its root certificate to trust it"});
}

} // namespace dci
