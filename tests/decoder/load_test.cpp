// What loading checks, and that it reads nothing that is not its own.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "tensors/files/model_profile.hpp"
#include "tests/decoder/generate.hpp"
#include "tests/decoder/tiny_model.hpp"

using namespace dci;
using namespace dci::test;

namespace {

constexpr auto down_of_1 = "model.layers.1.mlp.down_proj.weight";

template <class With>
auto load(const temp_dir& dir, layer_span layers) {
  return load_range(With::kind, opened(dir), layers);
}

void set_float(test_tensor& tensor, std::size_t index, float value) {
  std::memcpy(tensor.bytes.data() + index * 4, &value, 4);
}

// Rounds by cutting, which is exact for the values the test uses.
void to_bf16(test_tensor& tensor) {
  std::string out;
  for (std::size_t i = 0; i < tensor.bytes.size(); i += 4)
    out += tensor.bytes.substr(i + 2, 2);
  tensor.bytes = out;
  tensor.dtype = "BF16";
}

template <class With>
std::vector<float> logits_of(const temp_dir& dir) {
  auto model = pipeline::load(dir.path(), 2, With::kind);
  const auto logits = model.step(std::array<token_id, 3>{1, 5, 7});
  REQUIRE_MESSAGE(logits, (logits ? "" : logits.error().message));
  return *logits;
}

} // namespace

TEST_CASE_TEMPLATE("layers outside the model are refused", With, with_native, with_torch) {
  const temp_dir dir;
  write_tiny_model(dir, tiny_llama_config());
  for (const auto layers : {layer_span{0, 5}, layer_span{2, 2}, layer_span{3, 1}, layer_span{7, 9}})
    check_error(load<With>(dir, layers), errc::bad_request,
                {dir.path().string(), to_string(layers), "4"});
}

TEST_CASE_TEMPLATE("a range holds what the profile says", With, with_native, with_torch) {
  for (const auto& config :
       {tiny_llama_config(), tiny_llama_config(R"(, "tie_word_embeddings": true)"),
        tiny_gpt2_config()}) {
    const temp_dir dir;
    write_tiny_model(dir, config);
    const auto model = opened(dir);
    const auto profile = profile_of(model->config);
    for (const auto layers :
         {layer_span{0, 4}, layer_span{0, 1}, layer_span{1, 3}, layer_span{3, 4}}) {
      std::vector<double> shares;
      const auto range =
          load_range(With::kind, model, layers, {}, [&](double share) { shares.push_back(share); });
      REQUIRE_MESSAGE(range, (range ? "" : range.error().message));
      const auto& info = (*range)->info();
      CHECK(info.layers == layers);
      CHECK(info.model_layers == 4);
      CHECK(info.hidden == 8);
      CHECK(info.vocab == 20);
      CHECK(info.context == 40);
      CHECK(info.is_first() == (layers.first == 0));
      CHECK(info.is_last() == (layers.last == 4));
      if (With::kind == backend::torch) {
        CHECK(info.weight_bytes == profile.weight_bytes(layers));
        CHECK(info.kv_bytes_per_position == profile.kv_bytes_per_position(layers));
      } else {
        // Matrices are padded to whole panels, heads to whole vectors.
        CHECK(info.weight_bytes > 0);
        CHECK(info.kv_bytes_per_position >= profile.kv_bytes_per_position(layers));
      }
      CHECK(std::ranges::is_sorted(shares));
      CHECK(shares.back() == 1);
    }
  }
}

TEST_CASE_TEMPLATE("a weight that is not finite is refused by the range that needs it", With,
                   with_native, with_torch) {
  const float bad_values[] = {std::nanf(""), std::numeric_limits<float>::infinity(),
                              -std::numeric_limits<float>::infinity()};
  for (const auto value : bad_values)
    for (const auto* type : {"F32", "BF16"}) {
      CAPTURE(value);
      CAPTURE(type);
      const temp_dir dir;
      write_tiny_model(dir, tiny_llama_config(), [&](auto& tensors) {
        auto& tensor = named(tensors, down_of_1);
        set_float(tensor, 95, value);
        if (type == std::string("BF16"))
          to_bf16(tensor);
      });
      check_error(load<With>(dir, {1, 2}), errc::not_finite,
                  {"model.safetensors", down_of_1, "number 95 of 96"});
      CHECK(load<With>(dir, {2, 4}));
    }
  const temp_dir dir;
  write_tiny_model(dir, tiny_llama_config(), [](auto& tensors) {
    auto& norm = named(tensors, "model.norm.weight");
    norm.dtype = "F16";
    norm.bytes = std::string(16, '\0');
    norm.bytes[7] = '\x7c'; // number 3 is the infinity of F16
  });
  check_error(load<With>(dir, {3, 4}), errc::not_finite, {"model.norm.weight", "number 3 of 8"});
}

TEST_CASE_TEMPLATE("a weight of a wrong shape or type, or none at all, is refused", With,
                   with_native, with_torch) {
  const auto with = [](const change_fn& change, layer_span layers = {0, 2}) {
    const temp_dir dir;
    write_tiny_model(dir, tiny_llama_config(), change);
    return load<With>(dir, layers);
  };
  check_error(with([](auto& t) {
                named(t, down_of_1).shape = {12, 8};
              }),
              errc::bad_file, {"model.safetensors", down_of_1, "[12, 8]", "[8, 12]"});
  check_error(with([](auto& t) { named(t, down_of_1).shape = {96}; }), errc::bad_file,
              {down_of_1, "[96]", "[8, 12]"});
  check_error(with([](auto& t) { named(t, down_of_1).dtype = "I32"; }), errc::unsupported,
              {"model.safetensors", down_of_1, "I32", "F32, F16 or BF16"});
  check_error(with([](auto& t) { named(t, down_of_1).name = "other"; }), errc::bad_file,
              {"model.safetensors", "layers.1.mlp.down_proj.weight", "missing"});
  check_error(with([](auto& t) { named(t, "lm_head.weight").name = "other"; }, {3, 4}),
              errc::bad_file, {"model.safetensors", "lm_head.weight", "missing"});
  // The same faults do no harm where the tensor is not needed.
  CHECK(with([](auto& t) { named(t, down_of_1).dtype = "I32"; }, {2, 4}));
  CHECK(with([](auto& t) { named(t, "lm_head.weight").name = "other"; }));
}

TEST_CASE_TEMPLATE("a range is loaded from its own shard, whatever became of the others", With,
                   with_native, with_torch) {
  const temp_dir dir;
  const auto config = tiny_llama_config();
  dir.write("config.json", config);
  std::vector<test_tensor> near, far;
  std::string map;
  for (auto& tensor : tiny_tensors(config)) {
    const bool is_far = tensor.name.find("layers.2") != std::string::npos ||
                        tensor.name.find("layers.3") != std::string::npos ||
                        tensor.name == "model.norm.weight" || tensor.name == "lm_head.weight";
    map.append(map.empty() ? "\"" : ",\"").append(tensor.name);
    map.append(is_far ? "\":\"far.safetensors\"" : "\":\"near.safetensors\"");
    (is_far ? far : near).push_back(std::move(tensor));
  }
  dir.write("model.safetensors.index.json", std::string("{\"weight_map\":{") + map + "}}");
  dir.write("near.safetensors", safetensors_of(near));
  CHECK(load<With>(dir, {0, 2}));
  CHECK(load<With>(dir, {1, 2}));
  check_error(load<With>(dir, {1, 3}), errc::bad_file,
              {"far.safetensors", "no such file", "layers.2"});
  dir.write("far.safetensors", safetensors_of(far).substr(0, 1000));
  CHECK(load<With>(dir, {0, 2}));
  check_error(load<With>(dir, {2, 4}), errc::bad_file, {"far.safetensors"});
  dir.write("far.safetensors", safetensors_of(far));
  CHECK(load<With>(dir, {0, 4}));
}

TEST_CASE_TEMPLATE("names may come without the outer prefix, and extra tensors are left alone",
                   With, with_native, with_torch) {
  for (const auto& config : {tiny_llama_config(), tiny_gpt2_config()}) {
    const temp_dir plain, bare;
    write_tiny_model(plain, config);
    write_tiny_model(bare, config, [](auto& tensors) {
      for (auto& tensor : tensors)
        for (const std::string prefix : {"model.", "transformer."})
          if (tensor.name.starts_with(prefix))
            tensor.name.erase(0, prefix.size());
      tensors.push_back({"h.0.attn.bias", "U8", {1, 1, 2, 2}, "1234"});
      tensors.push_back({"layers.0.self_attn.rotary_emb.inv_freq", "I8", {1}, "1"});
    });
    CHECK(logits_of<With>(plain) == logits_of<With>(bare));
  }
}

TEST_CASE_TEMPLATE("weights that lie on odd addresses are read all the same", With, with_native,
                   with_torch) {
  for (const bool short_floats : {false, true}) {
    const temp_dir aligned, shifted;
    const auto change = [&](auto& tensors) {
      if (short_floats)
        for (auto& tensor : tensors)
          to_bf16(tensor);
    };
    write_tiny_model(aligned, tiny_llama_config(), change);
    write_tiny_model(shifted, tiny_llama_config(), [&](auto& tensors) {
      change(tensors);
      tensors.insert(tensors.begin(), {"padding", "U8", {1}, "x"});
    });
    CHECK(logits_of<With>(aligned) == logits_of<With>(shifted));
  }
}

TEST_CASE_TEMPLATE("a tied head is the embedding's table in whichever range it is", With,
                   with_native, with_torch) {
  const temp_dir tied, untied;
  write_tiny_model(tied, tiny_llama_config(R"(, "tie_word_embeddings": true)"));
  const auto table = named(*std::make_unique<std::vector<test_tensor>>(
                               tiny_tensors(tiny_llama_config(R"(, "tie_word_embeddings": true)"))),
                           "model.embed_tokens.weight");
  write_tiny_model(untied, tiny_llama_config(),
                   [&](auto& tensors) { named(tensors, "lm_head.weight").bytes = table.bytes; });
  CHECK(logits_of<With>(tied) == logits_of<With>(untied));
}
