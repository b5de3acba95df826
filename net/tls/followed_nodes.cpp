#include "net/tls/followed_nodes.hpp"

namespace dci {

followed_nodes::handle followed_nodes::follow(const verified_node& node,
                                              const std::vector<byte_vector>& shown) {
  saw(node, shown);
  if (const auto found = all_.find(node.id); found != all_.end())
    if (auto held = found->second.lock())
      return held;
  std::erase_if(all_, [](const auto& one) { return one.second.expired(); });
  auto made = std::make_shared<followed_node>();
  made->shown_ = shown;
  made->until_ = node.valid_until;
  all_.insert_or_assign(node.id, made);
  return made;
}

bool followed_nodes::saw(const verified_node& node, const std::vector<byte_vector>& shown) {
  const auto found = all_.find(node.id);
  const auto held = found == all_.end() ? nullptr : found->second.lock();
  if (!held || node.valid_until <= held->until_)
    return false;
  held->shown_ = shown;
  held->until_ = node.valid_until;
  return true;
}

} // namespace dci
