// Who gets a certificate.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_set>

#include "net/identity/certificate_request.hpp"
#include "net/identity/ledger.hpp"

namespace dci {

/// What a node hands to an authority.
struct enrolment_request {
  certificate_request request;
  std::string token; ///< empty where the rule asks for none
};

/// Asked by an authority before it issues. Rules judge; the authority has seen
/// already that the node holds its key and that it was not revoked.
class admission_rule {
 public:
  virtual ~admission_rule() = default;

  /// Errors: refused, with what the node's operator can do.
  virtual result decide(const enrolment_request& asked, wall_time now) const = 0;

  /// The same where the node holds certificates of this authority already. Most rules ask for no
  /// less then.
  virtual result decide_again(const enrolment_request& asked, const held_certificates& held,
                              wall_time now) const;
};

/// Admits the nodes of a list.
class listed_nodes final : public admission_rule {
 public:
  explicit listed_nodes(std::unordered_set<node_id> nodes);
  result decide(const enrolment_request& asked, wall_time now) const override;

 private:
  std::unordered_set<node_id> nodes_;
};

/// Admits whoever knows a secret, and whom it has admitted before, as long as a certificate of that
/// time holds: who runs for years need not keep the secret. Comparing takes the same time wherever
/// a guess is wrong; only the secret's hash is kept.
class shared_token final : public admission_rule {
 public:
  static constexpr std::size_t shortest = 16;
  /// Anybody can send a node's request again, which proves its key and no more. Certificates for
  /// which no secret was told could so fill the ledger: a node gets none while it holds so many
  /// that are young. Several, since an answer may get lost.
  static constexpr std::size_t most_young = 8;

  /// Errors: bad_config for a secret of fewer than 16 bytes, which could be guessed.
  static expected<shared_token> of(std::string_view secret);
  result decide(const enrolment_request& asked, wall_time now) const override;
  result decide_again(const enrolment_request& asked, const held_certificates& held,
                      wall_time now) const override;

 private:
  using digest = std::array<std::uint8_t, 32>;

  explicit shared_token(const digest& hash);
  static digest hash_of(std::string_view secret);

  digest hash_;
};

/// A secret as it lies in a file of mode 0600, without the line's end. Errors: bad_file.
expected<std::string> read_enrolment_token(const std::filesystem::path& file);

} // namespace dci
