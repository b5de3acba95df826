// The steps from a topology file's tables to a checked topology.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "runtime/host/topology/entries.hpp"
#include "runtime/host/topology/toml_source.hpp"
#include "runtime/host/topology/topology.hpp"

namespace dci::topology_file {

/// What every step is given. base is absolute.
struct reading {
  const toml_source& source;
  const topology_checks& checks;
  std::filesystem::path base;
};

/// Each step checks its tables and appends to out what they say. They run in
/// this order, since each refers to what the one before it declared.
result read_hosts(const reading& in, const std::vector<host_entry>& entries, topology& out);
result read_actors(const reading& in, const std::vector<actor_entry>& entries, topology& out);
result read_rings(const reading& in, const std::vector<ring_entry>& entries, topology& out);

/// The stages of one ring, without looking at their layers yet; where is the
/// pointer to its stages. Actors' stages get the layers of their settings.
result read_stages(const reading& in, const json& stages, const std::string& where,
                   const topology& so_far, ring_spec& out);

/// "auto", "caf" or "zmq".
result check_transport(const reading& in, const std::string& name, const std::string& where);

/// Explicit layers start at 0, leave no gap, do not overlap and end with the
/// model, which has total layers (0: unknown).
result check_layers(const reading& in, const ring_spec& ring, const std::string& where,
                    std::uint32_t total);

/// A host of the file or "local".
result check_placement(const reading& in, const std::string& name, const std::string& where,
                       const topology& so_far);

/// An error of the codec or of a settings check, with its place and its key.
[[nodiscard]] tl::unexpected<error> fail_decoding(const reading& in, const decode_error& e);

/// The pointer to one item of a list: "/actor/0".
std::string item(const std::string& list, std::size_t index);

} // namespace dci::topology_file
