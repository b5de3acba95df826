// A model's weights by the names of model_tensors.hpp, checked against the
// config: what every back end loads from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/base/layers.hpp"
#include "tensors/files/model_files.hpp"
#include "tensors/files/model_tensors.hpp"

namespace dci {

/// The weights blocks [first, last) need, with the embedding and the head where
/// they belong to them; a table that serves as both is there once.
std::vector<tensor_spec> tensors_of(const model_config& config, layer_span layers);

/// A weight's bytes, of the shape the config and the layout make it and a format that can be
/// computed from.
struct model_weight {
  weight source;
  std::string place; ///< file and tensor, for messages
  /// The matrix is [in, out].
  bool transposed = false;
  /// The rows are of so many heads and interleaved: they need head_rows.hpp's
  /// order. 0 where they are in halves, as everything else is.
  std::uint32_t interleaved_heads = 0;

  const tensor_view& view() const {
    return *source.view;
  }
};

/// Errors: bad_file for a missing or misshapen weight, unsupported for a number
/// format that no layer can be made of (is_weight_type).
expected<model_weight> find_weight(const model_files& model, const tensor_spec& wanted);

/// Numbers in it.
std::size_t count_of(const tensor_view& view);
/// The index of the first NaN or infinity; of quantized ones the first number of
/// the block whose scale is it. For types with is_weight_type.
std::optional<std::size_t> first_non_finite(const tensor_view& view);
/// Errors: not_finite naming the number.
result check_finite(const model_weight& weight);

} // namespace dci
