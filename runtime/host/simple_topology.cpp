#include "runtime/host/simple_topology.hpp"

#include <cstdlib>

#include <unistd.h>

#include "net/free_port.hpp"
#include "runtime/base/files.hpp"
#include "tensors/files/model_files.hpp"

namespace dci {
namespace {

result write_for_children(topology& plan) {
  std::string path = std::filesystem::temp_directory_path() / "dci-ring-XXXXXX";
  const auto fd = mkstemp(path.data());
  if (fd < 0)
    return fail(errc::bad_file, "cannot make a temporary file in " +
                                    std::filesystem::temp_directory_path().string());
  close(fd);
  plan.file = path;
  return write_file(path, write_topology(plan));
}

} // namespace

expected<topology> simple_topology(const std::filesystem::path& model, std::uint32_t stages,
                                   std::uint32_t processes) {
  DCI_ASSIGN(auto files, open_model(model));
  const auto layers = files->config.layers;
  if (stages == 0 || stages > layers)
    return fail(errc::usage, "--stages " + std::to_string(stages) + ": " + model.string() +
                                 " has " + std::to_string(layers) + " layers, so 1 to " +
                                 std::to_string(layers) + " stages");
  if (processes == 0 || processes > stages)
    return fail(errc::usage, "--processes " + std::to_string(processes) + ": 1 to --stages (" +
                                 std::to_string(stages) + ") processes");
  topology plan;
  DCI_ASSIGN(const auto ports, free_loopback_ports(processes - 1));
  for (std::uint32_t i = 1; i < processes; ++i) {
    host_spec host;
    host.name = "process" + std::to_string(i + 1);
    host.address = {"127.0.0.1", ports[i - 1]};
    plan.hosts.push_back(std::move(host));
  }
  ring_spec ring;
  ring.name = "main";
  ring.model = std::filesystem::absolute(model);
  for (std::uint32_t i = 0; i < stages; ++i) {
    stage_spec stage;
    const auto process = i * processes / stages;
    stage.host = process == 0 ? std::string{local_placement} : plan.hosts[process - 1].name;
    stage.layers = layer_span{static_cast<std::uint32_t>(std::uint64_t{i} * layers / stages),
                              static_cast<std::uint32_t>((std::uint64_t{i} + 1) * layers / stages)};
    ring.stages.push_back(std::move(stage));
  }
  plan.rings.push_back(std::move(ring));
  if (processes > 1)
    DCI_TRY(write_for_children(plan));
  return plan;
}

} // namespace dci
