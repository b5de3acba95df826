// Whether a list of layer ranges is a way to cut a model.
#pragma once

#include <span>
#include <string>

#include "runtime/base/error.hpp"
#include "runtime/base/layers.hpp"

namespace dci {

/// Ok when the ranges, in this order, hold each of the model's blocks once.
/// Errors: bad_config, naming the stage where blocks are missing, held twice
/// or beyond the model.
result check_cuts(std::span<const layer_span> stages, std::uint32_t model_layers);

/// "stage 2 of 3 (beta, layers [2, 4))": how messages name a stage.
std::string stage_label(std::size_t index, std::size_t count, const std::string& host,
                        layer_span layers);

} // namespace dci
