#include "tensors/text/tokenizer.hpp"

#include "runtime/base/files.hpp"
#include "tensors/files/gguf.hpp"
#include "tensors/files/weights.hpp"
#include "tensors/text/bos_config.hpp"
#include "tensors/text/decode_run.hpp"
#include "tensors/text/gguf_tokenizer.hpp"
#include "tensors/text/tokenizer_file.hpp"
#include "tensors/text/tokenizer_parts.hpp"
#include "tensors/text/utf8.hpp"

namespace dci {

using text::tokenizer_parts;

namespace {

result check_utf8(std::string_view utf8) {
  const text::utf8_scan scan = text::scan_utf8(utf8);
  if (scan.valid == utf8.size())
    return {};
  return fail(errc::bad_request, "the text is not valid UTF-8 at byte " +
                                     std::to_string(scan.valid) + " of " +
                                     std::to_string(utf8.size()));
}

// Empty where a tokenizer.json is to be read, or nothing at all.
expected<std::filesystem::path> gguf_of(const std::filesystem::path& dir_or_file) {
  std::error_code ec;
  if (std::filesystem::is_directory(dir_or_file, ec) &&
      (std::filesystem::exists(dir_or_file / "tokenizer.json", ec) ||
       weights::in_folder(dir_or_file)))
    return std::filesystem::path();
  return find_gguf(dir_or_file);
}

expected<std::shared_ptr<const tokenizer>> load_gguf(const std::filesystem::path& path) {
  DCI_ASSIGN(const auto file, gguf_file::open(path));
  DCI_ASSIGN(auto parts, text::parts_of_gguf(path.string(), file->metadata()));
  return tokenizer::of(std::move(parts));
}

} // namespace

tokenizer::tokenizer(std::unique_ptr<const tokenizer_parts> parts) : parts_(std::move(parts)) {
}

tokenizer::~tokenizer() = default;

expected<std::shared_ptr<const tokenizer>> tokenizer::parse(std::string_view json,
                                                            std::string_view name) {
  DCI_ASSIGN(auto parts, tokenizer_parts::parse(json, name));
  return of(std::move(parts));
}

std::shared_ptr<const tokenizer> tokenizer::of(tokenizer_parts parts) {
  return std::shared_ptr<const tokenizer>(
      new tokenizer(std::make_unique<tokenizer_parts>(std::move(parts))));
}

expected<std::shared_ptr<const tokenizer>>
tokenizer::load(const std::filesystem::path& dir_or_file) {
  std::error_code ec;
  const bool is_dir = std::filesystem::is_directory(dir_or_file, ec);
  const auto path = is_dir ? dir_or_file / "tokenizer.json" : dir_or_file;
  DCI_ASSIGN(const auto gguf, gguf_of(dir_or_file));
  if (!gguf.empty())
    return load_gguf(gguf);
  DCI_ASSIGN(const std::string json, read_file(path, text::largest_tokenizer_file));
  DCI_ASSIGN(auto parts, tokenizer_parts::parse(json, path.string()));
  if (!parts.around) {
    DCI_ASSIGN(const auto bos, text::bos_of_config(path.parent_path() / "tokenizer_config.json"));
    if (bos) {
      const auto id = parts.id_of(*bos);
      if (!id)
        return fail(errc::bad_file, (path.parent_path() / "tokenizer_config.json").string() +
                                        ": bos_token: " + text::in_quotes(*bos) + " is not in " +
                                        path.string());
      parts.around = text::post_processor{{*id}, {}};
    }
  }
  return of(std::move(parts));
}

expected<std::shared_ptr<const tokenizer>>
tokenizer::load_if_any(const std::filesystem::path& dir_or_file) {
  const std::shared_ptr<const tokenizer> none;
  DCI_ASSIGN(const auto gguf, gguf_of(dir_or_file));
  if (gguf.empty()) {
    std::error_code ec;
    return std::filesystem::exists(dir_or_file / "tokenizer.json", ec) ? load(dir_or_file) : none;
  }
  DCI_ASSIGN(const auto file, gguf_file::open(gguf));
  const auto* kind = find_value<std::string_view>(file->metadata(), "tokenizer.ggml.model");
  const bool has_none = kind != nullptr && (*kind == "none" || *kind == "no_vocab");
  return has_none || !file->metadata().contains("tokenizer.ggml.model") ? none : load_gguf(gguf);
}

expected<std::vector<token_id>> tokenizer::encode(std::string_view utf8, bool add_special,
                                                  added_in_text added) const {
  DCI_TRY(check_utf8(utf8));
  const bool around = add_special && parts_->around.has_value();
  std::vector<token_id> ids;
  if (around)
    ids = parts_->around->before;
  DCI_TRY(parts_->encode(utf8, added == added_in_text::plain, true, ids));
  if (around)
    ids.insert(ids.end(), parts_->around->after.begin(), parts_->around->after.end());
  return ids;
}

expected<std::vector<token_id>> tokenizer::encode_parts(std::span<const prompt_part> prompt) const {
  std::vector<token_id> ids;
  std::string plain;
  bool at_start = true;
  const auto flush = [&]() -> result {
    DCI_TRY(check_utf8(plain));
    DCI_TRY(parts_->encode(plain, true, at_start, ids));
    at_start = at_start && plain.empty();
    plain.clear();
    return {};
  };
  for (const prompt_part& p : prompt) {
    if (!p.control) {
      plain += p.text;
      continue;
    }
    DCI_TRY(flush());
    const auto id = parts_->id_of(p.text);
    if (!id)
      return fail(errc::unsupported, "the tokenizer has no token " + text::in_quotes(p.text) +
                                         ": choose another chat format");
    ids.push_back(*id);
    at_start = false;
  }
  DCI_TRY(flush());
  return ids;
}

std::string tokenizer::decode(std::span<const token_id> ids, bool skip_special) const {
  text::decode_run run(parts_->back, false);
  std::string out;
  for (const token_id id : ids) {
    const auto token = parts_->decoder_input(id);
    if (token && !(skip_special && parts_->is_special(id)))
      run.feed(*token, out);
  }
  run.finish(out);
  return out;
}

std::size_t tokenizer::vocab_size() const {
  return parts_->vocab_size();
}

std::optional<token_id> tokenizer::id_of(std::string_view token) const {
  return parts_->id_of(token);
}

std::optional<std::string_view> tokenizer::token_of(token_id id) const {
  return parts_->token_of(id);
}

bool tokenizer::is_special(token_id id) const {
  return parts_->is_special(id);
}

} // namespace dci
