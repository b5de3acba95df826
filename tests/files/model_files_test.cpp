#include <doctest/doctest.h>

#include "tensors/files/model_files.hpp"
#include "tensors/files/model_profile.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using test::check_error;

namespace {

constexpr auto config_text = R"({"model_type": "llama", "hidden_size": 8, "intermediate_size": 16,
  "num_hidden_layers": 3, "num_attention_heads": 2, "num_key_value_heads": 1, "vocab_size": 10,
  "max_position_embeddings": 32, "rms_norm_eps": 1e-5, "tie_word_embeddings": true,
  "eos_token_id": 1})";

std::string fingerprint_of(const test::temp_dir& dir) {
  const auto model = open_model(dir.path());
  REQUIRE_MESSAGE(model, (model ? "" : model.error().message));
  return (*model)->fingerprint;
}

} // namespace

TEST_CASE("a model's folder is opened without reading a weight") {
  const test::temp_dir dir;
  check_error(open_model(dir.path() / "none"), errc::bad_file, {"none", "not a folder"});
  check_error(open_model(dir.path()), errc::bad_file, {"config.json", "no such file"});
  dir.write("config.json", config_text);
  check_error(open_model(dir.path()), errc::bad_file, {dir.path().string(), "no weights"});
  dir.write("model.safetensors", test::safetensors_of({{"a", "F32", {1}, test::f32_bytes({1})}}));
  const auto model = open_model(dir.path());
  REQUIRE(model);
  CHECK((*model)->config.layers == 3);
  CHECK((*model)->eos == std::vector<token_id>{1});
  dir.write("generation_config.json", R"({"eos_token_id": [1, 2]})");
  CHECK((*open_model(dir.path()))->eos == std::vector<token_id>{1, 2});
  dir.write("generation_config.json", "{");
  check_error(open_model(dir.path()), errc::bad_file, {"generation_config.json"});
}

TEST_CASE("the fingerprint follows the config and the header, not the weights") {
  const test::temp_dir dir;
  dir.write("config.json", config_text);
  dir.write("model.safetensors", test::safetensors_of({{"a", "F32", {1}, test::f32_bytes({1})}}));
  const auto first = fingerprint_of(dir);
  CHECK(first.size() == 64);
  CHECK(first.find_first_not_of("0123456789abcdef") == std::string::npos);
  dir.write("model.safetensors", test::safetensors_of({{"a", "F32", {1}, test::f32_bytes({2})}}));
  CHECK(fingerprint_of(dir) == first);
  dir.write("model.safetensors", test::safetensors_of({{"b", "F32", {1}, test::f32_bytes({2})}}));
  const auto second = fingerprint_of(dir);
  CHECK(second != first);
  dir.write("config.json", std::string(config_text) + " ");
  CHECK(fingerprint_of(dir) != second);
}

TEST_CASE("the profile counts what each range holds") {
  const auto config = parse_model_config("c", config_text);
  REQUIRE(config);
  const auto profile = profile_of(*config);
  // Two norms; q and o 8 x 8; k and v 4 x 8; gate, up and down 16 x 8.
  const std::uint64_t block = 4 * (2 * 8 + 2 * 64 + 2 * 32 + 3 * 128);
  const std::uint64_t table = 4 * 10 * 8;
  const std::uint64_t norm = 4 * 8;
  CHECK(profile.block_weight_bytes == block);
  CHECK(profile.weight_bytes({1, 2}) == block);
  CHECK(profile.weight_bytes({0, 1}) == block + table);
  CHECK(profile.weight_bytes({2, 3}) == block + table + norm);
  CHECK(profile.weight_bytes({0, 3}) == 3 * block + table + norm);
  CHECK(profile.weight_bytes({1, 1}) == 0);
  CHECK(profile.weight_bytes_by_layer() ==
        std::vector<std::uint64_t>{block + table, block, block + table + norm});
  CHECK(profile.kv_bytes_per_position({0, 2}) == 2 * 2 * 4 * 4);
  CHECK(profile.activation_bytes_per_position == 32);
}
