// What nodes have shown of their certificates last. Whoever was let in by older ones goes on by
// these: that he holds his key he has proved, and who vouches for it does not matter to that.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "net/identity/trust_store.hpp"

namespace dci {

/// A node that somebody follows. For followed_nodes alone to look into.
class followed_node {
 private:
  friend class followed_nodes;
  std::vector<byte_vector> shown_;
  wall_time until_;
};

/// Holds nothing of nodes that nobody follows, so strangers cannot fill it. Not synchronized.
class followed_nodes {
 public:
  using handle = std::shared_ptr<const followed_node>;

  /// As long as the handle lives. shown: what was just accepted of this node.
  handle follow(const verified_node& node, const std::vector<byte_vector>& shown);
  /// Somebody has brought certificates of a node, and they were accepted: that counts whoever has
  /// brought them. True when the node is followed and vouched for longer by these.
  bool saw(const verified_node& node, const std::vector<byte_vector>& shown);
  static const std::vector<byte_vector>& shown_by(const followed_node& node) {
    return node.shown_;
  }

 private:
  std::map<node_id, std::weak_ptr<followed_node>> all_;
};

} // namespace dci
