// A topology brought to life: the file's hosts as processes, and in this
// process everything placed "local".
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/host/child_process.hpp"
#include "runtime/host/host.hpp"
#include "runtime/host/topology/topology.hpp"

namespace dci {

/// The checks that need the actor registry and the model files.
topology_checks standard_checks();

/// Starts, on a host that runs here, the actors and rings the topology places
/// there. Errors name the place in the file.
result start_part(host& here, const topology& plan, const std::string& placement);

/// How a ring of the file is made, seen from a placement.
ring_settings settings_of(const topology& plan, const ring_spec& ring,
                          const std::string& placement);

struct deploy_options {
  /// Start the file's hosts as processes of this machine; otherwise they must
  /// be running.
  bool launch = true;
  std::filesystem::path program;         ///< dci-runtime
  std::string log_level = "warn";        ///< of the started processes
  std::chrono::milliseconds wait{20000}; ///< for a host to answer
  /// This process's host where it has one already, which must outlive the
  /// deployment; otherwise the deployment starts one.
  host* here = nullptr;
  /// Asked while it waits for hosts: true ends that with the error cancelled.
  std::function<bool()> give_up;
};

class deployment {
 public:
  /// Starts what is to be started and connects to every host. Errors name the
  /// host's place in the file.
  static expected<std::unique_ptr<deployment>> start(topology plan, const deploy_options& options);
  /// Ends the actors here and the processes it started.
  ~deployment();
  deployment(const deployment&) = delete;
  deployment& operator=(const deployment&) = delete;

  host& local() {
    return *local_;
  }
  const topology& plan() const {
    return plan_;
  }
  /// The ring of that name; of the only one when the name is empty. Errors:
  /// not_found.
  expected<ring_actor> ring(const std::string& name);
  /// Its entry in the file.
  expected<const ring_spec*> ring_entry(const std::string& name) const;
  /// The node of a host of the file, or of this process for "local".
  expected<node_actor> node(const std::string& placement);
  /// The first child that has ended, and its exit code.
  std::optional<std::pair<std::string, int>> ended_host();

 private:
  explicit deployment(topology plan) : plan_(std::move(plan)) {
  }
  result launch_hosts(const deploy_options& options);
  result reach_hosts(const deploy_options& options);
  result start_local_part();
  void stop_local_part();

  topology plan_;
  std::vector<std::pair<std::string, child_process>> children_;
  std::unique_ptr<host> own_; ///< null when this process had a host already
  host* local_ = nullptr;
  bool part_is_started_ = false;
  std::vector<std::pair<std::string, node_actor>> nodes_;
};

} // namespace dci
