// The topology file: which hosts there are, which actors run on them, and how
// rings are made of them. One file describes a mixed local and remote ring:
//
//   [[host]]                     # a dci-runtime process; any number of them
//   name = "alpha"               # letters, digits, _ and -, at most 64; not "local" or "all"
//   address = "127.0.0.1:4701"   # where it listens: loopback, [::1]:PORT or localhost:PORT
//   memory = "8GiB"              # optional: what it offers to automatic layers
//   takes_work = false           # optional: who forms rings out of what gossip knows leaves it out
//   credentials = "alpha.toml"   # optional: the hosts speak TLS, see runtime/host/credentials.hpp;
//                                # all of them or none, and then any IP address may stand above
//   listen = "127.0.0.1:4711"    # optional: where it listens, if others reach it elsewhere: behind
//                                # a relay, a tunnel, or a router that forwards the port
//   frames = "127.0.0.1:4721"    # optional: where it hears ZeroMQ; absent: at any free port
//   frames_address = "127.0.0.1:4731"   # optional: where others reach that, if it is elsewhere
//
//   [[actor]]                    # an actor started with its host; any number
//   type = "shard_executor"      # a registered actor type
//   name = "front"               # unique among the file's actors and rings
//   placement = "alpha"          # optional: a host's name, "local" (the default), or "all": one on
//                                # each host of the file
//   [actor.settings]             # that type's own settings
//   model = "models/tiny"        # relative paths start at the file's folder
//   layers = [0, 2]              # [first, last]: blocks 0 and 1
//
//   [[ring]]                     # a pipeline of stages; any number
//   name = "main"
//   placement = "local"          # optional: where the ring's own actor lives
//   model = "models/tiny"
//   stages = [                   # in the order of their layers, together the whole model
//     { actor = "front" },                    # a shard_executor above, with the layers it has
//     { host = "beta", layers = [2, 4] },     # the ring starts an executor there
//     { host = "local", layers = [4, 6] },
//   ]
//   engine = { kv_memory = "2GiB", speculation = "prompt_lookup" }   # optional: how the
//                                # stages that it starts compute, see engine_settings.hpp
//   passes = 4                   # optional: batches under way in the ring at once
//   context = 512                # optional: positions per session
//   step_timeout_ms = 5000       # optional: how long one step may take
//   transport = "auto"           # optional: what carries steps: "caf", "zmq", or "auto": CAF, and
//                                # ZeroMQ while CAF cannot; a stage may have its own, for its link
//                                # to the next one
//   link_wait_ms = 1000          # optional: how long a link may be without either before its stage
//                                # is lost; more where round trips are long
//
// The planner can decide the cuts and the order by memory: give every stage
// layers = "auto", or write stages = "auto" for every host of the file. Only
// then, strategy = "NAME" chooses how it plans: "ring_memory_weighted" (by memory ascending), or
// "memory_weighted_in_order" (in the order of the stages).
//
// credentials = "mine.toml", at the head of the file, are those of "local": it has some where the
// hosts have.
//
// "local" is the process that reads the file without --host: the launcher, a
// generate command or the console.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/address.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/json_codec.hpp"
#include "runtime/base/layers.hpp"
#include "tensors/backend/engine_settings.hpp"

namespace dci {

/// The placement that means the process that reads the file.
inline constexpr std::string_view local_placement = "local";
/// The placement of an actor of which every host of the file has one.
inline constexpr std::string_view everywhere = "all";
/// The actor type whose actors can be stages.
inline constexpr std::string_view stage_actor_type = "shard_executor";
inline constexpr std::string_view default_strategy = "ring_memory_weighted";
/// Larger files are refused.
inline constexpr std::size_t max_topology_bytes = 1024 * 1024;

/// Where in a file something stands: of a table its header, of a value its key.
/// Lines and columns count from 1, columns in characters; 0 is unknown.
struct source_place {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  friend bool operator==(const source_place&, const source_place&) = default;
};

/// "FILE:LINE:COL", or "FILE" when the line is unknown.
std::string to_string(const source_place& place);

struct host_spec {
  std::string name;
  dci::address address;
  std::optional<std::uint64_t> memory;        ///< bytes, 1 to 2^60
  bool takes_work = true;                     ///< new rings, where others form them
  std::filesystem::path credentials;          ///< absolute; empty: none
  std::optional<dci::address> listen;         ///< absent: at its address
  std::optional<dci::address> frames;         ///< absent: at any free port
  std::optional<dci::address> frames_address; ///< absent: where it hears them
  source_place place;

  friend bool operator==(const host_spec&, const host_spec&) = default;
};

struct actor_spec {
  std::string type;
  std::string name;
  std::string placement{local_placement};
  json settings = json::object();
  source_place place;

  friend bool operator==(const actor_spec&, const actor_spec&) = default;
};

/// Names either a host (or "local") or an actor of the file, never both.
struct stage_spec {
  std::string host;
  std::string actor;
  /// nullopt: the planner decides. Of an actor's stage: as its settings say.
  std::optional<layer_span> layers;
  std::string transport; ///< of the link to the next stage; empty: as the ring's
  source_place place;

  friend bool operator==(const stage_spec&, const stage_spec&) = default;
};

struct ring_spec {
  std::string name;
  std::string placement{local_placement};
  std::filesystem::path model; ///< absolute
  std::string strategy{default_strategy};
  engine_settings engine;         ///< its paths are absolute
  std::vector<stage_spec> stages; ///< never empty; of all or of none the layers are given
  std::optional<std::uint32_t> passes;
  std::optional<std::uint32_t> context;
  std::optional<std::uint32_t> step_timeout_ms;
  std::optional<std::string> transport;
  std::optional<std::uint32_t> link_wait_ms;
  source_place place;

  /// The planner decides cuts and order.
  bool is_automatic() const;
  friend bool operator==(const ring_spec&, const ring_spec&) = default;
};

struct topology {
  std::string file;
  std::filesystem::path credentials; ///< of "local", absolute; empty: none
  std::vector<host_spec> hosts;
  std::vector<actor_spec> actors;
  std::vector<ring_spec> rings;

  friend bool operator==(const topology&, const topology&) = default;
};

/// What only the rest of the program knows. A check that is not set passes.
struct topology_checks {
  /// Checks an actor's settings, and may rewrite them, for example to make
  /// their paths absolute: relative ones start at base. The error's path is
  /// relative to the actor: "/type" for an unknown type, "/settings/model" for
  /// a setting.
  std::function<decode_outcome(const std::string& type, json& settings,
                               const std::filesystem::path& base)>
      settings;
  /// How many layers the model has; called once for each ring.
  std::function<expected<std::uint32_t>(const std::filesystem::path& model)> model_layers;
  /// The planner's strategies; when empty, any name passes.
  std::vector<std::string> strategies;
};

/// Reads and checks a whole file. Errors: bad_file when it cannot be read or is
/// too large; else bad_topology, "FILE:LINE:COL: what is wrong; what to do".
expected<topology> load_topology(const std::filesystem::path& file, const topology_checks& checks);

/// The same of a text; file is the name for messages, base the folder where
/// relative paths start (empty: the working directory).
expected<topology> parse_topology(std::string_view text, const std::string& file,
                                  const std::filesystem::path& base, const topology_checks& checks);

/// TOML that parse_topology reads back to the same topology, places aside. For
/// handing a topology to another process. Settings hold no nulls and no
/// integers beyond 64 signed bits in TOML; nulls are left out.
std::string write_topology(const topology& t);

/// nullptr when there is none of that name.
const host_spec* find_host(const topology& t, std::string_view name);
const actor_spec* find_actor(const topology& t, std::string_view name);
const ring_spec* find_ring(const topology& t, std::string_view name);

/// Whether the host, or "local", has that actor.
bool is_placed_on(const actor_spec& actor, std::string_view placement);

/// The host where a stage runs, or "local".
std::string_view host_of(const topology& t, const stage_spec& stage);

/// An error about something of the file: "FILE:LINE:COL: message".
[[nodiscard]] tl::unexpected<error> fail_at(const source_place& place, errc code,
                                            std::string_view message);

} // namespace dci
