#include "runtime/host/system_config.hpp"

#include <algorithm>
#include <thread>

#include <caf/io/middleman.hpp>

#include "actors/protocols.hpp"

namespace dci {

system_config::system_config() {
  add_message_types<caf::id_block::dci>();
  load<caf::io::middleman>();
  // Half the round trip of the defaults: no hand-over to a worker for
  // deserialisation, no stealing between run queues.
  set("scheduler.policy", caf::atom("sharing"));
  set("scheduler.max-threads", std::max<std::size_t>(2, std::thread::hardware_concurrency()));
  set("middleman.workers", std::size_t{0});
  // Both are off by default, and then a frozen peer is never noticed. Found
  // dead after 2 to 2.5 s; a killed one at once.
  set("middleman.heartbeat-interval", caf::timespan{std::chrono::milliseconds{500}});
  set("middleman.connection-timeout", caf::timespan{std::chrono::milliseconds{2000}});
  set("logger.verbosity", caf::atom("quiet"));
}

} // namespace dci
