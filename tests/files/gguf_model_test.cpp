#include <doctest/doctest.h>

#include <algorithm>

#include "tensors/files/gguf_names.hpp"
#include "tensors/files/head_rows.hpp"
#include "tensors/files/model_weights.hpp"
#include "tests/files/gguf_fixture.hpp"

using namespace dci;
using namespace dci::test;

namespace {

std::vector<gguf_pair> keys(const std::string& arch) {
  return {{"general.architecture", text(arch)},
          {arch + ".block_count", u32(2)},
          {arch + ".context_length", u32(16)},
          {arch + ".embedding_length", u32(8)},
          {arch + ".feed_forward_length", u32(12)},
          {arch + ".attention.head_count", u32(2)},
          {arch + ".attention.head_count_kv", u32(1)},
          {arch + ".attention.layer_norm_epsilon", f32(1e-5f)},
          {arch + ".attention.layer_norm_rms_epsilon", f32(1e-5f)}};
}

gguf_tensor zeros(const std::string& name, std::uint64_t inputs, std::uint64_t outputs) {
  return {name, {inputs, outputs}, 0, std::string(inputs * outputs * 4, '\0')};
}

std::shared_ptr<const model_files> opened(const std::filesystem::path& path) {
  const auto model = open_model(path);
  REQUIRE_MESSAGE(model, (model ? "" : model.error().message));
  return *model;
}

tensor_spec spec_of(const model_files& model, const std::string& name) {
  for (auto& spec : tensors_of(model.config, {0, model.config.layers}))
    if (spec.name == name)
      return spec;
  FAIL("no tensor " << name);
  return {};
}

} // namespace

TEST_CASE("every tensor of a model has a name in GGUF and back") {
  for (const auto kind : {architecture::llama, architecture::qwen3, architecture::gpt2}) {
    model_config config;
    config.kind = kind;
    config.layers = 12;
    config.qkv_bias = config.o_bias = config.mlp_bias = true;
    config.qk_norm = true;
    for (const auto& spec : tensors_of(config, {0, 12})) {
      CAPTURE(spec.name);
      const auto stored = name_in_gguf(kind, spec.name);
      REQUIRE(stored);
      CHECK(name_from_gguf(kind, *stored) == spec.name);
    }
  }
  CHECK(name_from_gguf(architecture::llama, "blk.3.attn_q.weight") ==
        "layers.3.self_attn.q_proj.weight");
  CHECK(name_from_gguf(architecture::gpt2, "blk.10.ffn_down.bias") == "h.10.mlp.c_proj.bias");
  CHECK(name_from_gguf(architecture::llama, "output.weight") == "lm_head.weight");
  CHECK(name_from_gguf(architecture::gpt2, "position_embd.weight") == "wpe.weight");
  for (const auto* other : {"rope_freqs.weight", "blk.attn_q.weight", "blk.x.attn_q.weight",
                            "blk.1", "blk.1.attn_q", "blk.1.attn_qkv.weight", "", "blk."})
    CHECK_FALSE(name_from_gguf(architecture::llama, other));
}

TEST_CASE("interleaved rows are neighbours that are half a head apart in halves") {
  CHECK(interleaved_rows(1, 6) == std::vector<std::uint32_t>{0, 2, 4, 1, 3, 5});
  CHECK(interleaved_rows(2, 4) == std::vector<std::uint32_t>{0, 2, 1, 3, 4, 6, 5, 7});
  auto rows = interleaved_rows(3, 8);
  std::ranges::sort(rows);
  for (std::uint32_t i = 0; i < rows.size(); ++i)
    CHECK(rows[i] == i);
}

TEST_CASE("a GGUF file is a model, and so is a folder with one and no safetensors") {
  const temp_dir dir;
  const auto path = dir.write(
      "m.gguf", gguf_of(keys("llama"),
                        {zeros("token_embd.weight", 8, 20), zeros("blk.0.attn_q.weight", 8, 8),
                         zeros("blk.1.attn_k.weight", 8, 4), zeros("blk.0.ffn_up.weight", 8, 11)}));
  for (const auto& name : {path, dir.path()}) {
    const auto model = opened(name);
    CHECK(model->dir == name);
    CHECK(model->config.layers == 2);
    CHECK(model->layout.interleaved_rope);
    CHECK_FALSE(model->layout.transposed_conv1d);
    CHECK(model->fingerprint.size() == 64);
    const auto table = find_weight(*model, spec_of(*model, "embed_tokens.weight"));
    REQUIRE_MESSAGE(table, (table ? "" : table.error().message));
    CHECK(table->interleaved_heads == 0);
    CHECK(table->place.find("token_embd.weight") != std::string::npos);
    const auto q = find_weight(*model, spec_of(*model, "layers.0.self_attn.q_proj.weight"));
    REQUIRE(q);
    CHECK(q->interleaved_heads == 2);
    const auto k = find_weight(*model, spec_of(*model, "layers.1.self_attn.k_proj.weight"));
    REQUIRE(k);
    CHECK(k->interleaved_heads == 1);
    check_error(find_weight(*model, spec_of(*model, "layers.0.self_attn.v_proj.weight")),
                errc::bad_file, {"m.gguf", "\"blk.0.attn_v.weight\"", "missing"});
    check_error(find_weight(*model, spec_of(*model, "layers.0.mlp.up_proj.weight")), errc::bad_file,
                {"m.gguf", "\"blk.0.ffn_up.weight\"", "[11, 8]", "[12, 8]"});
  }
  CHECK(opened(path)->fingerprint == opened(dir.path())->fingerprint);
  // Safetensors come first, and two GGUF files leave a choice.
  dir.write("other.gguf", "");
  check_error(open_model(dir.path()), errc::bad_file, {"several .gguf"});
  dir.write("model.safetensors", safetensors_of({{"a", "F32", {1}, f32_bytes({1})}}));
  check_error(open_model(dir.path()), errc::bad_file, {"config.json", "no such file"});
  CHECK(open_model(path));
}

TEST_CASE("matrices of a gpt2 in a GGUF file are not transposed, heads of qwen not interleaved") {
  const temp_dir dir;
  const auto gpt2 =
      opened(dir.write("g.gguf", gguf_of(keys("gpt2"), {zeros("token_embd.weight", 8, 20),
                                                        zeros("blk.0.attn_qkv.weight", 8, 24),
                                                        zeros("blk.1.attn_qkv.weight", 24, 8)})));
  CHECK_FALSE(gpt2->layout.interleaved_rope);
  const auto qkv = find_weight(*gpt2, spec_of(*gpt2, "h.0.attn.c_attn.weight"));
  REQUIRE_MESSAGE(qkv, (qkv ? "" : qkv.error().message));
  CHECK_FALSE(qkv->transposed);
  check_error(find_weight(*gpt2, spec_of(*gpt2, "h.1.attn.c_attn.weight")), errc::bad_file,
              {"\"blk.1.attn_qkv.weight\"", "[8, 24]", "[24, 8]"});
  const auto qwen =
      opened(dir.write("q.gguf", gguf_of(keys("qwen2"), {zeros("token_embd.weight", 8, 20),
                                                         zeros("blk.0.attn_q.weight", 8, 8)})));
  CHECK_FALSE(qwen->layout.interleaved_rope);
  const auto q = find_weight(*qwen, spec_of(*qwen, "layers.0.self_attn.q_proj.weight"));
  REQUIRE(q);
  CHECK(q->interleaved_heads == 0);
}
