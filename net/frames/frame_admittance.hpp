// Whose frames are heard, and who is written to: those whose contacts were admitted, as long as the
// certificates hold.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "net/frames/frame_contact.hpp"

namespace dci {

/// May be used from any thread.
class frame_admittance {
 public:
  /// credentials: may be null; then contacts must have none either.
  explicit frame_admittance(std::shared_ptr<tls_context> credentials);

  /// An older contact of the same node is forgotten: its host has started again. only_to: as
  /// frame_port::admit_stranger; empty: to anybody. Errors: as frame_port::admit.
  result admit(const frame_contact& peer, const std::string& only_to = {});

  /// What this host shows now, as it tells its peers, and a number that changes with it; empty and
  /// 0 without credentials.
  byte_vector introduction() const;
  std::uint64_t shown_version() const;
  /// Newer certificates that somebody shows who has proved this key and was admitted. Why they are
  /// of no use; empty: they are.
  std::string_view renew(const curve_key& proved, byte_view introduction);

  /// Why nothing is taken from whoever has proved this key; empty: it is. Of several that claim one
  /// key, one that holds is enough: it is of the one who has proved it.
  std::string_view against(const curve_key& proved);
  /// The same of a frame for this name: "stranger" where he may not write to it.
  std::string_view against(const curve_key& proved, std::string_view to);
  /// Where a peer is to be written to now, or why it is not.
  tl::expected<std::string, std::string_view> address_of(const frame_peer& peer);

 private:
  struct entry {
    frame_contact contact;
    std::string only_to;          ///< a stranger's; empty: he is of the trust domain
    std::uint64_t generation = 0; ///< of the revocations by which it was judged
    wall_time valid_until;
    std::optional<refusal> refused;  ///< since it was admitted
    followed_nodes::handle followed; ///< it may show newer certificates, by any way
    std::uint64_t renewals = 0;      ///< the context's when it was judged
  };

  tl::expected<verified_node, refused_error> verify(const entry& one);
  expected<entry> judge(const frame_contact& peer, const std::string& only_to);
  std::string_view standing(entry& one);

  std::shared_ptr<tls_context> credentials_;
  std::mutex mutex_;
  std::map<frame_peer, entry> peers_;
};

} // namespace dci
