// GGUF files made of the golden models: what they compute, and in which precision.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <random>

#include "tensors/convert/quantize_model.hpp"
#include "tensors/decoder/golden.hpp"
#include "tensors/files/gguf.hpp"
#include "tensors/files/gguf_writer.hpp"
#include "tensors/files/read_row.hpp"
#include "tensors/kernels/half.hpp"
#include "tensors/text/tokenizer.hpp"
#include "tests/decoder/generate.hpp"
#include "tests/decoder/tiny_model.hpp"

using namespace dci;
using namespace dci::test;
namespace fs = std::filesystem;

namespace {

std::vector<fs::path> golden_models() {
  const auto own = fs::path(DCI_SOURCE_DIR);
  std::vector<fs::path> out = {own / "apps/assets/tiny"};
  for (const auto& entry : fs::directory_iterator(own / "tests/data/models"))
    out.push_back(entry.path());
  return out;
}

fs::path written(const temp_dir& dir, const fs::path& from, dtype to) {
  const auto model = open_model(from);
  REQUIRE_MESSAGE(model, (model ? "" : model.error().message));
  const auto out = dir.path() / (from.filename().string() + ".gguf");
  const auto done = quantize_model(**model, to, out);
  REQUIRE_MESSAGE(done, (done ? "" : done.error().message));
  return out;
}

std::vector<float> logits_of(const fs::path& model, std::span<const token_id> tokens) {
  auto pipeline = pipeline::load(model, 2);
  const auto logits = pipeline.step(tokens);
  REQUIRE_MESSAGE(logits, (logits ? "" : logits.error().message));
  return *logits;
}

// All but the tokenizer.
void copy_config(const gguf_file& from, gguf_writer& writer) {
  for (const auto& [key, value] : from.metadata()) {
    if (const auto* whole = std::get_if<std::uint64_t>(&value.data))
      writer.add(key, static_cast<std::uint32_t>(*whole));
    else if (const auto* number = std::get_if<double>(&value.data))
      writer.add(key, static_cast<float>(*number));
    else if (const auto* text = std::get_if<std::string_view>(&value.data))
      writer.add(key, *text);
  }
}

// The same model with the numbers its blocks stand for, in F32.
void write_dequantized(const gguf_file& from, const fs::path& to) {
  gguf_writer writer;
  copy_config(from, writer);
  for (const auto& [name, view] : from.tensors())
    writer.add_tensor(name, dtype::F32, view.shape, [&view](std::span<std::byte> bytes) -> result {
      std::vector<float> numbers(bytes.size() / sizeof(float));
      const auto row = static_cast<std::size_t>(view.shape.back());
      for (std::size_t i = 0; i < numbers.size(); i += row)
        read_row(view, i / row, std::span(numbers).subspan(i, row));
      std::memcpy(bytes.data(), numbers.data(), bytes.size());
      return {};
    });
  REQUIRE(writer.write(to));
}

// The same model with random blocks of 256 for its matrices. Weights are small and about zero.
void write_random_blocks(const gguf_file& from, dtype type, const fs::path& to) {
  gguf_writer writer;
  copy_config(from, writer);
  std::mt19937 random(5);
  const auto put_half = [](std::byte* at, float value) {
    const auto bits = kernels::f16_from_f32(value);
    std::memcpy(at, &bits, sizeof bits);
  };
  for (const auto& [name, view] : from.tensors()) {
    const bool changed = view.shape.size() == 2;
    writer.add_tensor(name, changed ? type : view.type, view.shape,
                      [&, &stored = view](std::span<std::byte> bytes) -> result {
                        if (stored.shape.size() != 2) {
                          std::memcpy(bytes.data(), stored.bytes.data(), bytes.size());
                          return {};
                        }
                        for (auto& byte : bytes)
                          byte = static_cast<std::byte>(random() & 0xff);
                        for (std::size_t at = 0; at < bytes.size(); at += block_bytes(type)) {
                          auto* const block = bytes.data() + at;
                          put_half(block + (type == dtype::Q4_K ? 0 : 208),
                                   type == dtype::Q4_K ? 2e-4f : 2e-5f);
                          if (type == dtype::Q4_K)
                            put_half(block + 2, 7.5f * 2e-4f);
                        }
                        return {};
                      });
  }
  REQUIRE(writer.write(to));
}

// After each of these tokens, one behind the other.
std::vector<float> all_logits_of(const fs::path& model, std::span<const token_id> tokens) {
  auto pipeline = pipeline::load(model, 2);
  std::vector<float> out;
  for (const auto token : tokens) {
    const auto logits = pipeline.step({&token, 1});
    REQUIRE_MESSAGE(logits, (logits ? "" : logits.error().message));
    out.insert(out.end(), logits->begin(), logits->end());
  }
  return out;
}

double relative_rms(const std::vector<float>& a, const std::vector<float>& b) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += std::pow(double{a[i]} - b[i], 2);
    size += std::pow(double{b[i]}, 2);
  }
  return std::sqrt(difference / size);
}

std::size_t count_of_type(const fs::path& path, dtype type) {
  const auto file = gguf_file::open(path);
  REQUIRE(file);
  std::size_t count = 0;
  for (const auto& [name, view] : (*file)->tensors())
    count += view.type == type ? 1 : 0;
  return count;
}

} // namespace

TEST_CASE("a golden model is as exact out of a GGUF file") {
  for (const auto& from : golden_models())
    for (const auto to : {dtype::F32, dtype::F16}) {
      CAPTURE(from.string());
      CAPTURE(to_string(to));
      const temp_dir dir;
      const auto path = written(dir, from, to);
      const auto golden = read_golden(from / "golden.json");
      REQUIRE(golden);
      auto pipeline = pipeline::load(path, 2);
      for (const auto& one : golden->cases) {
        const auto made = generate(pipeline, one.prompt_ids, one.generated_ids.size(), 64);
        const auto outcome = compare(one, made.ids, made.prompt_logits);
        // Weights of F32 rounded to F16 are other weights, if only a little.
        const bool rounded = to == dtype::F16 && from.filename() == "llama3rope";
        CHECK(outcome.max_abs_logit_difference <= (rounded ? 0.05 : 5e-4));
        if (!rounded)
          CHECK(outcome.token_exact);
      }
    }
}

TEST_CASE("F32 in a GGUF file gives the very bits of the safetensors") {
  const std::vector<token_id> tokens = {1, 5, 7, 2, 9, 11};
  for (const auto& from : golden_models()) {
    if (from.filename() == "llama3rope") // its frequencies pass through F32
      continue;
    CAPTURE(from.string());
    const temp_dir dir;
    CHECK(logits_of(written(dir, from, dtype::F32), tokens) == logits_of(from, tokens));
  }
}

TEST_CASE("quantized weights compute what the numbers they stand for do") {
  // What remains is the rounding of activations to bytes. In models whose rows are a single block
  // no error meets another that takes it back.
  struct bound {
    const char* model;
    double most;
  };
  std::vector<token_id> tokens;
  for (token_id i = 0; i < 40; ++i)
    tokens.push_back((i * 31 + 7) % 96);
  const auto own = fs::path(DCI_SOURCE_DIR);
  for (const auto& [name, most] :
       {bound{"apps/assets/tiny", 0.02}, bound{"tests/data/models/qwen3", 0.02},
        bound{"tests/data/models/gpt2", 0.02}, bound{"tests/data/models/llama3rope", 0.03}})
    for (const auto to : {dtype::Q8_0, dtype::Q4_0}) {
      CAPTURE(std::string(name));
      CAPTURE(to_string(to));
      const temp_dir dir;
      const auto path = written(dir, own / name, to);
      CHECK(count_of_type(path, to) > 0);
      const auto file = gguf_file::open(path);
      REQUIRE(file);
      const auto plain = dir.path() / "plain.gguf";
      write_dequantized(**file, plain);
      const auto difference =
          relative_rms(all_logits_of(path, tokens), all_logits_of(plain, tokens));
      MESSAGE(std::string(name) << " in " << to_string(to) << ": " << difference);
      CHECK(difference <= most);
    }
}

TEST_CASE("heads with biases are interleaved and back") {
  const temp_dir dir;
  const auto config = tiny_llama_config(R"(, "attention_bias": true, "mlp_bias": true)");
  write_tiny_model(dir, config);
  const std::vector<token_id> tokens = {1, 5, 7, 2};
  const auto path = written(dir, dir.path(), dtype::F32);
  CHECK(logits_of(path, tokens) == logits_of(dir.path(), tokens));
  // In the file itself row 1 of the first head is row 2 of the safetensors.
  const auto stored = gguf_file::open(path);
  const auto plain = open_model(dir.path());
  REQUIRE(stored);
  REQUIRE(plain);
  const auto halves = (*plain)->tensors->find("model.layers.0.self_attn.q_proj.weight");
  REQUIRE(halves);
  std::vector<float> a(8), b(8);
  read_row(*(*stored)->find("blk.0.attn_q.weight"), 1, a);
  read_row(*halves->view, 2, b);
  CHECK(a == b);
}

TEST_CASE("each stage finds its tensors, and a damaged scale is named") {
  const temp_dir dir;
  const auto from = fs::path(DCI_SOURCE_DIR) / "tests/data/models/llama3rope";
  const auto path = written(dir, from, dtype::Q8_0);
  auto bytes = read_file(path, 64 << 20);
  REQUIRE(bytes);
  const auto file = gguf_file::open(path);
  REQUIRE(file);
  const auto* q = (*file)->find("blk.1.attn_q.weight");
  REQUIRE(q != nullptr);
  REQUIRE(q->type == dtype::Q8_0);
  const auto* start = reinterpret_cast<const char*>((*file)->header().data());
  const auto offset =
      static_cast<std::size_t>(reinterpret_cast<const char*>(q->bytes.data()) - start);
  bytes->replace(offset + 34, 2, std::string("\x00\x7e", 2)); // a NaN in the second block
  const auto damaged = dir.write("damaged.gguf", *bytes);
  const auto model = open_model(damaged);
  REQUIRE(model);
  CHECK(load_range(backend::native, *model, {0, 1}));
  check_error(load_range(backend::native, *model, {1, 2}), errc::not_finite,
              {"damaged.gguf", "\"blk.1.attn_q.weight\"", "number 32"});
  check_error(load_range(backend::torch, *model, {0, 1}), errc::unsupported,
              {"damaged.gguf", "Q8_0", "native"});
}

TEST_CASE("weights in blocks of 256 compute what the numbers they stand for do") {
  const temp_dir dir;
  const auto config = std::string(R"({"model_type": "qwen2", "hidden_size": 256,
    "intermediate_size": 512, "num_hidden_layers": 2, "num_attention_heads": 2,
    "num_key_value_heads": 1, "vocab_size": 20, "max_position_embeddings": 40,
    "rms_norm_eps": 1e-5, "tie_word_embeddings": true})");
  write_tiny_model(dir, config);
  const auto from = gguf_file::open(written(dir, dir.path(), dtype::F32));
  REQUIRE(from);
  const std::vector<token_id> tokens = {1, 5, 7, 2, 9, 11, 19, 0};
  for (const auto type : {dtype::Q4_K, dtype::Q6_K}) {
    CAPTURE(to_string(type));
    const auto path = dir.path() / "k.gguf", plain = dir.path() / "plain.gguf";
    write_random_blocks(**from, type, path);
    CHECK(count_of_type(path, type) == 15);
    const auto file = gguf_file::open(path);
    REQUIRE(file);
    write_dequantized(**file, plain);
    const auto difference = relative_rms(all_logits_of(path, tokens), all_logits_of(plain, tokens));
    MESSAGE(to_string(type) << ": " << difference);
    CHECK(difference <= 0.02);
  }
}

TEST_CASE("the tokenizer comes along") {
  const auto from = fs::path(DCI_SOURCE_DIR) / "apps/assets/tiny";
  const temp_dir dir;
  const auto path = written(dir, from, dtype::Q8_0);
  const auto wanted = tokenizer::load(from);
  const auto made = tokenizer::load(path);
  REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
  CHECK((*wanted)->vocab_size() == (*made)->vocab_size());
  for (std::size_t i = 0; i < (*wanted)->vocab_size(); ++i) {
    const auto id = static_cast<token_id>(i);
    CHECK((*wanted)->token_of(id) == (*made)->token_of(id));
    CHECK((*wanted)->is_special(id) == (*made)->is_special(id));
  }
  for (const auto* text :
       {"Once upon a time, there was a little girl.", "<|endoftext|> x\n\n 12", "caf\u00e9 \u4e16"})
    for (const bool special : {false, true})
      CHECK(*(*wanted)->encode(text, special) == *(*made)->encode(text, special));
  const auto model = open_model(path);
  REQUIRE(model);
  CHECK((*model)->eos == (*open_model(from))->eos);
  CHECK((*model)->config.bos == (*open_model(from))->config.bos);
}

TEST_CASE("a model without a tokenizer stays one") {
  const temp_dir dir;
  const auto path = written(dir, fs::path(DCI_SOURCE_DIR) / "tests/data/models/qwen2", dtype::F32);
  const auto none = tokenizer::load_if_any(path);
  REQUIRE_MESSAGE(none, (none ? "" : none.error().message));
  CHECK(*none == nullptr);
}

TEST_CASE("what cannot be written is refused") {
  const temp_dir dir;
  const auto out = dir.path() / "out.gguf";
  write_tiny_model(dir, tiny_llama_config(R"(, "hidden_act": "gelu")"));
  check_error(quantize_model(*opened(dir), dtype::F32, out), errc::unsupported, {"activation"});
  write_tiny_model(dir, tiny_llama_config());
  check_error(quantize_model(*opened(dir), dtype::Q4_K, out), errc::unsupported, {"Q4_K"});
  REQUIRE(quantize_model(*opened(dir), dtype::F32, out));
  const auto model = open_model(out);
  REQUIRE(model);
  check_error(quantize_model(**model, dtype::F32, out), errc::unsupported, {"safetensors"});
  dir.write("tokenizer.json", "{");
  check_error(quantize_model(*opened(dir), dtype::F32, out), errc::bad_file, {"tokenizer.json"});
}
