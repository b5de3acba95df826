// Who may ask what at the gate, and how often. Pure: the time is an argument.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "actors/gate/messages.hpp"
#include "runtime/base/node_id.hpp"

namespace dci {

/// nobody: refused whatever he asks. guest: may ask what there is. client: may use rings.
enum class gate_role : std::uint8_t { nobody, guest, client };
std::string_view to_string(gate_role role) noexcept;

/// Which role a node has. Others than lists may decide it: what it has at stake, say.
class role_rule {
 public:
  virtual ~role_rule() = default;
  virtual gate_role role_of(const node_id& who) const = 0;
};

/// Those of a list are clients; the others guests, or nobody.
class listed_roles final : public role_rule {
 public:
  /// Errors: bad_config for what is no id.
  static expected<std::unique_ptr<role_rule>> of(const gate_config& config);
  gate_role role_of(const node_id& who) const override;

 private:
  std::set<node_id> clients_;
  bool all_ = false;
  bool guests_ = true;
};

class gate_keeper {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  gate_keeper(gate_config config, std::unique_ptr<role_rule> rule);

  /// Nothing where the question may be put, which takes of what the node may ask; else why not.
  std::optional<gate_refusal_event> judge(const node_id& who, const gate_question& question,
                                          time_point now);
  gate_terms terms_of(const node_id& who) const;

  /// A session of this node was opened, or is being opened, or has ended.
  void take_room(const node_id& who) {
    ++peers_[who].sessions;
  }
  void give_room(const node_id& who);

 private:
  struct peer {
    double allowance = 0;
    time_point since;
    std::uint32_t sessions = 0;
  };
  std::optional<gate_refusal_event> judge_answer(const peer& one, const std::string& ring,
                                                 const generate_request& request) const;

  gate_config config_;
  std::unique_ptr<role_rule> rule_;
  std::map<node_id, peer> peers_; ///< of nodes with certificates only, which bounds them
};

} // namespace dci
