#include "actors/gate/keeper.hpp"

#include <algorithm>

namespace dci {
namespace {

constexpr std::size_t longest_prompt = 256 * 1024;
constexpr std::size_t most_stops = 16;

gate_refusal_event no(std::string reason, std::string message) {
  return {std::move(reason), std::move(message)};
}

} // namespace

std::string_view to_string(gate_role role) noexcept {
  switch (role) {
    case gate_role::nobody:
      return "nobody";
    case gate_role::guest:
      return "guest";
    case gate_role::client:
      return "client";
  }
  return "unknown";
}

expected<std::unique_ptr<role_rule>> listed_roles::of(const gate_config& config) {
  auto out = std::make_unique<listed_roles>();
  out->guests_ = config.guests;
  for (const auto& text : config.clients) {
    if (text == "*") {
      out->all_ = true;
      continue;
    }
    DCI_ASSIGN(const auto id, parse_node_id(text));
    out->clients_.insert(id);
  }
  return out;
}

gate_role listed_roles::role_of(const node_id& who) const {
  return all_ || clients_.contains(who) ? gate_role::client
         : guests_                      ? gate_role::guest
                                        : gate_role::nobody;
}

gate_keeper::gate_keeper(gate_config config, std::unique_ptr<role_rule> rule)
    : config_(std::move(config)), rule_(std::move(rule)) {
}

std::optional<gate_refusal_event>
gate_keeper::judge(const node_id& who, const gate_question& question, time_point now) {
  const auto burst = std::max(1.0, 2 * config_.questions_per_s);
  const auto [it, is_new] = peers_.try_emplace(who, peer{burst, now, 0});
  auto& one = it->second;
  const auto passed = std::chrono::duration<double>(now - one.since).count();
  one.allowance = std::min(burst, one.allowance + passed * config_.questions_per_s);
  one.since = now;
  if (one.allowance < 1)
    return no("too_often", "ask less often");
  one.allowance -= 1;
  const auto role = rule_->role_of(who);
  if (role == gate_role::nobody)
    return no("not_allowed", "this gate is for its clients only");
  if (std::holds_alternative<gate_terms_request>(question.message))
    return {};
  if (role != gate_role::client)
    return no("not_allowed", "a " + std::string{to_string(role)} + " may only ask for the terms");
  if (const auto* request = std::get_if<generate_request>(&question.message))
    return judge_answer(one, question.ring, *request);
  return {};
}

std::optional<gate_refusal_event> gate_keeper::judge_answer(const peer& one,
                                                            const std::string& ring,
                                                            const generate_request& request) const {
  if (std::ranges::find(config_.rings, ring) == config_.rings.end())
    return no("no_such_ring", "no ring of that name is open to clients");
  if (request.max_tokens > config_.most_tokens)
    return no("too_much",
              "an answer has " + std::to_string(config_.most_tokens) + " tokens at most");
  std::size_t stops = 0;
  for (const auto& stop : request.stop)
    stops += stop.size();
  if (request.prompt.size() + 4 * request.prompt_ids.size() + stops > longest_prompt ||
      request.stop.size() > most_stops)
    return no("too_much", "the prompt is longer than " + std::to_string(longest_prompt) +
                              " bytes, or it has more than " + std::to_string(most_stops) +
                              " stops");
  if (one.sessions >= config_.most_sessions)
    return no("busy", std::to_string(one.sessions) + " answers are under way; wait for one");
  return {};
}

gate_terms gate_keeper::terms_of(const node_id& who) const {
  return {std::string{to_string(rule_->role_of(who))}, config_.rings, config_.most_sessions,
          config_.most_tokens};
}

void gate_keeper::give_room(const node_id& who) {
  auto& sessions = peers_[who].sessions;
  sessions -= std::min(sessions, 1u);
}

} // namespace dci
