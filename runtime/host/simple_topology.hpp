// A topology made from two numbers instead of a file.
#pragma once

#include <cstdint>
#include <filesystem>

#include "runtime/base/error.hpp"
#include "runtime/host/topology/topology.hpp"

namespace dci {

/// One ring "main" of so many stages with equal shares of the layers, spread
/// in order over so many processes, of which this one is the first. The file
/// that hands it to the other processes is written to a temporary path, which
/// the caller removes. Errors: usage for more stages than layers, more
/// processes than stages, or none.
expected<topology> simple_topology(const std::filesystem::path& model, std::uint32_t stages,
                                   std::uint32_t processes);

} // namespace dci
