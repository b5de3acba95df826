#include "runtime/sim/scene.hpp"

#include <filesystem>

namespace dci {

result check(const sim_scene& scene) {
  constexpr std::uint32_t most_nodes = 1'000'000;
  if (scene.nodes < 2 || scene.nodes > most_nodes)
    return fail(errc::bad_config, std::to_string(scene.nodes) + " nodes: from 2 to " +
                                      std::to_string(most_nodes) + " can be simulated");
  if (!(scene.rtt_scale > 0))
    return fail(errc::bad_config, "the scale of round trips must be above 0");
  if (const auto fault = fault_of(scene.conditions))
    return fail(errc::bad_config, *fault);
  return {};
}

expected<std::unique_ptr<sim_network>> open_network(const sim_scene& scene) {
  DCI_TRY(check(scene));
  std::unique_ptr<sim_network> out;
  if (scene.rtt.empty()) {
    DCI_ASSIGN(out, make_network(scene.network, scene.nodes, random_source(scene.seed)));
  } else {
    DCI_ASSIGN(auto measured, read_round_trips(scene.rtt, scene.rtt_scale));
    if (scene.nodes < measured.size)
      measured = first_of(measured, scene.nodes);
    out = network_of(measured);
  }
  out->set_conditions(scene.conditions);
  return out;
}

tl::unexpected<error> failed_run(const sim_scene& scene, const std::string& what) {
  return fail(errc::check_failed,
              what + "; --seed " + std::to_string(scene.seed) + " repeats the run");
}

std::string name_of(const sim_scene& scene) {
  return scene.rtt.empty() ? scene.network : std::filesystem::path(scene.rtt).stem().string();
}

} // namespace dci
