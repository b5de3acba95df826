#include "tensors/files/model_config.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "tensors/files/in_quotes.hpp"
#include "tensors/files/json_fields.hpp"
#include "tensors/files/json_file.hpp"
#include "tensors/files/model_config_fields.hpp"

namespace dci {

namespace {

using json = nlohmann::json;

// Far above every model there is, and low enough that no size computed from
// them overflows 64 bits.
constexpr std::uint32_t max_layers = 1024;
constexpr std::uint32_t max_hidden = 65536;
constexpr std::uint32_t max_heads = 4096;
constexpr std::uint32_t max_head_dim = 4096;
constexpr std::uint32_t max_ffn = 1 << 20;
constexpr std::uint32_t max_vocab = 4'000'000;
constexpr std::uint32_t max_context = 16'000'000;

struct kind_names {
  architecture kind;
  const char* model_type;
  const char* class_name;
};

constexpr kind_names known_kinds[] = {
    {architecture::llama, "llama", "LlamaForCausalLM"},
    {architecture::mistral, "mistral", "MistralForCausalLM"},
    {architecture::qwen2, "qwen2", "Qwen2ForCausalLM"},
    {architecture::qwen3, "qwen3", "Qwen3ForCausalLM"},
    {architecture::gpt2, "gpt2", "GPT2LMHeadModel"},
};

constexpr auto supported_kinds = "supported are llama, mistral, qwen2, qwen3 and gpt2";

// The architecture, by model_type or, where that is absent, by the class name.
architecture read_kind(json_fields& fields) {
  std::string class_name;
  if (const auto* classes = fields.find("architectures")) {
    if (!classes->is_array() || classes->empty() || !classes->front().is_string())
      fields.refuse(errc::bad_config, "architectures", "must be a list of names");
    else
      class_name = classes->front().get<std::string>();
  }
  const auto type = fields.text("model_type", "");
  if (type.empty() && class_name.empty())
    fields.refuse(errc::bad_config, "model_type", "missing");
  for (const auto& known : known_kinds) {
    if (type.empty() ? class_name != known.class_name : type != known.model_type)
      continue;
    if (!class_name.empty() && class_name != known.class_name)
      fields.refuse(errc::unsupported, "architectures",
                    in_quotes(class_name) + " cannot be run, only " + known.class_name);
    return known.kind;
  }
  if (type.empty())
    fields.refuse(errc::unsupported, "architectures",
                  in_quotes(class_name) + "; " + supported_kinds);
  fields.refuse(errc::unsupported, "model_type", in_quotes(type) + "; " + supported_kinds);
  return architecture::llama;
}

activation_function read_activation(json_fields& fields, const char* key, const char* fallback) {
  const auto name = fields.text(key, fallback);
  if (name == "silu" || name == "swish")
    return activation_function::silu;
  if (name == "gelu_new" || name == "gelu_pytorch_tanh")
    return activation_function::gelu_tanh;
  if (name == "gelu")
    return activation_function::gelu;
  fields.refuse(errc::unsupported, key,
                in_quotes(name) + "; supported are silu, gelu, gelu_new and gelu_pytorch_tanh");
  return activation_function::silu;
}

llama3_rope_scaling read_llama3(json_fields& rope) {
  llama3_rope_scaling out;
  out.factor = rope.number("factor", 0, 1e6);
  out.low_freq_factor = rope.number("low_freq_factor", 0, 1e6);
  out.high_freq_factor = rope.number("high_freq_factor", 0, 1e6);
  out.original_context = rope.whole("original_max_position_embeddings", 1, max_context);
  if (out.factor < 1)
    rope.refuse(errc::bad_config, "factor", "must be at least 1");
  if (out.high_freq_factor <= out.low_freq_factor)
    rope.refuse(errc::bad_config, "high_freq_factor", "must be above low_freq_factor");
  return out;
}

// Older files have rope_theta and rope_scaling, newer ones rope_parameters with both.
void read_rope(json_fields& fields, model_config& config) {
  constexpr double max_theta = 1e15;
  config.rope_theta = fields.number("rope_theta", 0, max_theta, 10000);
  if (fields.number("partial_rotary_factor", 0, 1e6, 1) != 1)
    fields.refuse(errc::unsupported, "partial_rotary_factor", "only 1 can be run");
  for (const auto* key : {"rope_scaling", "rope_parameters"}) {
    const auto* value = fields.find(key);
    if (value == nullptr)
      continue;
    json_fields rope(*value, fields.place_of(key));
    config.rope_theta = rope.number("rope_theta", 0, max_theta, config.rope_theta);
    if (rope.number("partial_rotary_factor", 0, 1e6, 1) != 1)
      rope.refuse(errc::unsupported, "partial_rotary_factor", "only 1 can be run");
    const auto* type_key = rope.has("rope_type") ? "rope_type" : "type";
    const auto type = rope.text(type_key, "default");
    if (type == "llama3")
      config.rope_scaling = read_llama3(rope);
    else if (type != "default")
      rope.refuse(errc::unsupported, type_key,
                  in_quotes(type) + "; supported are default and llama3");
    fields.absorb(rope);
  }
}

// A window as wide as the context hides nothing.
void read_window(json_fields& fields, model_config& config) {
  const auto window = fields.whole("sliding_window", 1, 0xffffffff, 0);
  const bool narrow = window > 0 && window < config.context;
  if (config.kind == architecture::mistral)
    config.sliding_window = narrow ? window : 0;
  else if (fields.boolean("use_sliding_window", false) && narrow)
    fields.refuse(errc::unsupported, "use_sliding_window",
                  "a window in some of the layers cannot be run");
}

model_config read_gpt2(json_fields& fields) {
  model_config config;
  config.kind = architecture::gpt2;
  config.hidden = fields.whole("n_embd", 1, max_hidden);
  config.layers = fields.whole("n_layer", 1, max_layers);
  config.heads = fields.whole("n_head", 1, max_heads);
  config.kv_heads = config.heads;
  config.head_dim = config.hidden / config.heads;
  if (config.hidden % config.heads != 0)
    fields.refuse(errc::bad_config, "n_head", "must divide n_embd");
  config.ffn = fields.whole("n_inner", 1, max_ffn, 4 * config.hidden);
  config.vocab = fields.whole("vocab_size", 1, max_vocab);
  config.context = fields.whole("n_positions", 1, max_context);
  config.norm_eps = fields.number("layer_norm_epsilon", 0, 1);
  config.activation = read_activation(fields, "activation_function", "gelu_new");
  config.qkv_bias = config.o_bias = config.mlp_bias = true;
  config.tied_head = fields.boolean("tie_word_embeddings", true);
  config.scale_attention = fields.boolean("scale_attn_weights", true);
  config.scale_attention_by_layer = fields.boolean("scale_attn_by_inverse_layer_idx", false);
  if (fields.boolean("add_cross_attention", false))
    fields.refuse(errc::unsupported, "add_cross_attention", "only decoders alone can be run");
  return config;
}

model_config read_llama_like(json_fields& fields, architecture kind) {
  model_config config;
  config.kind = kind;
  config.hidden = fields.whole("hidden_size", 1, max_hidden);
  config.layers = fields.whole("num_hidden_layers", 1, max_layers);
  config.heads = fields.whole("num_attention_heads", 1, max_heads);
  config.kv_heads = fields.whole("num_key_value_heads", 1, max_heads, config.heads);
  if (config.heads % config.kv_heads != 0)
    fields.refuse(errc::bad_config, "num_key_value_heads", "must divide num_attention_heads");
  // Qwen3's own default; the others divide the hidden size among the heads.
  const bool divided = kind != architecture::qwen3;
  if (divided && !fields.has("head_dim") && config.hidden % config.heads != 0)
    fields.refuse(errc::bad_config, "num_attention_heads", "must divide hidden_size");
  config.head_dim =
      fields.whole("head_dim", 1, max_head_dim, divided ? config.hidden / config.heads : 128);
  if (config.head_dim % 2 != 0)
    fields.refuse(errc::bad_config, "head_dim", "must be even for rotary positions");
  config.ffn = fields.whole("intermediate_size", 1, max_ffn);
  config.vocab = fields.whole("vocab_size", 1, max_vocab);
  config.context = fields.whole("max_position_embeddings", 1, max_context);
  config.norm_eps = fields.number("rms_norm_eps", 0, 1);
  config.activation = read_activation(fields, "hidden_act", "silu");
  config.tied_head = fields.boolean("tie_word_embeddings", false);
  const bool biased = fields.boolean("attention_bias", kind == architecture::qwen2);
  config.qkv_bias = biased && kind != architecture::mistral;
  config.o_bias = biased && (kind == architecture::llama || kind == architecture::qwen3);
  config.mlp_bias = kind == architecture::llama && fields.boolean("mlp_bias", false);
  config.qk_norm = kind == architecture::qwen3;
  read_rope(fields, config);
  read_window(fields, config);
  return config;
}

} // namespace

std::string_view to_string(architecture kind) {
  for (const auto& known : known_kinds)
    if (known.kind == kind)
      return known.model_type;
  return "unknown";
}

expected<model_config> parse_model_config(const std::string& label, std::string_view text) {
  DCI_ASSIGN(const auto document, parse_json(label, text));
  json_fields fields(document, label);
  return read_model_config(fields);
}

expected<model_config> read_model_config(json_fields& fields) {
  const auto kind = read_kind(fields);
  if (fields.fault())
    return fail(*fields.fault());
  if (fields.has("quantization_config"))
    return fail(errc::unsupported,
                fields.place_of("quantization_config") + ": quantized weights cannot be run");
  auto config = kind == architecture::gpt2 ? read_gpt2(fields) : read_llama_like(fields, kind);
  const auto bos = fields.ids("bos_token_id", config.vocab);
  if (!bos.empty())
    config.bos = bos.front();
  config.eos = fields.ids("eos_token_id", config.vocab);
  if (fields.fault())
    return fail(*fields.fault());
  return config;
}

expected<generation_defaults> parse_generation_config(const std::string& label,
                                                      std::string_view text, std::uint32_t vocab) {
  DCI_ASSIGN(const auto document, parse_json(label, text));
  json_fields fields(document, label);
  generation_defaults out;
  out.eos = fields.ids("eos_token_id", vocab);
  const auto read = [&](const char* key, double high, std::optional<double>& value) {
    if (fields.has(key))
      value = fields.number(key, -1, high);
  };
  read("temperature", 1e6, out.temperature);
  read("top_p", 1e6, out.top_p);
  read("min_p", 1e6, out.min_p);
  read("repetition_penalty", 1e6, out.repetition_penalty);
  if (fields.has("top_k"))
    out.top_k = fields.whole("top_k", 0, max_vocab);
  if (fields.has("do_sample"))
    out.do_sample = fields.boolean("do_sample", false);
  if (fields.fault())
    return fail(*fields.fault());
  return out;
}

} // namespace dci
