#include <cstdio>

#include "apps/dci-runtime/end_signals.hpp"
#include "apps/dci-runtime/ring_session.hpp"
#include "runtime/base/log.hpp"
#include "runtime/host/credentials.hpp"
#include "runtime/host/exit_watchdog.hpp"

namespace dci {
namespace {

constexpr std::chrono::seconds end_wait{2};

result assemble_rings(host& here, const topology& plan, const std::string& placement) {
  for (const auto& spec : plan.rings) {
    if (spec.placement != placement)
      continue;
    DCI_ASSIGN(auto info, here.find(here.node(), spec.name));
    ring_client client(here, caf::actor_cast<ring_actor>(info.actor));
    auto ring = client.assemble();
    if (!ring)
      return fail_at(spec.place, ring.error().code, ring.error().message);
    std::printf("ring %s is ready: %s\n", spec.name.c_str(), stages_text(*ring).c_str());
    std::fflush(stdout);
  }
  return {};
}

result launch_part(const topology& plan, const launch_flags& flags, const sigset_t& ends) {
  const auto* spec = find_host(plan, flags.host);
  if (spec == nullptr)
    return fail(errc::usage, plan.file + " has no host \"" + flags.host + "\"");
  DCI_ASSIGN(auto tls, load_credentials(spec->credentials));
  host_options own;
  own.name = spec->name;
  own.listen = spec->listen.value_or(spec->address);
  own.told = spec->address;
  own.frames = spec->frames;
  own.frames_told = spec->frames_address;
  own.memory = spec->memory;
  own.takes_work = spec->takes_work;
  own.tls = std::move(tls);
  own.credentials = spec->credentials;
  auto here = host::start(std::move(own));
  if (!here)
    return fail_at(spec->place, here.error().code, here.error().message);
  DCI_TRY(start_part(**here, plan, spec->name));
  DCI_TRY(assemble_rings(**here, plan, spec->name));
  int signal = 0;
  sigwait(&ends, &signal);
  exit_at_latest(end_wait, 0);
  return {};
}

/// Serves until a signal or the end of one of the hosts.
result launch_all(const common_flags& common, topology plan, const sigset_t& ends) {
  deploy_options options;
  options.program = own_program();
  options.log_level = common.log_level;
  DCI_ASSIGN(auto running, deployment::start(std::move(plan), options));
  DCI_TRY(assemble_rings(running->local(), running->plan(), std::string{local_placement}));
  std::printf("%zu hosts are running; Ctrl-C ends them\n", running->plan().hosts.size());
  std::fflush(stdout);
  const timespec pause{0, 200'000'000};
  while (sigtimedwait(&ends, nullptr, &pause) < 0)
    if (const auto ended = running->ended_host())
      return fail(errc::peer_lost, "host \"" + ended->first + "\" ended with exit code " +
                                       std::to_string(ended->second));
  exit_at_latest(end_wait, 0);
  return {};
}

} // namespace

result launch(const common_flags& common, const launch_flags& flags) {
  const auto ends = block_end_signals();
  DCI_ASSIGN(auto plan, load_topology(flags.file, standard_checks()));
  if (flags.host.empty())
    return launch_all(common, std::move(plan), ends);
  return launch_part(plan, flags, ends);
}

result check(const common_flags& common, const std::filesystem::path& file) {
  DCI_ASSIGN(const auto plan, load_topology(file, standard_checks()));
  if (common.json)
    std::puts(json({{"file", plan.file},
                    {"hosts", plan.hosts.size()},
                    {"actors", plan.actors.size()},
                    {"rings", plan.rings.size()}})
                  .dump()
                  .c_str());
  else
    std::printf("%s: %zu hosts, %zu actors, %zu rings; no fault found\n", plan.file.c_str(),
                plan.hosts.size(), plan.actors.size(), plan.rings.size());
  return {};
}

} // namespace dci
