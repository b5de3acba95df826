// How nodes come to hold the same records: whoever owns a range of names compares a digest of it
// with who keeps copies; where it differs, lists of versions are compared piece by piece, and each
// asks the other for what it lacks. A pure state machine.
#pragma once

#include <cstdint>
#include <vector>

#include "actors/overlay/output.hpp"
#include "actors/overlay/record_shelf.hpp"
#include "runtime/base/hidden_random.hpp"

namespace dci {

class record_exchange {
 public:
  /// All must outlive it.
  record_exchange(const record_settings& settings, record_shelf& shelf, random_source random);

  /// Compares the names in (after, until] with a node; not where that is under way.
  void compare(const contact& with, const node_id& after, const node_id& until, node_time now,
               overlay_output& out);
  /// Who turned out to hold the same since this was called last. Others are still compared with.
  std::vector<node_id> take_agreed() {
    return std::exchange(agreed_, {});
  }
  /// Who turned out not to, since this was called last.
  std::vector<node_id> take_differing() {
    return std::exchange(differing_, {});
  }
  /// Forgets what was being compared; what is being fetched still comes.
  void stop_comparing() {
    comparisons_.clear();
    agreed_.clear();
    differing_.clear();
  }

  void on(const contact& from, const range_check& m, node_time now, overlay_output& out);
  void on(const contact& from, const range_state& m, node_time now, overlay_output& out);
  void on(const contact& from, const range_tags& m, node_time now, overlay_output& out);
  void on(const contact& from, const range_tags_reply& m, node_time now, overlay_output& out);
  void on(const contact& from, const records_request& m, node_time now, overlay_output& out);
  void on(const contact& from, const records_reply& m, std::uint64_t unix_time, node_time now,
          overlay_output& out);

  void tick(node_time now, overlay_output& out);
  node_time next_tick() const;

 private:
  // One range compared with one node, by its owner.
  struct comparison {
    contact with;
    node_id after, until; ///< what is left of it
    std::uint32_t nonce = 0;
    bool by_tags = false;
    std::uint32_t tries = 0;
    node_time asked{};
  };
  // What a node has and this one lacks.
  struct pull {
    contact from;
    std::vector<record_tag> tags;
    std::uint32_t nonce = 0;
    std::uint32_t tries = 0;
    node_time asked{};
  };

  bool is_under_way(const node_id& with) const;
  std::uint32_t any_nonce() {
    return static_cast<std::uint32_t>(random_.next());
  }
  void ask(comparison& c, node_time now, overlay_output& out);
  void ask(pull& p, node_time now, overlay_output& out);
  void want(const contact& from, std::vector<record_tag> tags, node_time now, overlay_output& out);
  std::vector<record_tag> tags_of(const node_id& after, node_id& until) const;

  const record_settings* settings_;
  record_shelf* shelf_;
  hidden_random random_;
  std::vector<comparison> comparisons_;
  std::vector<pull> pulls_;
  std::vector<node_id> agreed_, differing_;
};

} // namespace dci
