#include "runtime/sim/node_stack.hpp"

#include <algorithm>

#include "actors/gossip/nearest_links.hpp"
#include "actors/proximity_prober/table.hpp"
#include "runtime/sim/honest_seal.hpp"

namespace dci {

namespace {

const honest_seal seal;

} // namespace

node_stack::node_stack(const contact& self, const stack_settings& settings,
                       const device_figures& device, random_source random, node_time now)
    : settings_(&settings), device_(device), random_(random.fork()),
      prober_(settings.probes, random.fork(), now),
      maker_([this](std::uint32_t version, node_time at) { return make_report(version, at); }),
      check_([](const node_report&) { return true; }),
      reports_(self, settings.reports, maker_, check_, random.fork(), now) {
}

void node_stack::know(const contact& other) {
  prober_.add(other);
  reports_.add_peer(other);
}

void node_stack::join(const contact& seed, node_time now, stack_output& out) {
  members_.emplace(self(), settings_->members, seal, random_.fork(), now);
  // The first one has nobody to ask.
  if (seed.where != self().where)
    members_->join(seed, now, members_out_);
  flush(out);
}

void node_stack::receive(const contact& from, const stack_message& message, node_time now,
                         stack_output& out) {
  if (const auto* p = std::get_if<proximity_message>(&message.is))
    prober_.receive(from, *p, now, prober_out_);
  else if (const auto* g = std::get_if<gossip_message>(&message.is))
    reports_.receive(from, *g, now, reports_out_);
  else if (members_)
    members_->receive(from, std::get<membership_message>(message.is), now, members_out_);
  for (const auto& answer : members_out_.answers)
    prober_.saw(answer.node.id, now - answer.asked, now);
  flush(out);
}

void node_stack::tick(node_time now, stack_output& out) {
  if (members_ && members_->next_tick() <= now)
    members_->tick(now, members_out_);
  if (prober_.next_tick() <= now)
    prober_.tick(now, prober_out_);
  if (reports_.next_tick() <= now)
    reports_.tick(now, reports_out_);
  flush(out);
}

node_time node_stack::next_tick() const {
  const auto own = std::min(prober_.next_tick(), reports_.next_tick());
  return members_ ? std::min(own, members_->next_tick()) : own;
}

node_report node_stack::make_report(std::uint32_t version, node_time now) {
  node_report out;
  out.node = self().id;
  out.version = version;
  out.place = prober_.place();
  out.device = device_;
  const auto links = links_of(describe(prober_, {}, now));
  out.nearest = nearest_links(links, settings_->reports);
  made_report remembered{now, now};
  for (const auto& one : out.nearest)
    for (const auto& link : links)
      if (link.figures.peer == one.peer)
        remembered.oldest = std::min(remembered.oldest, now - link.age);
  made_.push_back(remembered);
  return out;
}

void node_stack::flush(stack_output& out) {
  const auto pass = [&](auto& from) {
    for (auto& [to, message] : from.sends)
      out.sends.push_back({to, {std::move(message)}});
  };
  pass(members_out_);
  for (const auto& e : members_out_.events) {
    if (e.change == member_change::came || e.change == member_change::moved) {
      know(e.node);
    } else if (e.change == member_change::died || e.change == member_change::left) {
      prober_.remove(e.node.id);
      reports_.remove_peer(e.node.id);
    }
  }
  pass(prober_out_);
  for (auto& train : prober_out_.trains)
    for (auto& one : train.datagrams)
      out.sends.push_back({train.to, {std::move(one)}});
  pass(reports_out_);
  members_out_.clear();
  prober_out_.clear();
  reports_out_.clear();
}

} // namespace dci
