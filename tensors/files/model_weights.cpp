#include "tensors/files/model_weights.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "tensors/files/in_quotes.hpp"

namespace dci {

namespace {

// By the exponent bits: all ones for NaN and infinities.
template <class Bits>
std::optional<std::size_t> first_with_all(Bits mask, std::span<const std::byte> bytes) {
  constexpr std::size_t step = 1024;
  Bits part[step];
  const auto count = bytes.size() / sizeof(Bits);
  for (std::size_t start = 0; start < count; start += step) {
    const auto n = std::min(step, count - start);
    std::memcpy(part, bytes.data() + start * sizeof(Bits), n * sizeof(Bits));
    unsigned bad = 0; // no early exit in here, so that it runs in wide registers
    for (std::size_t i = 0; i < n; ++i)
      bad |= (part[i] & mask) == mask;
    if (bad != 0)
      return start +
             static_cast<std::size_t>(
                 std::find_if(part, part + n, [mask](Bits bits) { return (bits & mask) == mask; }) -
                 part);
  }
  return std::nullopt;
}

// Where a block of GGML's keeps its F16 scales.
std::span<const std::size_t> scales_of(dtype type) {
  static constexpr std::size_t first[] = {0, 2};
  static constexpr std::size_t last[] = {208};
  if (type == dtype::Q6_K)
    return last;
  return std::span(first).first(type == dtype::Q4_K ? 2 : 1);
}

std::optional<std::size_t> first_block_not_finite(const tensor_view& view) {
  constexpr std::uint16_t mask = 0x7c00u;
  const auto scales = scales_of(view.type);
  const std::size_t size = block_bytes(view.type);
  for (std::size_t at = 0; at < view.bytes.size(); at += size)
    for (const auto scale : scales) {
      std::uint16_t bits = 0;
      std::memcpy(&bits, view.bytes.data() + at + scale, sizeof bits);
      if ((bits & mask) == mask)
        return at / size;
    }
  return std::nullopt;
}

// How many heads a weight makes that get rotary positions; 0 for the others.
std::uint32_t rotary_heads(const model_config& config, std::string_view name) {
  if (name.find("self_attn.q_proj.") != std::string_view::npos)
    return config.heads;
  return name.find("self_attn.k_proj.") != std::string_view::npos ? config.kv_heads : 0;
}

} // namespace

std::vector<tensor_spec> tensors_of(const model_config& config, layer_span layers) {
  std::vector<tensor_spec> out;
  if (layers.first == 0)
    out = embedding_tensors(config);
  for (auto layer = layers.first; layer < layers.last; ++layer)
    for (auto spec : block_tensors(config)) {
      spec.name.insert(0, block_prefix(config, layer));
      out.push_back(std::move(spec));
    }
  if (layers.last == config.layers)
    for (auto& spec : head_tensors(config))
      if (std::ranges::find(out, spec.name, &tensor_spec::name) == out.end())
        out.push_back(std::move(spec));
  return out;
}

expected<model_weight> find_weight(const model_files& model, const tensor_spec& wanted) {
  const auto prefixed = std::string(outer_prefix(model.config)) + wanted.name;
  const auto& name = model.tensors->contains(prefixed) ? prefixed : wanted.name;
  DCI_ASSIGN(const auto found, model.tensors->find(name));
  const auto& view = *found.view;
  const auto place = found.file->path().string() + ": tensor " + in_quotes(found.name);
  if (!is_weight_type(view.type))
    return fail(errc::unsupported, place + ": " + std::string(to_string(view.type)) +
                                       "; weights must be F32, F16 or BF16, or blocks of Q8_0, " +
                                       "Q4_0, Q4_K or Q6_K");
  auto shape = wanted.shape;
  const bool transposed = wanted.conv1d && model.layout.transposed_conv1d;
  if (wanted.conv1d && !transposed)
    std::ranges::reverse(shape);
  if (view.shape != shape)
    return fail(errc::bad_file, place + ": has shape " + shape_text(view.shape) +
                                    ", but the config makes it " + shape_text(shape));
  const auto heads = model.layout.interleaved_rope ? rotary_heads(model.config, wanted.name) : 0;
  return model_weight{found, place, transposed, heads};
}

std::size_t count_of(const tensor_view& view) {
  return view.bytes.size() / block_bytes(view.type) * block_numbers(view.type);
}

std::optional<std::size_t> first_non_finite(const tensor_view& view) {
  if (is_quantized(view.type)) {
    const auto block = first_block_not_finite(view);
    return block ? std::optional(*block * block_numbers(view.type)) : std::nullopt;
  }
  if (view.type == dtype::F32)
    return first_with_all<std::uint32_t>(0x7f800000u, view.bytes);
  const std::uint16_t mask = view.type == dtype::F16 ? 0x7c00u : 0x7f80u;
  return first_with_all<std::uint16_t>(mask, view.bytes);
}

result check_finite(const model_weight& weight) {
  const auto bad = first_non_finite(weight.view());
  if (!bad)
    return {};
  return fail(errc::not_finite, weight.place + ": number " + std::to_string(*bad) + " of " +
                                    std::to_string(count_of(weight.view())) +
                                    " is NaN or infinite");
}

} // namespace dci
