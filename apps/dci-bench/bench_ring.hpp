// A ring that a measurement makes, uses and takes down.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "net/shaping/stream_relay.hpp"
#include "runtime/host/deployment.hpp"
#include "runtime/host/ring_client.hpp"

namespace dci {

class bench_ring {
 public:
  /// As many stages as processes, of which this one is the first. delay: of every
  /// hop; zero for none.
  static expected<bench_ring> start(const std::filesystem::path& model,
                                    const engine_settings& engine, std::uint32_t processes,
                                    std::chrono::milliseconds delay = {});

  struct answers {
    std::vector<std::vector<token_id>> tokens; ///< of each session
    double seconds = 0;                        ///< from the first request to the last token
    double after_first = 0;                    ///< from the first token of all to the last
  };
  /// So many sessions at once, each of so many tokens. The prompt as text, or where it
  /// is empty a few ids, others for each session.
  expected<answers> run(std::uint32_t sessions, std::uint32_t tokens, const std::string& prompt);

 private:
  bench_ring() = default;

  // In the order they are needed: children end before their relays.
  std::vector<std::unique_ptr<stream_relay>> relays_;
  std::vector<child_process> children_;
  std::unique_ptr<deployment> deployment_;
  ring_actor ring_;
};

} // namespace dci
