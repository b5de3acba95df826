// A ring for one command: made, used, taken down.
#pragma once

#include <memory>

#include "apps/dci-runtime/verbs.hpp"
#include "runtime/host/deployment.hpp"
#include "runtime/host/ring_client.hpp"

namespace dci {

class ring_session {
 public:
  /// Starts the processes and assembles the ring. model: may be empty when a
  /// topology file names it; otherwise it replaces the file's.
  static expected<ring_session> start(const common_flags& common, const ring_flags& flags,
                                      const std::filesystem::path& model);
  ring_session(ring_session&&) = default;
  ~ring_session();

  ring_client& client() {
    return *client_;
  }
  const ring_description& ring() const {
    return ring_;
  }

 private:
  ring_session() = default;
  void remove_temporary();

  std::filesystem::path temporary_;
  std::unique_ptr<deployment> deployment_;
  std::unique_ptr<ring_client> client_;
  ring_description ring_;
};

/// "local [0, 2) | beta [2, 4) | gamma [4, 6)"
std::string stages_text(const ring_description& ring);

} // namespace dci
