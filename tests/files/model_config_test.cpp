#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tensors/files/model_config.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using nlohmann::json;
using test::check_error;

namespace {

json llama() {
  return {{"architectures", {"LlamaForCausalLM"}},
          {"model_type", "llama"},
          {"hidden_size", 96},
          {"intermediate_size", 256},
          {"num_hidden_layers", 6},
          {"num_attention_heads", 6},
          {"num_key_value_heads", 2},
          {"vocab_size", 600},
          {"max_position_embeddings", 512},
          {"rms_norm_eps", 1e-5}};
}

json of_kind(const char* type, const char* name) {
  auto out = llama();
  out["model_type"] = type;
  out["architectures"] = {name};
  return out;
}

json gpt2() {
  return {{"architectures", {"GPT2LMHeadModel"}},
          {"model_type", "gpt2"},
          {"n_embd", 96},
          {"n_head", 6},
          {"n_layer", 4},
          {"n_positions", 128},
          {"vocab_size", 600},
          {"layer_norm_epsilon", 1e-5}};
}

expected<model_config> parse(const json& document) {
  return parse_model_config("dir/config.json", document.dump());
}

model_config parsed(const json& document) {
  const auto config = parse(document);
  REQUIRE_MESSAGE(config, (config ? "" : config.error().message));
  return *config;
}

} // namespace

TEST_CASE("a llama config and its defaults") {
  const auto config = parsed(llama());
  CHECK(config.kind == architecture::llama);
  CHECK(config.hidden == 96);
  CHECK(config.layers == 6);
  CHECK(config.kv_heads == 2);
  CHECK(config.head_dim == 16);
  CHECK(config.norm_eps == 1e-5);
  CHECK(config.rope_theta == 10000);
  CHECK_FALSE(config.rope_scaling);
  CHECK_FALSE(config.qkv_bias);
  CHECK_FALSE(config.tied_head);
  CHECK(config.activation == activation_function::silu);
  CHECK(config.eos.empty());
  CHECK_FALSE(config.bos);

  auto other = llama();
  other.erase("num_key_value_heads");
  other["attention_bias"] = true;
  other["mlp_bias"] = true;
  other["tie_word_embeddings"] = true;
  other["bos_token_id"] = 1;
  other["eos_token_id"] = {2, 3};
  other["rope_scaling"] = nullptr;
  const auto second = parsed(other);
  CHECK(second.kv_heads == 6);
  CHECK(second.qkv_bias);
  CHECK(second.o_bias);
  CHECK(second.mlp_bias);
  CHECK(second.tied_head);
  CHECK(second.bos == 1);
  CHECK(second.eos == std::vector<token_id>{2, 3});
}

TEST_CASE("what differs between the architectures") {
  const auto qwen2 = parsed(of_kind("qwen2", "Qwen2ForCausalLM"));
  CHECK(qwen2.qkv_bias);
  CHECK_FALSE(qwen2.o_bias);
  CHECK_FALSE(qwen2.qk_norm);
  const auto qwen3 = parsed(of_kind("qwen3", "Qwen3ForCausalLM"));
  CHECK_FALSE(qwen3.qkv_bias);
  CHECK(qwen3.qk_norm);
  CHECK(qwen3.head_dim == 128);
  auto mistral = of_kind("mistral", "MistralForCausalLM");
  CHECK(parsed(mistral).sliding_window == 0);
  mistral["sliding_window"] = 100;
  CHECK(parsed(mistral).sliding_window == 100);
  mistral["sliding_window"] = 512;
  CHECK(parsed(mistral).sliding_window == 0);
  auto windowed = of_kind("qwen2", "Qwen2ForCausalLM");
  windowed["sliding_window"] = 100;
  windowed["use_sliding_window"] = false;
  CHECK(parsed(windowed).sliding_window == 0);
  windowed["use_sliding_window"] = true;
  check_error(parse(windowed), errc::unsupported, {"config.json", "use_sliding_window"});
  auto unnamed = llama();
  unnamed.erase("model_type");
  CHECK(parsed(unnamed).kind == architecture::llama);
}

TEST_CASE("gpt2's own names") {
  auto document = gpt2();
  const auto config = parsed(document);
  CHECK(config.kind == architecture::gpt2);
  CHECK(config.ffn == 384);
  CHECK(config.head_dim == 16);
  CHECK(config.context == 128);
  CHECK(config.tied_head);
  CHECK(config.activation == activation_function::gelu_tanh);
  CHECK(config.scale_attention);
  document["n_inner"] = nullptr;
  CHECK(parsed(document).ffn == 384);
  document["n_inner"] = 100;
  document["activation_function"] = "gelu";
  document["scale_attn_by_inverse_layer_idx"] = true;
  document["reorder_and_upcast_attn"] = true;
  const auto second = parsed(document);
  CHECK(second.ffn == 100);
  CHECK(second.activation == activation_function::gelu);
  CHECK(second.scale_attention_by_layer);
  document["n_head"] = 7;
  check_error(parse(document), errc::bad_config, {"config.json", "n_head", "divide"});
}

TEST_CASE("rope scaling in its old and new spellings") {
  const json stretched = {{"factor", 8.0},
                          {"low_freq_factor", 1.0},
                          {"high_freq_factor", 4.0},
                          {"original_max_position_embeddings", 64}};
  const llama3_rope_scaling wanted{8, 1, 4, 64};
  for (const auto* key : {"rope_type", "type"}) {
    auto document = llama();
    document["rope_scaling"] = stretched;
    document["rope_scaling"][key] = "llama3";
    CHECK(parsed(document).rope_scaling == wanted);
  }
  auto document = llama();
  document["rope_parameters"] = stretched;
  document["rope_parameters"]["rope_type"] = "llama3";
  document["rope_parameters"]["rope_theta"] = 500000.0;
  CHECK(parsed(document).rope_scaling == wanted);
  CHECK(parsed(document).rope_theta == 500000);
  document["rope_parameters"] = {{"rope_type", "default"}, {"rope_theta", 5000}};
  CHECK_FALSE(parsed(document).rope_scaling);
  CHECK(parsed(document).rope_theta == 5000);

  for (const std::string type : {"linear", "dynamic", "yarn", "longrope"}) {
    auto other = llama();
    other["rope_scaling"] = {{"type", type}, {"factor", 2.0}};
    check_error(parse(other), errc::unsupported,
                {"config.json", "rope_scaling", "\"" + type + "\""});
  }
  for (const auto& [key, value] :
       std::vector<std::pair<const char*, json>>{{"factor", nullptr},
                                                 {"factor", 0.5},
                                                 {"factor", "8"},
                                                 {"low_freq_factor", 0},
                                                 {"high_freq_factor", 1.0},
                                                 {"original_max_position_embeddings", 0}}) {
    CAPTURE(key);
    auto other = llama();
    other["rope_scaling"] = stretched;
    other["rope_scaling"]["rope_type"] = "llama3";
    other["rope_scaling"][key] = value;
    check_error(parse(other), errc::bad_config, {"config.json", "rope_scaling", key});
  }
}

TEST_CASE("a missing key is named") {
  for (const std::string key :
       {"hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
        "vocab_size", "max_position_embeddings", "rms_norm_eps"}) {
    auto document = llama();
    document.erase(key);
    check_error(parse(document), errc::bad_config, {"dir/config.json", key, "missing"});
  }
  for (const std::string key :
       {"n_embd", "n_head", "n_layer", "n_positions", "vocab_size", "layer_norm_epsilon"}) {
    auto document = gpt2();
    document.erase(key);
    check_error(parse(document), errc::bad_config, {"dir/config.json", key, "missing"});
  }
  check_error(parse(json::object()), errc::bad_config, {"config.json", "model_type", "missing"});
}

TEST_CASE("an absurd value is named") {
  const std::vector<std::pair<const char*, json>> cases = {
      {"hidden_size", 0},
      {"hidden_size", -96},
      {"hidden_size", 96.5},
      {"hidden_size", "96"},
      {"hidden_size", 65537},
      {"hidden_size", 18446744073709551615ull},
      {"num_hidden_layers", 0},
      {"num_hidden_layers", 1025},
      {"num_attention_heads", 0},
      {"num_attention_heads", 7},
      {"num_key_value_heads", 4},
      {"num_key_value_heads", 0},
      {"head_dim", 15},
      {"head_dim", 0},
      {"intermediate_size", 0},
      {"intermediate_size", 1e30},
      {"vocab_size", 4000001},
      {"vocab_size", {600}},
      {"max_position_embeddings", 16000001},
      {"rms_norm_eps", 0},
      {"rms_norm_eps", 1},
      {"rms_norm_eps", -1e-5},
      {"rms_norm_eps", "1e-5"},
      {"rope_theta", 0},
      {"rope_theta", -1},
      {"rope_scaling", "llama3"},
      {"tie_word_embeddings", 1},
      {"attention_bias", "yes"},
      {"eos_token_id", 600},
      {"eos_token_id", -1},
      {"eos_token_id", {1, "2"}},
      {"bos_token_id", 1.5},
      {"hidden_act", 3},
      {"architectures", "LlamaForCausalLM"},
      {"model_type", 5},
  };
  for (const auto& [key, value] : cases) {
    CAPTURE(value.dump());
    auto document = llama();
    document[key] = value;
    check_error(parse(document), errc::bad_config, {"dir/config.json", key});
  }
}

TEST_CASE("what we cannot run is said") {
  const std::vector<std::pair<const char*, json>> cases = {
      {"model_type", "mamba"},        {"architectures", {"LlamaForSequenceClassification"}},
      {"hidden_act", "relu"},         {"quantization_config", {{"bits", 4}}},
      {"partial_rotary_factor", 0.5},
  };
  for (const auto& [key, value] : cases) {
    auto document = llama();
    document[key] = value;
    check_error(parse(document), errc::unsupported, {"dir/config.json", key});
  }
  check_error(parse_model_config("dir/config.json", "{"), errc::bad_file, {"dir/config.json"});
  check_error(parse(json::array()), errc::bad_config, {"dir/config.json", "object"});
}

TEST_CASE("generation_config.json") {
  const auto read = [](const char* text) { return parse_generation_config("g.json", text, 600); };
  CHECK(read(R"({"eos_token_id": 2})")->eos == std::vector<token_id>{2});
  const auto full = read(R"({"eos_token_id": [2, 5], "do_sample": true, "temperature": 0.7,
                             "top_k": 40, "top_p": 0.9, "repetition_penalty": 1.1})");
  REQUIRE(full);
  CHECK(full->eos == std::vector<token_id>{2, 5});
  CHECK(full->do_sample == true);
  CHECK(full->temperature == 0.7);
  CHECK(full->top_k == 40u);
  CHECK_FALSE(full->min_p);
  CHECK(read("{}")->eos.empty());
  check_error(read(R"({"eos_token_id": 600})"), errc::bad_config, {"g.json", "eos_token_id"});
  check_error(read(R"({"temperature": "hot"})"), errc::bad_config, {"g.json", "temperature"});
  check_error(read("[]"), errc::bad_config, {"g.json", "object"});
}
