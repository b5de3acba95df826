// Layer ranges computed by our own kernels on the CPU. What a range returns is
// a pure function of weights, inputs and positions, to the bit: on every
// machine, with any number of threads, any batch and any cut.
#pragma once

#include <memory>

#include "tensors/decoder/layer_range.hpp"
#include "tensors/files/model_files.hpp"

namespace dci {

/// Reads the weights of blocks [first, last), and of no others, and packs them
/// for the kernels in the format they are stored in. progress, if set, is called
/// from this thread after every tensor. Errors: bad_request for layers the model
/// does not have, bad_file for a missing or misshapen weight, unsupported for a
/// number format that is none of weights (is_weight_type), not_finite for a weight
/// with NaN or an infinity, internal when memory is short.
expected<std::unique_ptr<layer_range>> load_native_range(std::shared_ptr<const model_files> model,
                                                         layer_span layers,
                                                         const range_options& options = {},
                                                         const progress_fn& progress = {});

} // namespace dci
