// Who answers for the names of a node that is gone.
#include <algorithm>

#include "actors/overlay/record_keeper.hpp"
#include "actors/overlay/ring_distance.hpp"

namespace dci {

namespace {

constexpr std::size_t most_takeovers = 16;

} // namespace

void record_keeper::take_over(const contact& lost, const node_id& after) {
  auto holder = self_;
  // The last one gets its copies only now.
  for (std::size_t i = 0; i < place_.successors.size() && i + 2 < settings_->copies; ++i)
    if (world_->score(lost, place_.successors[i]) > world_->score(lost, holder))
      holder = place_.successors[i];
  if (holder.id == self_.id)
    return;
  if (takeovers_.size() >= most_takeovers)
    takeovers_.erase(takeovers_.begin());
  takeovers_.push_back({after, lost.id, holder});
}

void record_keeper::take_agreed(node_time now) {
  for (const auto& with : exchange_.take_agreed()) {
    if (std::ranges::find(agreed_, with) == agreed_.end())
      agreed_.push_back(with);
    // One of them alone may have come as lately as this node.
    settled_ = settled_ || std::ranges::all_of(place_.successors, [&](const contact& one) {
                 return std::ranges::find(agreed_, one.id) != agreed_.end();
               });
    if (!place_.successors.empty() && place_.successors.front().id == with && place_.predecessor)
      agreed_digest_ = shelf_.digest(place_.predecessor->id, self_.id);
    // All that this node owns was compared, so also what was taken over.
    for (const auto& one : takeovers_)
      if (one.holder.id == with) {
        if (redirects_.size() >= most_takeovers)
          redirects_.erase(redirects_.begin());
        redirects_.push_back(redirect_to(one.holder, one.after, one.until, now));
      }
    std::erase_if(takeovers_, [&](const takeover& one) { return one.holder.id == with; });
  }
}

// Who lacks some of it answers for nothing until he holds all again.
void record_keeper::take_differing(node_time now) {
  for (const auto& with : exchange_.take_differing()) {
    const auto names_him = [&](const record_redirect& one) { return one.holder.id == with; };
    for (const auto& one : redirects_)
      if (names_him(one) && takeovers_.size() < most_takeovers)
        takeovers_.push_back({one.after, one.until, one.holder});
    if (std::erase_if(redirects_, names_him) > 0)
      next_compare_ = std::min(next_compare_, now + settings_->compare_soon);
  }
}

record_redirect record_keeper::redirect_to(const contact& holder, const node_id& after,
                                           const node_id& until, node_time now) const {
  record_redirect out;
  out.after = after;
  out.until = until;
  out.holder = holder;
  out.issuer = self_.id;
  out.expires = world_->clock(now) + static_cast<std::uint64_t>(settings_->lifetime.count());
  world_->seal->sign(out);
  return out;
}

std::optional<record_redirect> record_keeper::redirect_for(const node_id& name,
                                                           node_time now) const {
  for (const auto& one : redirects_)
    if (in_half_open(one.after, name, one.until) && one.expires > world_->clock(now))
      return one;
  // Who has just come asks those behind for what they kept; until then they answer, also where one
  // of several publishers was here already: what he gave was handed on to them.
  if (!settled_ && !place_.successors.empty())
    return redirect_to(place_.successors.front(),
                       place_.predecessor ? place_.predecessor->id : self_.id, self_.id, now);
  return {};
}

} // namespace dci
