// Layer ranges computed by LibTorch's operators on the CPU: the reference back
// end. Results may differ in the last bits with the thread count and the way
// rows are batched; compare them with a tolerance.
#pragma once

#include <memory>

#include "tensors/decoder/layer_range.hpp"
#include "tensors/files/model_files.hpp"

namespace dci {

/// Reads the weights of blocks [first, last), and of no others, as F32: those
/// stored so are used where they lie in the mapped file. progress, if set, is
/// called from this thread after every tensor. Errors: bad_request for layers
/// the model does not have, bad_file for a missing or misshapen weight,
/// unsupported for a number format other than F32, F16 and BF16, not_finite for
/// a weight with NaN or an infinity, internal when LibTorch fails.
expected<std::unique_ptr<layer_range>> load_torch_range(std::shared_ptr<const model_files> model,
                                                        layer_span layers,
                                                        const range_options& options = {},
                                                        const progress_fn& progress = {});

} // namespace dci
