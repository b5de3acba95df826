#include "tensors/files/model_files.hpp"

#include <array>
#include <cstdint>
#include <span>

#include <openssl/evp.h>

#include "runtime/base/files.hpp"
#include "tensors/files/gguf.hpp"
#include "tensors/files/gguf_config.hpp"

namespace dci {

namespace {

constexpr std::size_t max_config_bytes = 1 << 20;

// The parts' lengths are hashed too, so that no byte can move from one to the next.
expected<std::string> sha256_hex(std::span<const std::string_view> parts) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  bool done = context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  for (const auto part : parts) {
    const auto length = std::to_string(part.size()) + ":";
    done = done && EVP_DigestUpdate(context.get(), length.data(), length.size()) == 1 &&
           EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  }
  if (!done || EVP_DigestFinal_ex(context.get(), digest.data(), &size) != 1)
    return fail(errc::internal, "OpenSSL cannot compute a SHA-256");
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (const auto byte : std::span(digest).first(size)) {
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return hex;
}

result open_folder(model_files& model, const std::filesystem::path& dir) {
  std::error_code ignored;
  const auto config_path = dir / "config.json";
  DCI_ASSIGN(const auto config_text, read_file(config_path, max_config_bytes));
  DCI_ASSIGN(model.config, parse_model_config(config_path.string(), config_text));
  const auto generation_path = dir / "generation_config.json";
  if (std::filesystem::exists(generation_path, ignored)) {
    DCI_ASSIGN(const auto text, read_file(generation_path, max_config_bytes));
    DCI_ASSIGN(model.generation,
               parse_generation_config(generation_path.string(), text, model.config.vocab));
  }
  DCI_ASSIGN(model.tensors, weights::open(dir));
  model.layout.transposed_conv1d = model.config.kind == architecture::gpt2;
  const std::string_view parts[] = {config_text, model.tensors->identity()};
  DCI_ASSIGN(model.fingerprint, sha256_hex(parts));
  return {};
}

result open_gguf(model_files& model, const std::filesystem::path& path) {
  DCI_ASSIGN(auto file, gguf_file::open(path));
  DCI_ASSIGN(model.config, config_of_gguf(path.string(), file->metadata(), file->tensors()));
  const auto kind = model.config.kind;
  model.layout.interleaved_rope = kind == architecture::llama || kind == architecture::mistral;
  model.tensors = weights::of_gguf(std::move(file), kind);
  const std::string_view parts[] = {model.tensors->identity()};
  DCI_ASSIGN(model.fingerprint, sha256_hex(parts));
  return {};
}

} // namespace

expected<std::shared_ptr<const model_files>> open_model(const std::filesystem::path& dir_or_file) {
  std::error_code ignored;
  const bool is_folder = std::filesystem::is_directory(dir_or_file, ignored);
  std::filesystem::path gguf;
  if (!is_folder || !weights::in_folder(dir_or_file)) {
    DCI_ASSIGN(gguf, find_gguf(dir_or_file));
  }
  if (!is_folder && gguf.empty())
    return fail(errc::bad_file,
                dir_or_file.string() + ": not a folder with a model, nor a .gguf file");
  auto model = std::make_shared<model_files>();
  model->dir = dir_or_file;
  DCI_TRY(gguf.empty() ? open_folder(*model, dir_or_file) : open_gguf(*model, gguf));
  model->eos = model->generation.eos.empty() ? model->config.eos : model->generation.eos;
  return model;
}

} // namespace dci
