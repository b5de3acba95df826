#include "tensors/decoder/range_checks.hpp"

#include "tensors/decoder/finite.hpp"

namespace dci {

std::string name_of(const range_info& info) {
  return "layer range " + to_string(info.layers);
}

result check_layers(const std::filesystem::path& model, layer_span layers,
                    std::uint32_t model_layers) {
  if (layers.empty() || layers.last > model_layers)
    return fail(errc::bad_request, model.string() + ": layers " + to_string(layers) +
                                       " are not within the model's " +
                                       std::to_string(model_layers));
  return {};
}

result check_tokens(const range_info& info, std::span<const token_id> tokens) {
  if (!info.is_first())
    return fail(errc::bad_request, name_of(info) + ": only the first range takes tokens");
  if (tokens.empty())
    return fail(errc::bad_request, name_of(info) + ": no tokens");
  for (const auto id : tokens)
    if (id < 0 || static_cast<std::uint32_t>(id) >= info.vocab)
      return fail(errc::bad_request, name_of(info) + ": token " + std::to_string(id) +
                                         " is not in the vocabulary of " +
                                         std::to_string(info.vocab));
  return {};
}

result check_input(const range_info& info, const activation& input) {
  if (info.is_first())
    return fail(errc::bad_request,
                name_of(info) + ": the first range takes tokens, not activations");
  if (input.empty() || input.cols() != info.hidden)
    return fail(errc::bad_message, name_of(info) + ": an activation of " +
                                       std::to_string(input.rows()) + " x " +
                                       std::to_string(input.cols()) + " was sent, n x " +
                                       std::to_string(info.hidden) + " is needed");
  return {};
}

result check_room(const range_info& info, const kv_cache& cache, std::size_t rows) {
  if (rows <= cache.capacity() - cache.length())
    return {};
  return fail(errc::context_full, name_of(info) + ": " + std::to_string(cache.length()) +
                                      " positions and " + std::to_string(rows) +
                                      " more exceed the " + std::to_string(cache.capacity()) +
                                      " the session has room for; the model's context is " +
                                      std::to_string(info.context));
}

expected<std::uint32_t> check_forward(const range_info& info, const range_input& input) {
  const bool takes_tokens = input.rows.empty() && (info.is_first() || !input.tokens.empty());
  DCI_TRY(takes_tokens ? check_tokens(info, input.tokens) : check_input(info, input.rows));
  const auto rows = takes_tokens ? input.tokens.size() : input.rows.rows();
  DCI_TRY(check_room(info, *input.cache, rows));
  const auto values = input.rows.values();
  if (const auto bad = first_non_finite(values); bad != values.size())
    return fail(not_finite_input(info, input.cache->length() + bad / info.hidden));
  return static_cast<std::uint32_t>(rows);
}

result check_logits(const range_info& info, const activation& output, std::uint32_t row) {
  if (!info.is_last())
    return fail(errc::bad_request, name_of(info) + ": only the last range has the output head");
  if (output.cols() != info.hidden || row >= output.rows())
    return fail(errc::bad_request, name_of(info) + ": row " + std::to_string(row) +
                                       " of an activation of " + std::to_string(output.rows()) +
                                       " x " + std::to_string(output.cols()) + " was asked for");
  return {};
}

error not_finite_input(const range_info& info, std::size_t position) {
  return {errc::not_finite, name_of(info) + " was given a non-finite activation at position " +
                                std::to_string(position)};
}
error not_finite_result(const range_info& info, std::size_t position) {
  return {errc::not_finite,
          name_of(info) + " produced a non-finite activation at position " +
              std::to_string(position) +
              (info.half_rows ? "; it may be too large for activations = \"f16\": try f32" : "")};
}
error not_finite_logits(const range_info& info) {
  return {errc::not_finite, name_of(info) + " produced non-finite logits"};
}
error foreign_cache(const range_info& info) {
  return {errc::internal, name_of(info) + ": the cache belongs to another range"};
}

} // namespace dci
