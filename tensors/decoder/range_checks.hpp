// What every back end checks before it computes, with the same words.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "tensors/decoder/layer_range.hpp"

namespace dci {

/// "layer range [0, 3)"
std::string name_of(const range_info& info);

/// Errors: bad_request for layers [first, last) that the model does not have.
result check_layers(const std::filesystem::path& model, layer_span layers,
                    std::uint32_t model_layers);
/// Errors: bad_request for a range that is not the first, no tokens, or an id
/// outside the vocabulary.
result check_tokens(const range_info& info, std::span<const token_id> tokens);
/// Errors: bad_request for the first range, bad_message for a wrong shape.
result check_input(const range_info& info, const activation& input);
/// Errors: context_full when the cache has no room for so many rows more.
result check_room(const range_info& info, const kv_cache& cache, std::size_t rows);
/// All of these for one session's part of a forward, and not_finite. Returns its rows.
expected<std::uint32_t> check_forward(const range_info& info, const range_input& input);
/// Errors: bad_request for a range that is not the last, or no such row.
result check_logits(const range_info& info, const activation& output, std::uint32_t row);

/// not_finite: the input's, or the range's own, at a position.
error not_finite_input(const range_info& info, std::size_t position);
error not_finite_result(const range_info& info, std::size_t position);
error not_finite_logits(const range_info& info);
/// internal: the cache is not one of this range.
error foreign_cache(const range_info& info);

} // namespace dci
