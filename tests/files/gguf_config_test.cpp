#include <doctest/doctest.h>

#include <cmath>
#include <span>

#include "tensors/files/gguf.hpp"
#include "tensors/files/gguf_config.hpp"
#include "tests/files/gguf_fixture.hpp"

using namespace dci;
using namespace dci::test;

namespace {

// Keys of a small model; a value of the same key given here replaces it, an empty one drops it.
std::vector<gguf_pair> keys_of(const std::string& arch,
                               const std::vector<gguf_pair>& changes = {}) {
  std::vector<gguf_pair> out = {
      {"general.architecture", text(arch)},     {arch + ".block_count", u32(3)},
      {arch + ".context_length", u32(64)},      {arch + ".embedding_length", u32(8)},
      {arch + ".feed_forward_length", u32(12)}, {arch + ".attention.head_count", u32(2)}};
  if (arch == "gpt2") {
    out.push_back({"gpt2.attention.layer_norm_epsilon", f32(1e-5f)});
  } else {
    out.push_back({arch + ".attention.head_count_kv", u32(1)});
    out.push_back({arch + ".attention.layer_norm_rms_epsilon", f32(1e-6f)});
    out.push_back({arch + ".rope.freq_base", f32(500000)});
  }
  for (const auto& change : changes) {
    std::erase_if(out, [&](const auto& pair) { return pair.key == change.key; });
    if (!change.value.empty())
      out.push_back(change);
  }
  return out;
}

gguf_tensor tensor_of(const std::string& name, const std::vector<std::uint64_t>& dimensions) {
  std::uint64_t count = 1;
  for (const auto size : dimensions)
    count *= size;
  return {name, dimensions, 0, std::string(count * 4, '\0')};
}

expected<model_config> config_of(const std::vector<gguf_pair>& pairs,
                                 std::vector<gguf_tensor> tensors = {}) {
  if (tensors.empty() || tensors.front().name != "token_embd.weight")
    tensors.insert(tensors.begin(), tensor_of("token_embd.weight", {8, 20}));
  const auto file = gguf_of(pairs, tensors);
  const auto contents = parse_gguf("m.gguf", std::as_bytes(std::span(file)));
  REQUIRE_MESSAGE(contents, (contents ? "" : contents.error().message));
  return config_of_gguf("m.gguf", contents->metadata, contents->tensors);
}

model_config good(const std::vector<gguf_pair>& pairs,
                  const std::vector<gguf_tensor>& tensors = {}) {
  const auto config = config_of(pairs, tensors);
  REQUIRE_MESSAGE(config, (config ? "" : config.error().message));
  return *config;
}

} // namespace

TEST_CASE("a llama's metadata becomes its config") {
  const auto config = good(keys_of("llama", {{"tokenizer.ggml.bos_token_id", u32(1)},
                                             {"tokenizer.ggml.eos_token_id", u32(2)},
                                             {"tokenizer.ggml.eot_token_id", u32(5)}}));
  CHECK(config.kind == architecture::llama);
  CHECK(config.layers == 3);
  CHECK(config.context == 64);
  CHECK(config.hidden == 8);
  CHECK(config.ffn == 12);
  CHECK(config.heads == 2);
  CHECK(config.kv_heads == 1);
  CHECK(config.head_dim == 4);
  CHECK(config.vocab == 20);
  CHECK(config.rope_theta == 500000);
  CHECK(std::abs(config.norm_eps - 1e-6) < 1e-12);
  CHECK(config.bos == 1);
  CHECK(config.eos == std::vector<token_id>{2, 5});
  CHECK(config.tied_head);
  CHECK(config.activation == activation_function::silu);
  CHECK_FALSE(config.qkv_bias);
  CHECK_FALSE(config.qk_norm);
  CHECK(config.rope_divisors.empty());
  CHECK(config.sliding_window == 0);
  CHECK(good(keys_of("llama", {{"llama.rope.freq_base", ""}})).rope_theta == 10000);
  CHECK(good(keys_of("llama", {{"llama.attention.key_length", u32(6)}})).head_dim == 6);
}

TEST_CASE("what the metadata leaves out the tensors say") {
  const auto config =
      good(keys_of("llama"),
           {tensor_of("output.weight", {8, 20}), tensor_of("blk.0.attn_q.bias", {8}),
            tensor_of("blk.0.attn_output.bias", {8}), tensor_of("blk.0.ffn_up.bias", {12})});
  CHECK_FALSE(config.tied_head);
  CHECK(config.qkv_bias);
  CHECK(config.o_bias);
  CHECK(config.mlp_bias);
  CHECK_FALSE(good(keys_of("qwen2")).qkv_bias);
  const auto qwen2 = good(keys_of("qwen2"), {tensor_of("blk.0.attn_q.bias", {8})});
  CHECK(qwen2.kind == architecture::qwen2);
  CHECK(qwen2.qkv_bias);
  CHECK_FALSE(qwen2.o_bias);
  const auto qwen3 = good(keys_of("qwen3"));
  CHECK(qwen3.qk_norm);
  CHECK(qwen3.head_dim == 4);
}

TEST_CASE("gpt2's metadata becomes its config") {
  const auto config = good(keys_of("gpt2"), {tensor_of("blk.0.attn_qkv.bias", {24}),
                                             tensor_of("blk.0.attn_output.bias", {8}),
                                             tensor_of("blk.0.ffn_up.bias", {12})});
  CHECK(config.kind == architecture::gpt2);
  CHECK(config.hidden == 8);
  CHECK(config.ffn == 12);
  CHECK(config.head_dim == 4);
  CHECK(config.kv_heads == 2);
  CHECK(config.activation == activation_function::gelu_tanh);
  CHECK(config.qkv_bias);
  CHECK(config.o_bias);
  CHECK(config.mlp_bias);
  CHECK(config.tied_head);
}

TEST_CASE("a llama with a window is a mistral") {
  const auto config = good(keys_of("llama", {{"llama.attention.sliding_window", u32(16)}}));
  CHECK(config.kind == architecture::mistral);
  CHECK(config.sliding_window == 16);
  check_error(config_of(keys_of("qwen2", {{"qwen2.attention.sliding_window", u32(16)}})),
              errc::unsupported, {"m.gguf", "window"});
}

TEST_CASE("the frequencies' divisors are read from their tensor") {
  const auto table = [](std::vector<float> values) {
    return std::vector<gguf_tensor>{tensor_of("token_embd.weight", {8, 20}),
                                    {"rope_freqs.weight", {values.size()}, 0, f32_bytes(values)}};
  };
  CHECK(good(keys_of("llama"), table({1, 8})).rope_divisors == std::vector<float>{1, 8});
  for (const auto& bad :
       {std::vector<float>{1}, std::vector<float>{1, 0}, std::vector<float>{1, -1},
        std::vector<float>{std::nanf(""), 1}, std::vector<float>{1, INFINITY}})
    check_error(config_of(keys_of("llama"), table(bad)), errc::bad_file,
                {"m.gguf", "rope_freqs.weight"});
}

TEST_CASE("metadata we cannot follow is refused with its key") {
  struct bad {
    std::string key;
    std::string value;
    std::initializer_list<std::string> parts;
    errc code = errc::bad_config;
  };
  const bad cases[] = {
      {"general.architecture", "", {"general.architecture", "missing"}},
      {"llama.block_count", "", {"llama.block_count", "missing"}},
      {"llama.block_count", u32(5000), {"llama.block_count", "5000"}},
      {"llama.embedding_length", text("8"), {"llama.embedding_length", "8"}},
      {"llama.embedding_length", u32(9), {"llama.attention.head_count", "must divide"}},
      {"llama.attention.head_count", u32(0), {"llama.attention.head_count", "0"}},
      {"llama.attention.head_count_kv", u32(3), {"llama.attention.head_count_kv", "must divide"}},
      {"llama.feed_forward_length",
       numbers<std::uint32_t>(gguf_type::u32, {12, 12, 12}),
       {"llama.feed_forward_length", "array"}},
      {"llama.attention.layer_norm_rms_epsilon", "", {"layer_norm_rms_epsilon", "missing"}},
      {"llama.rope.freq_base", f32(-1), {"llama.rope.freq_base"}},
      {"llama.rope.freq_base", f32(std::nanf("")), {"llama.rope.freq_base"}},
      {"llama.attention.key_length", u32(3), {"llama.attention.key_length", "even"}},
      {"tokenizer.ggml.eos_token_id", u32(20), {"tokenizer.ggml.eos_token_id", "20"}},
      {"llama.rope.scaling.type",
       text("yarn"),
       {"llama.rope.scaling.type", "yarn"},
       errc::unsupported},
      {"llama.rope.scaling.type",
       text("linear"),
       {"llama.rope.scaling.type", "linear"},
       errc::unsupported},
      {"llama.rope.scale_linear", f32(2), {"llama.rope.scale_linear"}, errc::unsupported},
      {"llama.rope.dimension_count",
       u32(2),
       {"llama.rope.dimension_count", "2"},
       errc::unsupported},
      {"llama.attention.value_length",
       u32(2),
       {"llama.attention.value_length", "2"},
       errc::unsupported},
      {"llama.expert_count", u32(8), {"llama.expert_count", "experts"}, errc::unsupported},
      {"split.count", u32(3), {"split.count", "several files"}, errc::unsupported},
  };
  for (const auto& one : cases) {
    CAPTURE(one.key);
    const auto config = config_of(keys_of("llama", {{one.key, one.value}}));
    check_error(config, one.code, one.parts);
    check_error(config, one.code, {"m.gguf: "});
  }
  for (const auto* arch : {"falcon", "mistral", "gemma"})
    check_error(config_of(keys_of(arch)), errc::unsupported, {"general.architecture", arch});
  CHECK(config_of(keys_of("llama", {{"llama.rope.scaling.type", text("none")},
                                    {"llama.rope.dimension_count", u32(4)},
                                    {"llama.expert_count", u32(0)},
                                    {"split.count", u32(1)}})));
}
