#include "tensors/convert/tokenizer_keys.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "runtime/base/files.hpp"
#include "tensors/text/gguf_words.hpp"
#include "tensors/text/tokenizer.hpp"
#include "tensors/text/tokenizer_parts.hpp"

namespace dci {

namespace {

using nlohmann::json;

// tokenizer.ggml.token_type
constexpr std::int32_t normal = 1, control = 3, user_defined = 4, unused = 5;

class describer {
 public:
  describer(const model_files& model, const std::filesystem::path& path)
      : model_(model), path_(path) {
  }

  result add_to(gguf_writer& out) {
    DCI_ASSIGN(tokens_, tokenizer::load(path_.parent_path()));
    DCI_ASSIGN(const auto text, read_file(path_, text::largest_tokenizer_file));
    DCI_ASSIGN(file_, text::read_tokenizer_json(text, path_.string()));
    DCI_TRY(add_words(out));
    DCI_TRY(add_vocab(out));
    return add_ends(out);
  }

 private:
  tl::unexpected<error> unsupported(const std::string& what) const {
    return fail(errc::unsupported, path_.string() + ": a GGUF file cannot say " + what);
  }
  const json& member(const char* key) const {
    static const json none;
    const auto found = file_.rest.find(key);
    return found == file_.rest.end() ? none : *found;
  }

  result add_words(gguf_writer& out) {
    const auto& steps = tokens_->parts().back.steps();
    if (steps.size() != 1 || !std::holds_alternative<text::byte_level_step>(steps.front()))
      return unsupported("what this decoder does: only byte-level tokenizers are written");
    const auto& model = member("model");
    const auto& ignores = model.contains("ignore_merges") ? model["ignore_merges"] : json(false);
    const auto pre = text::name_of_words(member("pre_tokenizer"), member("normalizer"),
                                         ignores.is_boolean() && ignores.get<bool>());
    if (pre.empty())
      return unsupported("how this tokenizer cuts words; known are " +
                         std::string(text::known_word_rules()));
    out.add("tokenizer.ggml.model", "gpt2");
    out.add("tokenizer.ggml.pre", pre);
    return {};
  }

  result add_vocab(gguf_writer& out) const {
    const std::size_t size = model_.config.vocab;
    if (tokens_->vocab_size() > size)
      return fail(errc::bad_file,
                  path_.string() + ": has ids up to " + std::to_string(tokens_->vocab_size() - 1) +
                      ", but the model has a vocabulary of " + std::to_string(size));
    std::vector<std::string> texts(size);
    std::vector<std::int32_t> kinds(size, normal);
    for (std::size_t i = 0; i < size; ++i) {
      const auto id = static_cast<token_id>(i);
      const auto text = tokens_->token_of(id);
      const auto* added = tokens_->parts().added.find(id);
      texts[i] = text ? std::string(*text) : "[PAD" + std::to_string(i) + "]";
      if (!text)
        kinds[i] = unused;
      else if (added != nullptr)
        kinds[i] = added->special ? control : user_defined;
    }
    std::vector<std::string> merges;
    const std::string_view all = file_.merge_text;
    for (const auto& merge : file_.merges) {
      auto pair = std::string(all.substr(merge.begin, merge.left)) + " ";
      merges.push_back(pair.append(all.substr(merge.begin + merge.left, merge.right)));
    }
    out.add("tokenizer.ggml.tokens", texts);
    out.add("tokenizer.ggml.token_type", kinds);
    out.add("tokenizer.ggml.merges", merges);
    return {};
  }

  result add_ends(gguf_writer& out) const {
    const auto& around = tokens_->parts().around;
    const auto before = around ? around->before : std::vector<token_id>();
    const auto after = around ? around->after : std::vector<token_id>();
    const auto& eos = model_.eos;
    if (before.size() > 1 || after.size() > 1 || (!after.empty() && after != eos))
      return unsupported("which tokens this tokenizer puts around a text");
    const auto bos = before.empty() ? model_.config.bos : std::optional(before.front());
    const auto add_id = [&](const char* key, token_id id) {
      out.add(key, static_cast<std::uint32_t>(id));
    };
    if (bos)
      add_id("tokenizer.ggml.bos_token_id", *bos);
    // The keys that end a generation; a fourth has none.
    constexpr const char* ends[] = {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id",
                                    "tokenizer.ggml.eom_token_id"};
    for (std::size_t i = 0; i < std::min(eos.size(), std::size(ends)); ++i)
      add_id(ends[i], eos[i]);
    out.add("tokenizer.ggml.add_bos_token", !before.empty());
    out.add("tokenizer.ggml.add_eos_token", !after.empty());
    return {};
  }

  const model_files& model_;
  const std::filesystem::path& path_;
  std::shared_ptr<const tokenizer> tokens_;
  text::tokenizer_file file_;
};

} // namespace

result add_tokenizer(const model_files& model, gguf_writer& out) {
  const auto path = model.dir / "tokenizer.json";
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    out.add("tokenizer.ggml.model", "none"); // llama.cpp opens no file that does not say so
    return {};
  }
  return describer(model, path).add_to(out);
}

} // namespace dci
