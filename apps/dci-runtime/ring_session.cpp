#include "apps/dci-runtime/ring_session.hpp"

#include "runtime/host/simple_topology.hpp"

namespace dci {
namespace {

expected<topology> plan_for(const ring_flags& flags, const std::filesystem::path& model) {
  if (flags.topology.empty()) {
    if (model.empty())
      return fail(errc::usage, "name a model with --model DIR, or a ring with --topology FILE");
    return simple_topology(model, flags.stages, flags.processes);
  }
  if (flags.stages != 1 || flags.processes != 1)
    return fail(errc::usage, "--stages and --processes make a ring of their own: leave them out "
                             "with --topology");
  return load_topology(flags.topology, standard_checks());
}

// What the command line says goes for every ring of the plan.
result choose_engine(const ring_flags& flags, topology& plan) {
  const auto& [backend, threads, kv_memory, kv_format, activations, speculation, draft] =
      flags.engine;
  if (!backend && !threads && !kv_memory && !kv_format && !activations && !speculation && !draft)
    return {};
  if (flags.attach)
    return fail(errc::usage, "--backend, --threads, --kv-memory, --kv-format, --activations, "
                             "--speculation and --draft are for a ring that is started: leave "
                             "them out with --attach");
  for (auto& ring : plan.rings) {
    if (ring.placement != local_placement)
      return fail(errc::usage, "ring \"" + ring.name + "\" is started by host \"" + ring.placement +
                                   "\": write its engine into the topology file");
    auto& engine = ring.engine;
    engine.backend = backend.value_or(engine.backend);
    engine.threads = threads.value_or(engine.threads);
    engine.kv_memory = kv_memory.value_or(engine.kv_memory);
    engine.kv_format = kv_format.value_or(engine.kv_format);
    engine.activations = activations.value_or(engine.activations);
    if (draft)
      engine.draft = std::filesystem::absolute(*draft);
    engine.speculation = speculation.value_or(draft ? "draft" : engine.speculation);
    if (const auto wrong = check(engine))
      return fail(errc::usage, wrong->path.substr(1) + ": " + wrong->message);
  }
  return {};
}

} // namespace

expected<ring_session> ring_session::start(const common_flags& common, const ring_flags& flags,
                                           const std::filesystem::path& model) {
  ring_session out;
  DCI_ASSIGN(auto plan, plan_for(flags, model));
  DCI_TRY(choose_engine(flags, plan));
  if (flags.topology.empty())
    out.temporary_ = plan.file;
  deploy_options options;
  options.launch = !flags.attach;
  options.program = own_program();
  options.log_level = common.log_level;
  DCI_ASSIGN(out.deployment_, deployment::start(std::move(plan), options));
  // Every process has read it: nothing is left if this one is killed.
  out.remove_temporary();
  DCI_ASSIGN(auto ring, out.deployment_->ring(flags.ring));
  out.client_ = std::make_unique<ring_client>(out.deployment_->local(), std::move(ring));
  DCI_ASSIGN(out.ring_, out.client_->assemble());
  return out;
}

ring_session::~ring_session() {
  remove_temporary();
}

void ring_session::remove_temporary() {
  if (temporary_.empty())
    return;
  std::error_code ignored;
  std::filesystem::remove(temporary_, ignored);
  temporary_.clear();
}

std::string stages_text(const ring_description& ring) {
  std::string out;
  for (const auto& stage : ring.stages)
    out += (out.empty() ? "" : " | ") + stage.host + " " + to_string(stage.layers);
  return out;
}

} // namespace dci
