#include "tensors/files/gguf_config.hpp"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "tensors/files/in_quotes.hpp"
#include "tensors/files/model_config_fields.hpp"
#include "tensors/files/read_row.hpp"

namespace dci {

namespace {

using json = nlohmann::json;

// A key behind "ARCH." and what config.json calls it.
struct key_pair {
  const char* gguf;
  const char* ours;
};

constexpr key_pair llama_keys[] = {{"embedding_length", "hidden_size"},
                                   {"block_count", "num_hidden_layers"},
                                   {"attention.head_count", "num_attention_heads"},
                                   {"attention.head_count_kv", "num_key_value_heads"},
                                   {"attention.key_length", "head_dim"},
                                   {"feed_forward_length", "intermediate_size"},
                                   {"context_length", "max_position_embeddings"},
                                   {"attention.layer_norm_rms_epsilon", "rms_norm_eps"},
                                   {"attention.sliding_window", "sliding_window"},
                                   {"rope.freq_base", "rope_theta"}};
constexpr key_pair gpt2_keys[] = {
    {"embedding_length", "n_embd"},     {"block_count", "n_layer"},
    {"attention.head_count", "n_head"}, {"feed_forward_length", "n_inner"},
    {"context_length", "n_positions"},  {"attention.layer_norm_epsilon", "layer_norm_epsilon"}};

// Arrays and texts become texts, which no number is: whoever wants one refuses them.
json json_of(const gguf_value& value) {
  if (const auto* whole = std::get_if<std::uint64_t>(&value.data))
    return *whole;
  if (const auto* whole = std::get_if<std::int64_t>(&value.data))
    return *whole < 0 ? json(*whole) : json(static_cast<std::uint64_t>(*whole));
  if (const auto* number = std::get_if<double>(&value.data))
    return *number;
  if (const auto* flag = std::get_if<bool>(&value.data))
    return *flag;
  if (const auto* text = std::get_if<std::string_view>(&value.data))
    return in_quotes(*text);
  return "an array";
}

class translator {
 public:
  translator(const std::string& label, const gguf_metadata& metadata, const tensor_views& tensors)
      : label_(label), metadata_(metadata), tensors_(tensors) {
  }

  expected<model_config> config() {
    const auto* arch = find_value<std::string_view>(metadata_, "general.architecture");
    if (arch == nullptr)
      return fail(errc::bad_config, label_ + ": general.architecture: missing");
    arch_ = *arch;
    if (arch_ != "llama" && arch_ != "qwen2" && arch_ != "qwen3" && arch_ != "gpt2")
      return refuse("general.architecture",
                    in_quotes(arch_) + "; supported are llama, qwen2, qwen3 and gpt2");
    DCI_TRY(check_kind());
    translate();
    json_fields fields(document_, label_, names_);
    DCI_ASSIGN(auto out, read_model_config(fields));
    out.qkv_bias = has("blk.0.attn_q.bias") || has("blk.0.attn_qkv.bias");
    out.o_bias = has("blk.0.attn_output.bias");
    out.mlp_bias = has("blk.0.ffn_up.bias");
    if (out.kind != architecture::gpt2)
      DCI_TRY(finish_rotary(out));
    return out;
  }

 private:
  std::string key(const char* rest) const {
    return arch_ + "." + rest;
  }
  bool has(std::string_view tensor) const {
    return tensors_.contains(tensor);
  }
  const gguf_value* find(const std::string& name) const {
    const auto found = metadata_.find(name);
    return found == metadata_.end() ? nullptr : &found->second;
  }
  tl::unexpected<error> refuse(const std::string& name, const std::string& reason) const {
    return fail(errc::unsupported, label_ + ": " + name + ": " + reason);
  }

  // What would be computed wrongly, did we not know of it.
  result check_kind() const {
    if (const auto* parts = find("split.count"))
      if (const auto count = json_of(*parts); count != 0u && count != 1u)
        return refuse("split.count", "a model split into several files cannot be read; join them");
    if (const auto* experts = find(key("expert_count")))
      if (json_of(*experts) != 0u)
        return refuse(key("expert_count"), "a mixture of experts cannot be run");
    const auto* scaling = find_value<std::string_view>(metadata_, key("rope.scaling.type"));
    const auto* factor = find_value<double>(metadata_, key("rope.scaling.factor"));
    const bool linear = scaling != nullptr && *scaling == "linear";
    if (scaling != nullptr && *scaling != "none" && !(linear && factor != nullptr && *factor == 1))
      return refuse(key("rope.scaling.type"), in_quotes(*scaling) + " cannot be run");
    if (const auto* old = find(key("rope.scale_linear")); old != nullptr && json_of(*old) != 1)
      return refuse(key("rope.scale_linear"), "only 1 can be run");
    for (const auto* name : {"rope_factors_long.weight", "rope_factors_short.weight"})
      if (has(name))
        return refuse(name, "frequencies that depend on the length cannot be run");
    return {};
  }

  void take(const std::string& name, const char* ours) {
    names_[ours] = name;
    if (const auto* value = find(name))
      document_[ours] = json_of(*value);
  }

  void translate() {
    const bool gpt2 = arch_ == "gpt2";
    document_["model_type"] = arch_;
    if (gpt2)
      for (const auto& pair : gpt2_keys)
        take(key(pair.gguf), pair.ours);
    else
      for (const auto& pair : llama_keys)
        take(key(pair.gguf), pair.ours);
    take("tokenizer.ggml.bos_token_id", "bos_token_id");
    take("tokenizer.ggml.eos_token_id", "eos_token_id");
    add_ends();
    take_vocab();
    document_["tie_word_embeddings"] = !has("output.weight");
    // A llama with a window is a mistral; of the others none is written with one.
    if (document_.contains("sliding_window")) {
      if (arch_ == "llama")
        document_["model_type"] = "mistral";
      else
        document_["use_sliding_window"] = true;
    }
    // Qwen3 has a default of its own in config.json, but not here.
    if (arch_ == "qwen3" && !document_.contains("head_dim"))
      divide_hidden();
  }

  // Chat models end their turns with tokens of their own.
  void add_ends() {
    for (const auto* name : {"tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"}) {
      const auto* value = find(name);
      if (value == nullptr)
        continue;
      auto& ends = document_["eos_token_id"];
      if (!ends.is_array())
        ends = ends.is_null() ? json::array() : json::array({ends});
      const auto id = json_of(*value);
      if (std::ranges::find(ends, id) == ends.end())
        ends.push_back(id);
    }
  }

  void take_vocab() {
    const auto* table = tensors_.contains("token_embd.weight")
                            ? &tensors_.find("token_embd.weight")->second
                            : nullptr;
    const auto* tokens = find_value<gguf_strings>(metadata_, "tokenizer.ggml.tokens");
    if (table != nullptr && !table->shape.empty()) {
      names_["vocab_size"] = "rows of token_embd.weight";
      document_["vocab_size"] = static_cast<std::uint64_t>(table->shape.front());
    } else {
      names_["vocab_size"] = "tokenizer.ggml.tokens";
      if (tokens != nullptr)
        document_["vocab_size"] = tokens->size();
    }
  }

  void divide_hidden() {
    const auto& hidden = document_["hidden_size"];
    const auto& heads = document_["num_attention_heads"];
    if (hidden.is_number_unsigned() && heads.is_number_unsigned() && heads != 0u)
      document_["head_dim"] = hidden.get<std::uint64_t>() / heads.get<std::uint64_t>();
  }

  result finish_rotary(model_config& config) const {
    for (const auto* name : {"rope.dimension_count", "attention.value_length"})
      if (const auto* value = find(key(name)); value && json_of(*value) != config.head_dim)
        return refuse(key(name), json_of(*value).dump() + " cannot be run, only the " +
                                     std::to_string(config.head_dim) + " of a head");
    const auto found = tensors_.find("rope_freqs.weight");
    if (found == tensors_.end())
      return {};
    const auto& view = found->second;
    const auto bad = [&](const std::string& reason) {
      return fail(errc::bad_file, label_ + ": tensor \"rope_freqs.weight\": " + reason);
    };
    if (view.type != dtype::F32 || view.shape != std::vector<std::int64_t>{config.head_dim / 2})
      return bad("is " + std::string(to_string(view.type)) + " of shape " + shape_text(view.shape) +
                 ", not F32 of [" + std::to_string(config.head_dim / 2) + "]");
    config.rope_divisors.resize(config.head_dim / 2);
    read_row(view, 0, config.rope_divisors);
    // Written so that a NaN fails too.
    if (!std::ranges::all_of(config.rope_divisors, [](float x) { return x > 0 && x < 1e6f; }))
      return bad("has a number that is not between 0 and 1e6");
    return {};
  }

  const std::string& label_;
  const gguf_metadata& metadata_;
  const tensor_views& tensors_;
  std::string arch_;
  json document_ = json::object();
  field_names names_;
};

} // namespace

expected<model_config> config_of_gguf(const std::string& label, const gguf_metadata& metadata,
                                      const tensor_views& tensors) {
  return translator(label, metadata, tensors).config();
}

} // namespace dci
