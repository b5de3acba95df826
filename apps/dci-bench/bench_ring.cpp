#include "apps/dci-bench/bench_ring.hpp"

#include <map>

#include <caf/scoped_actor.hpp>

#include "runtime/base/files.hpp"
#include "runtime/host/ask.hpp"
#include "runtime/host/simple_topology.hpp"

namespace dci {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::minutes longest_wait{5};

std::filesystem::path runtime_program() {
  return own_program().parent_path() / "dci-runtime";
}

// The hosts listen where the plan says; everybody dials the relays instead.
result start_behind_relays(topology& plan, std::chrono::milliseconds delay,
                           std::vector<std::unique_ptr<stream_relay>>& relays,
                           std::vector<child_process>& children) {
  link_conditions conditions;
  conditions.latency_ms = static_cast<double>(delay.count());
  for (auto& host : plan.hosts) {
    DCI_ASSIGN(auto child, child_process::start(runtime_program(), {plan.file, "--host", host.name,
                                                                    "--log-level", "off"}));
    children.push_back(std::move(child));
    DCI_ASSIGN(auto slow, stream_relay::start({"127.0.0.1", 0}, host.address, conditions));
    host.address = slow->where();
    relays.push_back(std::move(slow));
  }
  return {};
}

struct temporary_file {
  std::filesystem::path path;
  ~temporary_file() {
    std::error_code ignored;
    if (!path.empty())
      std::filesystem::remove(path, ignored);
  }
};

} // namespace

expected<bench_ring> bench_ring::start(const std::filesystem::path& model,
                                       const engine_settings& engine, std::uint32_t processes,
                                       std::chrono::milliseconds delay) {
  bench_ring out;
  DCI_ASSIGN(auto plan, simple_topology(model, processes, processes));
  const temporary_file file{plan.file};
  plan.rings.front().engine = engine;
  deploy_options options;
  options.program = runtime_program();
  options.log_level = "off";
  if (delay.count() > 0) {
    DCI_TRY(start_behind_relays(plan, delay, out.relays_, out.children_));
    options.launch = false;
  }
  DCI_ASSIGN(out.deployment_, deployment::start(std::move(plan), options));
  DCI_ASSIGN(out.ring_, out.deployment_->ring(""));
  ring_client client(out.deployment_->local(), out.ring_);
  DCI_TRY(client.assemble());
  return out;
}

expected<bench_ring::answers> bench_ring::run(std::uint32_t sessions, std::uint32_t tokens,
                                              const std::string& prompt) {
  auto& system = deployment_->local().system();
  caf::scoped_actor self{system};
  self->monitor(ring_);
  const auto start = clock::now();
  for (std::uint32_t i = 0; i < sessions; ++i) {
    generate_request request;
    request.prompt = prompt;
    if (prompt.empty())
      request.prompt_ids = {static_cast<token_id>(i + 1), 2, 3, 4};
    request.max_tokens = tokens;
    request.ignore_end = true;
    request.sink = caf::actor_cast<actor_ref>(self);
    caf::anon_send(ring_, std::move(request));
  }
  std::map<session_id, std::vector<token_id>> said;
  std::uint32_t ended = 0;
  clock::time_point first{};
  std::optional<error> failed;
  bool is_silent = false;
  while (ended < sessions && !failed && !is_silent)
    self->receive(
        [&](const text_event& event) {
          if (said.empty())
            first = clock::now();
          said[event.session].push_back(event.token);
        },
        [&](const session_end_event& event) {
          ++ended;
          if (event.code != errc::none)
            failed = error{event.code, event.message};
        },
        [&](const caf::down_msg& down) {
          failed = error{errc::peer_lost, "the ring is lost: " + reason_text(down.reason)};
        },
        caf::after(longest_wait) >> [&] { is_silent = true; });
  if (failed)
    return fail(std::move(*failed));
  if (is_silent)
    return fail(errc::timed_out, "the ring says nothing");
  answers out;
  const auto now = clock::now();
  out.seconds = std::chrono::duration<double>(now - start).count();
  out.after_first = std::chrono::duration<double>(now - first).count();
  for (auto& [id, all] : said)
    out.tokens.push_back(std::move(all));
  return out;
}

} // namespace dci
