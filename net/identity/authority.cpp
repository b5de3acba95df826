#include "net/identity/authority.hpp"

#include <algorithm>

#include "net/identity/certificate_maker.hpp"
#include "net/identity/ledger.hpp"
#include "net/identity/pem.hpp"
#include "net/identity/private_file.hpp"
#include "net/shown.hpp"

namespace dci {

namespace {

namespace fs = std::filesystem;

// A verifier whose clock is behind takes a certificate for valid longer than we do.
constexpr std::chrono::days remember_ended{7};
// When others can expect a newer list at the latest.
constexpr std::chrono::days list_validity{7};

std::int64_t seconds_of(wall_time t) {
  return t.time_since_epoch().count();
}

struct places {
  fs::path key, root, ledger;

  explicit places(const fs::path& folder)
      : key(folder / "authority.key"), root(folder / "authority.crt"),
        ledger(folder / "issued.json") {
  }
};

result check_pair(const node_key& key, const certificate& root, const places& at) {
  if (key.public_half() != root.key || !root.may_issue ||
      check_signature(root, root) != signature_check::good)
    return fail(errc::bad_file, at.root.string() + ": not the root certificate of " +
                                    at.key.string() + "; restore both from one backup");
  return {};
}

result check_holds(const certificate& root, wall_time now) {
  if (now < root.not_before || now > root.not_after)
    return fail(errc::bad_config, "authority " + shown(root.name) + " holds from " +
                                      date_text(root.not_before) + " to " +
                                      date_text(root.not_after) + ", and now is " + date_text(now) +
                                      "; check the clock, or create a new authority");
  return {};
}

/// Those that the ledger says are revoked.
std::vector<revoked_certificate> revoked_of(const ledger& book) {
  std::vector<revoked_certificate> out;
  for (const auto& c : book.issued)
    if (const auto reason = parse_revocation_reason(c.reason))
      out.push_back({c.serial, wall_time{std::chrono::seconds{c.revoked_at}}, *reason});
  return out;
}

void mark_revoked(issued_certificate& c, wall_time now, revocation_reason reason) {
  // The first time and reason stand.
  if (!c.reason.empty())
    return;
  c.revoked_at = seconds_of(now);
  c.reason = to_string(reason);
}

} // namespace

struct authority::parts {
  places at;
  std::shared_ptr<const node_key> key;
  certificate root;
  ledger book;
  descriptor lock;

  /// A copy to change, without what nobody can take for valid any more.
  ledger draft(wall_time now) const {
    auto next = book;
    next.forget_ended(now - remember_ended);
    return next;
  }

  /// Makes the new ledger durable, then ours.
  result keep(ledger next) {
    DCI_ASSIGN(const auto text, write_ledger(next));
    DCI_TRY(replace_file(at.ledger, text, file_readers::owner));
    book = std::move(next);
    return {};
  }

  /// Signs what the ledger says is revoked, under a number never used before.
  expected<byte_vector> publish(ledger next, wall_time now) {
    ++next.list_number;
    const auto revoked = revoked_of(next);
    DCI_ASSIGN(auto list, make_revocation_list(*key, root, next.list_number, now,
                                               now + list_validity, revoked));
    DCI_TRY(keep(std::move(next)));
    return list;
  }
};

authority::authority(std::unique_ptr<parts> p) : parts_(std::move(p)) {
}
authority::authority(authority&&) noexcept = default;
authority& authority::operator=(authority&&) noexcept = default;
authority::~authority() = default;

expected<authority> authority::create(const fs::path& folder, const std::string& name,
                                      wall_time now, std::chrono::seconds validity) {
  DCI_ASSIGN(const auto key, node_key::generate());
  DCI_ASSIGN(const auto root, make_root(key, name, now, validity));
  DCI_ASSIGN(const auto root_text, to_pem(pem_kind::certificate, root.der));
  DCI_ASSIGN(const auto book_text, write_ledger({}));
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed)
    return fail(errc::bad_file, folder.string() + ": cannot be created: " + failed.message());
  const places at(folder);
  DCI_TRY(key.save(at.key));
  DCI_TRY(create_file(at.root, root_text, file_readers::everyone));
  DCI_TRY(create_file(at.ledger, book_text, file_readers::owner));
  return load(folder);
}

expected<authority> authority::load(const fs::path& folder) {
  const places at(folder);
  DCI_ASSIGN(auto lock, lock_file(at.key));
  DCI_ASSIGN(auto key, node_key::load(at.key));
  DCI_ASSIGN(auto root, load_certificate(at.root));
  DCI_TRY(check_pair(key, root, at));
  DCI_ASSIGN(const auto text, read_private_file(at.ledger, max_ledger_bytes));
  DCI_ASSIGN(auto book, parse_ledger(at.ledger.string(), text));
  return authority{
      std::make_unique<parts>(parts{at, std::make_shared<const node_key>(std::move(key)),
                                    std::move(root), std::move(book), std::move(lock)})};
}

const certificate& authority::root() const {
  return parts_->root;
}

const std::shared_ptr<const node_key>& authority::key() const {
  return parts_->key;
}

expected<byte_vector> authority::issue(const enrolment_request& asked, const admission_rule& rule,
                                       wall_time now, std::chrono::seconds lifetime) {
  const auto node = to_string(asked.request.id());
  DCI_TRY(check_holds(parts_->root, now));
  if (const auto* barred = parts_->book.find_barred(node))
    return fail(errc::refused,
                "node " + node + " was revoked (" + barred->reason + "); make a new key");
  const auto held = parts_->book.held_by(node, now);
  if (held.all >= most_held)
    return fail(errc::refused, "node " + node + " holds " + std::to_string(held.all) +
                                   " certificates; it gets more when some of them have ended");
  DCI_TRY(held.all > 0 ? rule.decide_again(asked, held, now) : rule.decide(asked, now));
  DCI_ASSIGN(const auto made,
             make_node_certificate(*parts_->key, parts_->root, asked.request.key(), now, lifetime));
  auto next = parts_->draft(now);
  next.issued.push_back({made.serial, node, seconds_of(made.not_after), 0, "", seconds_of(now)});
  DCI_TRY(parts_->keep(std::move(next)));
  return made.der;
}

expected<byte_vector> authority::revoke(const node_id& node, wall_time now,
                                        revocation_reason reason) {
  auto next = parts_->draft(now);
  const auto name = to_string(node);
  if (next.find_barred(name) == nullptr)
    next.barred.push_back({name, seconds_of(now), std::string{to_string(reason)}});
  for (auto& c : next.issued)
    if (c.node == name)
      mark_revoked(c, now, reason);
  return parts_->publish(std::move(next), now);
}

expected<byte_vector> authority::revoke_serial(std::string_view serial, wall_time now,
                                               revocation_reason reason) {
  auto next = parts_->draft(now);
  const auto at = std::find_if(next.issued.begin(), next.issued.end(),
                               [&](const issued_certificate& c) { return c.serial == serial; });
  if (at == next.issued.end())
    return fail(errc::not_found, "authority " + shown(parts_->root.name) +
                                     " knows no certificate " + shown(serial) +
                                     "; serial numbers are in its file issued.json");
  mark_revoked(*at, now, reason);
  return parts_->publish(std::move(next), now);
}

expected<byte_vector> authority::sign_revocation_list(wall_time now) {
  return parts_->publish(parts_->draft(now), now);
}

} // namespace dci
