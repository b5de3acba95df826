#include <cstdio>

#include "apps/dci-runtime/end_signals.hpp"
#include "apps/dci-runtime/verbs.hpp"
#include "net/identity/admission.hpp"
#include "runtime/base/json_codec.hpp"
#include "runtime/host/ask.hpp"
#include "runtime/host/enrolment.hpp"
#include "runtime/host/exit_watchdog.hpp"
#include "runtime/host/host.hpp"

namespace dci {
namespace {

constexpr std::chrono::seconds short_wait{10}, end_wait{2};

} // namespace

result serve_authority(const common_flags&, const serve_flags& flags) {
  const auto ends = block_end_signals();
  const authority_config config{flags.folder,     flags.listen, flags.nodes,
                                flags.token_file, flags.hours,  flags.seconds};
  DCI_ASSIGN(const auto here, host::start({}));
  DCI_ASSIGN(const auto made,
             here->spawn({"authority", "authority", to_json_value(config).dump(), nullptr}));
  DCI_ASSIGN(const auto is, ask<authority_description>(here->system(),
                                                       caf::actor_cast<authority_actor>(made.actor),
                                                       authority_describe_request{}, short_wait));
  std::printf("authority %s gives certificates at %s; Ctrl-C ends it\n", is.name.c_str(),
              is.address.c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ends, &signal);
  exit_at_latest(end_wait, 0);
  return {};
}

result enroll(const common_flags& common, const enroll_flags& flags) {
  DCI_ASSIGN(const auto plan, load_enrolment_plan(flags.credentials));
  std::string token;
  if (!flags.token_file.empty()) {
    DCI_ASSIGN(token, read_enrolment_token(flags.token_file));
  }
  DCI_ASSIGN(const auto got, enrol(plan, token));
  const auto until = date_text(got.until);
  if (common.json) {
    std::puts(json({{"node", to_string(got.node)},
                    {"authorities", got.authorities},
                    {"certificates", plan.output.string()},
                    {"until", until}})
                  .dump()
                  .c_str());
    return {};
  }
  std::string names;
  for (const auto& one : got.authorities)
    names += (names.empty() ? "" : ", ") + one;
  std::printf("node %s\nvouched for by: %s\ncertificates: %s, until %s\n",
              to_string(got.node).c_str(), names.c_str(), plan.output.c_str(), until.c_str());
  return {};
}

} // namespace dci
