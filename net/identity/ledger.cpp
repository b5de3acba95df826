#include "net/identity/ledger.hpp"

#include <algorithm>

#include "net/identity/revocation_list.hpp"
#include "net/shown.hpp"
#include "runtime/base/json_codec.hpp"
#include "runtime/base/node_id.hpp"

namespace dci {

namespace {

// 9999-12-31, the last day that X.509 can write.
constexpr std::int64_t last_time = 253402300799;
constexpr std::size_t most_serial_digits = 40;

bool is_serial(std::string_view text) {
  return !text.empty() && text.size() <= most_serial_digits && text.size() % 2 == 0 &&
         !text.starts_with("00") &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_time(std::int64_t t) {
  return t >= 0 && t <= last_time;
}

bool is_reason(const std::string& name) {
  return parse_revocation_reason(name).has_value();
}

bool is_good(const issued_certificate& c) {
  return is_serial(c.serial) && parse_node_id(c.node) && is_time(c.not_after) &&
         is_time(c.revoked_at) && is_time(c.issued_at) && (c.reason.empty() || is_reason(c.reason));
}

bool is_good(const barred_node& b) {
  return parse_node_id(b.node) && is_time(b.since) && is_reason(b.reason);
}

/// The index of the first entry that is wrong; the size when all are good.
template <class Entry>
std::size_t first_bad(const std::vector<Entry>& entries) {
  const auto at =
      std::find_if(entries.begin(), entries.end(), [](const Entry& e) { return !is_good(e); });
  return static_cast<std::size_t>(at - entries.begin());
}

} // namespace

const barred_node* ledger::find_barred(std::string_view node) const {
  const auto at = std::find_if(barred.begin(), barred.end(),
                               [&](const barred_node& b) { return b.node == node; });
  return at == barred.end() ? nullptr : &*at;
}

held_certificates ledger::held_by(std::string_view node, wall_time now) const {
  held_certificates out;
  const auto at = now.time_since_epoch().count();
  for (const auto& c : issued) {
    if (c.node != node || !c.reason.empty() || c.not_after < at)
      continue;
    ++out.all;
    out.young += c.issued_at > 0 && c.not_after - at > at - c.issued_at;
  }
  return out;
}

void ledger::forget_ended(wall_time before) {
  std::erase_if(issued, [&](const issued_certificate& c) {
    return c.not_after < before.time_since_epoch().count();
  });
}

expected<ledger> parse_ledger(std::string_view place, std::string_view text) {
  const auto bad = [&](const std::string& why) {
    return fail(errc::bad_file,
                std::string{place} + ": " + why + "; restore the authority's ledger from a backup");
  };
  if (text.size() > max_ledger_bytes)
    return bad(std::to_string(text.size()) + " bytes, more than the limit of " +
               std::to_string(max_ledger_bytes));
  const auto value = json::parse(text, nullptr, false);
  if (value.is_discarded())
    return bad("not JSON");
  ledger out;
  if (const auto wrong = from_json_value(value, out))
    return bad(printable(wrong->path + " " + wrong->message, 200));
  if (const auto i = first_bad(out.issued); i < out.issued.size())
    return bad("/issued/" + std::to_string(i) + " has an impossible value");
  if (const auto i = first_bad(out.barred); i < out.barred.size())
    return bad("/barred/" + std::to_string(i) + " has an impossible value");
  return out;
}

expected<std::string> write_ledger(const ledger& l) {
  // One value a line, for people and for diff.
  auto text = to_json_value(l).dump(0) + "\n";
  if (text.size() > max_ledger_bytes)
    return fail(errc::unsupported, "the ledger of " + std::to_string(l.issued.size()) +
                                       " certificates is larger than 16 MiB; issue longer "
                                       "lifetimes, or use a second authority");
  return text;
}

} // namespace dci
