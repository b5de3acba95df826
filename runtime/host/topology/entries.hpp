// The tables of a topology file as they are written, before anything they
// refer to is looked up.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/json_codec.hpp"
#include "runtime/base/reflect.hpp"
#include "runtime/host/topology/topology.hpp"

namespace dci::topology_file {

struct host_entry {
  std::string name;
  std::string address;
  std::optional<json> memory;
  bool takes_work = true;
  std::optional<std::string> credentials;
  std::optional<std::string> listen;
  std::optional<std::string> frames;
  std::optional<std::string> frames_address;

  static constexpr std::string_view type_name = "host";
  static constexpr auto fields() {
    return std::tuple{
        required("name", &host_entry::name,
                 "say what placements call the host, as in name = \"alpha\""),
        required("address", &host_entry::address,
                 "say where the host listens, as in address = \"127.0.0.1:4701\""),
        field("memory", &host_entry::memory, "what it offers to automatic layers, as in \"8GiB\""),
        field("takes_work", &host_entry::takes_work, "false: others form no rings with it"),
        field("credentials", &host_entry::credentials, "a credentials file, as in \"alpha.toml\""),
        field("listen", &host_entry::listen, "where it listens, if others reach it elsewhere"),
        field("frames", &host_entry::frames, "where it hears ZeroMQ"),
        field("frames_address", &host_entry::frames_address, "where others reach that"),
    };
  }
};

struct actor_entry {
  std::string type;
  std::string name;
  std::string placement{local_placement};
  json settings = json::object();

  static constexpr std::string_view type_name = "actor";
  static constexpr auto fields() {
    return std::tuple{
        required("type", &actor_entry::type,
                 "say what kind of actor it is, as in type = \"shard_executor\""),
        required("name", &actor_entry::name,
                 "say what stages call the actor, as in name = \"front\""),
        field("placement", &actor_entry::placement, "a host's name, \"local\", or \"all\""),
        field("settings", &actor_entry::settings, "that type's own settings"),
    };
  }
};

struct stage_entry {
  std::optional<std::string> host;
  std::optional<std::string> actor;
  std::optional<json> layers;
  std::optional<std::string> transport;

  static constexpr std::string_view type_name = "stage";
  static constexpr auto fields() {
    return std::tuple{
        field("host", &stage_entry::host, "where the ring starts an executor"),
        field("actor", &stage_entry::actor, "a shard_executor of the file"),
        field("layers", &stage_entry::layers, "[first, last] or \"auto\""),
        field("transport", &stage_entry::transport, "of the link to the next stage"),
    };
  }
};

struct ring_entry {
  std::string name;
  std::string placement{local_placement};
  std::string model;
  std::optional<std::string> strategy;
  json stages;
  engine_settings engine;
  std::optional<std::uint32_t> passes;
  std::optional<std::uint32_t> context;
  std::optional<std::uint32_t> step_timeout_ms;
  std::optional<std::string> transport;
  std::optional<std::uint32_t> link_wait_ms;

  static constexpr std::string_view type_name = "ring";
  static constexpr auto fields() {
    return std::tuple{
        required("name", &ring_entry::name, "say what the ring is called, as in name = \"main\""),
        field("placement", &ring_entry::placement, "a host's name, or \"local\""),
        required("model", &ring_entry::model,
                 "say which model it runs, as in model = \"models/tiny\""),
        field("strategy", &ring_entry::strategy, "how the planner chooses automatic layers"),
        required("stages", &ring_entry::stages,
                 "list the stages, or write stages = \"auto\" for every host"),
        field("engine", &ring_entry::engine, "how the stages that it starts compute"),
        field("passes", &ring_entry::passes, "batches under way in the ring at once"),
        field("context", &ring_entry::context, "positions per session"),
        field("step_timeout_ms", &ring_entry::step_timeout_ms, "how long one step may take"),
        field("transport", &ring_entry::transport, "what carries steps: auto, caf or zmq"),
        field("link_wait_ms", &ring_entry::link_wait_ms, "how long a link may be without any"),
    };
  }
};

struct file_entry {
  std::optional<std::string> credentials;
  std::vector<host_entry> host;
  std::vector<actor_entry> actor;
  std::vector<ring_entry> ring;

  static constexpr std::string_view type_name = "topology";
  static constexpr auto fields() {
    return std::tuple{
        field("credentials", &file_entry::credentials, "those of the process that reads the file"),
        field("host", &file_entry::host, "the hosts"),
        field("actor", &file_entry::actor, "the actors started with them"),
        field("ring", &file_entry::ring, "the rings"),
    };
  }
};

} // namespace dci::topology_file
