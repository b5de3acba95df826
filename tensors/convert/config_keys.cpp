#include "tensors/convert/config_keys.hpp"

#include <cstring>

#include "tensors/decoder/rope.hpp"

namespace dci {

namespace {

// general.file_type: what most matrices are.
std::uint32_t file_type_of(dtype to) {
  switch (to) {
    case dtype::F16:
      return 1;
    case dtype::Q4_0:
      return 2;
    case dtype::Q8_0:
      return 7;
    default:
      return 0;
  }
}

result check_expressible(const model_files& model) {
  const auto& config = model.config;
  const bool gpt2 = config.kind == architecture::gpt2;
  const auto refuse = [&](const std::string& what) {
    return fail(errc::unsupported, model.dir.string() + ": a GGUF file cannot say " + what);
  };
  const auto usual = gpt2 ? activation_function::gelu_tanh : activation_function::silu;
  if (config.activation != usual)
    return refuse("that the activation is not the architecture's own");
  if (!config.scale_attention || config.scale_attention_by_layer)
    return refuse("how this model scales its attention");
  return {};
}

// What turns the plain frequencies into the scaled ones.
std::vector<float> divisors_of(const model_config& config) {
  auto plain = config;
  plain.rope_scaling.reset();
  const auto from = rope_frequencies(plain);
  const auto to = rope_frequencies(config);
  std::vector<float> out;
  for (std::size_t i = 0; i < from.size(); ++i)
    out.push_back(static_cast<float>(from[i] / to[i]));
  return out;
}

} // namespace

result add_config(const model_files& model, dtype to, gguf_writer& out) {
  DCI_TRY(check_expressible(model));
  const auto& config = model.config;
  const bool gpt2 = config.kind == architecture::gpt2;
  // Mistrals are llamas with a window.
  const std::string arch(
      to_string(config.kind == architecture::mistral ? architecture::llama : config.kind));
  const auto key = [&](const char* rest) { return arch + "." + rest; };
  out.add("general.architecture", arch);
  out.add("general.name", std::filesystem::absolute(model.dir).filename().string());
  out.add("general.file_type", file_type_of(to));
  out.add("general.quantization_version", std::uint32_t{2});
  out.add(key("block_count"), config.layers);
  out.add(key("context_length"), config.context);
  out.add(key("embedding_length"), config.hidden);
  out.add(key("feed_forward_length"), config.ffn);
  out.add(key("vocab_size"), config.vocab);
  out.add(key("attention.head_count"), config.heads);
  out.add(key("attention.head_count_kv"), config.kv_heads);
  out.add(key(gpt2 ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon"),
          static_cast<float>(config.norm_eps));
  if (gpt2)
    return {};
  out.add(key("attention.key_length"), config.head_dim);
  out.add(key("attention.value_length"), config.head_dim);
  out.add(key("rope.dimension_count"), config.head_dim);
  out.add(key("rope.freq_base"), static_cast<float>(config.rope_theta));
  if (config.sliding_window != 0)
    out.add(key("attention.sliding_window"), config.sliding_window);
  if (config.rope_scaling)
    out.add_tensor("rope_freqs.weight", dtype::F32, {std::int64_t{config.head_dim} / 2},
                   [divisors = divisors_of(config)](std::span<std::byte> bytes) -> result {
                     std::memcpy(bytes.data(), divisors.data(), bytes.size());
                     return {};
                   });
  return {};
}

} // namespace dci
