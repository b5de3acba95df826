#include "tensors/files/gguf_names.hpp"

#include <span>

namespace dci {

namespace {

// Without ".weight" or ".bias"; those of a block without its prefix.
struct name_pair {
  std::string_view gguf;
  std::string_view ours;
};

constexpr name_pair llama_outer[] = {
    {"token_embd", "embed_tokens"}, {"output_norm", "norm"}, {"output", "lm_head"}};
constexpr name_pair llama_block[] = {
    {"attn_norm", "input_layernorm"},    {"attn_q", "self_attn.q_proj"},
    {"attn_k", "self_attn.k_proj"},      {"attn_v", "self_attn.v_proj"},
    {"attn_output", "self_attn.o_proj"}, {"attn_q_norm", "self_attn.q_norm"},
    {"attn_k_norm", "self_attn.k_norm"}, {"ffn_norm", "post_attention_layernorm"},
    {"ffn_gate", "mlp.gate_proj"},       {"ffn_up", "mlp.up_proj"},
    {"ffn_down", "mlp.down_proj"}};
constexpr name_pair gpt2_outer[] = {{"token_embd", "wte"},
                                    {"position_embd", "wpe"},
                                    {"output_norm", "ln_f"},
                                    {"output", "lm_head"}};
constexpr name_pair gpt2_block[] = {{"attn_norm", "ln_1"},          {"attn_qkv", "attn.c_attn"},
                                    {"attn_output", "attn.c_proj"}, {"ffn_norm", "ln_2"},
                                    {"ffn_up", "mlp.c_fc"},         {"ffn_down", "mlp.c_proj"}};

// One side of the two ways to write a name.
struct spelling {
  std::string_view block; // before a block's number
  std::string_view name_pair::*name;
};

std::optional<std::string> translated(architecture kind, std::string_view name,
                                      const spelling& from, const spelling& to) {
  const bool gpt2 = kind == architecture::gpt2;
  std::span<const name_pair> pairs = gpt2 ? std::span<const name_pair>(gpt2_outer) : llama_outer;
  std::string prefix;
  auto rest = name;
  if (rest.starts_with(from.block)) {
    rest.remove_prefix(from.block.size());
    const auto digits = rest.substr(0, rest.find('.'));
    if (digits.empty() || digits.size() == rest.size() ||
        digits.find_first_not_of("0123456789") != std::string_view::npos)
      return std::nullopt;
    prefix.append(to.block).append(digits).append(".");
    rest.remove_prefix(digits.size() + 1);
    pairs = gpt2 ? std::span<const name_pair>(gpt2_block) : llama_block;
  }
  for (const std::string_view suffix : {".weight", ".bias"}) {
    if (!rest.ends_with(suffix))
      continue;
    const auto base = rest.substr(0, rest.size() - suffix.size());
    for (const auto& pair : pairs)
      if (pair.*from.name == base)
        return prefix.append(pair.*to.name).append(suffix);
  }
  return std::nullopt;
}

constexpr spelling in_gguf{"blk.", &name_pair::gguf};

constexpr spelling ours(architecture kind) {
  return {kind == architecture::gpt2 ? "h." : "layers.", &name_pair::ours};
}

} // namespace

std::optional<std::string> name_from_gguf(architecture kind, std::string_view gguf) {
  return translated(kind, gguf, in_gguf, ours(kind));
}

std::optional<std::string> name_in_gguf(architecture kind, std::string_view name) {
  return translated(kind, name, ours(kind), in_gguf);
}

} // namespace dci
