// What an authority must remember: the certificates it issued, so that it can
// revoke them, and whom it will not issue another.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "net/identity/bytes.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

/// Times are seconds since 1970, UTC.
struct issued_certificate {
  std::string serial;
  std::string node;
  std::int64_t not_after = 0;
  std::int64_t revoked_at = 0;
  std::string reason;         ///< empty: not revoked
  std::int64_t issued_at = 0; ///< 0: not known

  static constexpr std::string_view type_name = "issued_certificate";
  static constexpr auto fields() {
    return std::tuple{
        required("serial", &issued_certificate::serial, "its number in hexadecimal digits"),
        required("node", &issued_certificate::node, "the id it was issued to"),
        required("not_after", &issued_certificate::not_after, "when it ends by itself"),
        field("revoked_at", &issued_certificate::revoked_at, "when it was revoked"),
        field("reason", &issued_certificate::reason, "why it was revoked; empty if it was not"),
        field("issued_at", &issued_certificate::issued_at, "when it was made; 0 where not known"),
    };
  }
};

struct barred_node {
  std::string node;
  std::int64_t since = 0;
  std::string reason;

  static constexpr std::string_view type_name = "barred_node";
  static constexpr auto fields() {
    return std::tuple{
        required("node", &barred_node::node, "the id that gets no certificate any more"),
        required("since", &barred_node::since, "when it was revoked"),
        required("reason", &barred_node::reason, "why it was revoked"),
    };
  }
};

/// What a node holds of one authority: certificates that have not ended and were not revoked.
struct held_certificates {
  std::size_t all = 0;
  std::size_t young = 0; ///< of these, such as have more than half of their time before them
};

struct ledger {
  std::uint64_t list_number = 0;
  std::vector<issued_certificate> issued;
  std::vector<barred_node> barred;

  static constexpr std::string_view type_name = "ledger";
  static constexpr auto fields() {
    return std::tuple{
        required("list_number", &ledger::list_number, "that of the newest revocation list"),
        required("issued", &ledger::issued, "the certificates that may still be valid"),
        required("barred", &ledger::barred, "the nodes that were revoked"),
    };
  }

  const barred_node* find_barred(std::string_view node) const;
  held_certificates held_by(std::string_view node, wall_time now) const;
  /// Certificates that ended before this time.
  void forget_ended(wall_time before);
};

/// Reads a ledger and checks every value in it. Errors: bad_file, which begins with
/// the place.
expected<ledger> parse_ledger(std::string_view place, std::string_view text);

/// The inverse. Errors: unsupported when it has more than 16 MiB.
expected<std::string> write_ledger(const ledger& l);

} // namespace dci
