#include "tensors/text/gguf_tokenizer.hpp"

#include <cmath>

#include "tensors/text/gguf_merges.hpp"
#include "tensors/text/gguf_words.hpp"
#include "tensors/text/utf8.hpp"

namespace dci::text {

namespace {

using nlohmann::json;

constexpr std::string_view metaspace = "\u2581";

// tokenizer.ggml.token_type
enum class token_kind { normal = 1, unknown, control, user_defined, unused, byte };

std::string with_spaces(std::string_view text) {
  std::string out(text);
  for (auto at = out.find(metaspace); at != std::string::npos; at = out.find(metaspace, at))
    out.replace(at, metaspace.size(), " ");
  return out;
}

class builder {
 public:
  builder(const std::string& name, const gguf_metadata& metadata)
      : name_(name + ": tokenizer.ggml"), metadata_(metadata) {
  }

  expected<tokenizer_parts> build() {
    const auto* model = find<std::string_view>("model");
    if (model == nullptr)
      return bad("model", "missing: the file has no tokenizer");
    pieces_ = *model == "llama";
    if (!pieces_ && *model != "gpt2")
      return fail(errc::unsupported,
                  name_ + ".model: " + in_quotes(*model) + " cannot be run, only gpt2 and llama");
    file_.rest = json::object();
    file_.has_vocab = file_.has_merges = true;
    DCI_TRY(read_tokens());
    DCI_TRY(pieces_ ? describe_pieces() : describe_byte_level());
    DCI_ASSIGN(auto parts, tokenizer_parts::build(file_, name_));
    DCI_TRY(add_around(parts));
    return parts;
  }

 private:
  template <class T>
  const T* find(std::string_view key) const {
    return find_value<T>(metadata_, "tokenizer.ggml." + std::string(key));
  }
  bool flag(std::string_view key, bool otherwise) const {
    const auto* value = find<bool>(key);
    return value == nullptr ? otherwise : *value;
  }
  tl::unexpected<error> bad(std::string_view key, const std::string& reason) const {
    return fail(errc::bad_file, name_ + "." + std::string(key) + ": " + reason);
  }

  // Numbers, one a token; null where the file has none.
  expected<const gguf_numbers*> per_token(std::string_view key, std::size_t count) const {
    const auto* out = find<gguf_numbers>(key);
    if (out != nullptr && out->size() != count)
      return bad(key,
                 std::to_string(out->size()) + " numbers for " + std::to_string(count) + " tokens");
    return out;
  }

  result read_tokens() {
    const auto* texts = find<gguf_strings>("tokens");
    if (texts == nullptr || texts->empty())
      return bad("tokens", "must be a list of texts");
    DCI_ASSIGN(const auto* kinds, per_token("token_type", texts->size()));
    DCI_ASSIGN(const auto* scores, per_token("scores", texts->size()));
    if (pieces_ && scores == nullptr)
      return bad("scores", "must be a list of numbers");
    auto added = json::array();
    for (std::size_t i = 0; i < texts->size(); ++i) {
      const auto id = static_cast<token_id>(i);
      const auto text = (*texts)[i];
      if (scan_utf8(text).valid != text.size())
        return bad("tokens", "number " + std::to_string(i) + " is not valid UTF-8");
      const auto number = kinds == nullptr ? 1 : kinds->at(i);
      if (!(number >= 1 && number <= 6))
        return bad("token_type", "number " + std::to_string(i) + " is unknown");
      const auto kind = static_cast<token_kind>(static_cast<int>(number));
      if (kind == token_kind::unused) // what fills a table up
        continue;
      if (kind == token_kind::unknown)
        unknown_ = text;
      const bool user_defined = kind == token_kind::user_defined;
      const bool special = kind == token_kind::unknown || kind == token_kind::control;
      // User-defined pieces are looked for in the text itself, which has spaces.
      const auto content = pieces_ && user_defined ? with_spaces(text) : std::string(text);
      if (special || user_defined)
        added.push_back(
            {{"id", i}, {"content", content}, {"special", special}, {"normalized", false}});
      if (content != text)
        continue;
      if (file_.vocab_text.size() + text.size() > largest_tokenizer_file)
        return bad("tokens", "more than " + std::to_string(largest_tokenizer_file) + " bytes");
      file_.vocab.push_back({static_cast<std::uint32_t>(file_.vocab_text.size()),
                             static_cast<std::uint32_t>(text.size()), id});
      file_.vocab_text += text;
      if (!pieces_ || (kind != token_kind::normal && !user_defined))
        continue;
      const scored_token scored{id, text, scores->at(i)};
      if (!std::isfinite(scored.score))
        return bad("scores", "number " + std::to_string(i) + " is NaN or infinite");
      scored_.push_back(scored);
    }
    file_.rest["added_tokens"] = std::move(added);
    return {};
  }

  result describe_byte_level() {
    const auto* named = find<std::string_view>("pre");
    const auto pre = named == nullptr ? std::string_view("default") : *named;
    const auto rules = word_rules_of(pre);
    if (!rules.known)
      return fail(errc::unsupported, name_ + ".pre: the pre-tokenizer " + in_quotes(pre) +
                                         " is unknown; known are " +
                                         std::string(known_word_rules()));
    adds_bos_ = rules.adds_bos;
    auto& rest = file_.rest;
    if (rules.composes)
      rest["normalizer"] = {{"type", "NFC"}};
    rest["pre_tokenizer"] = pre_tokenizer_of(pre, flag("add_space_prefix", false));
    rest["decoder"] = {{"type", "ByteLevel"}};
    rest["model"] = {{"type", "BPE"}, {"ignore_merges", rules.ignores_merges}};
    return read_merges();
  }

  result read_merges() {
    const auto* merges = find<gguf_strings>("merges");
    if (merges == nullptr)
      return bad("merges", "must be a list of texts");
    for (std::size_t i = 0; i < merges->size(); ++i) {
      const auto merge = (*merges)[i];
      const auto space = merge.find(' ', 1); // a token may begin with one
      if (space == std::string_view::npos || merge.find(' ', space + 1) != std::string_view::npos)
        return bad("merges",
                   "number " + std::to_string(i) + " is not two tokens with a space between");
      if (file_.merge_text.size() + merge.size() > largest_tokenizer_file)
        return bad("merges", "more than " + std::to_string(largest_tokenizer_file) + " bytes");
      file_.merges.push_back({static_cast<std::uint32_t>(file_.merge_text.size()),
                              static_cast<std::uint32_t>(space),
                              static_cast<std::uint32_t>(merge.size() - space - 1)});
      file_.merge_text.append(merge.substr(0, space)).append(merge.substr(space + 1));
    }
    return {};
  }

  // As Llama 2's tokenizer.json has it.
  result describe_pieces() {
    adds_bos_ = true;
    const bool prefix = flag("add_space_prefix", true);
    auto& rest = file_.rest;
    const json to_mark = {
        {"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", metaspace}};
    const json from_mark = {
        {"type", "Replace"}, {"pattern", {{"String", metaspace}}}, {"content", " "}};
    auto normalizers = json::array();
    if (prefix)
      normalizers.push_back({{"type", "Prepend"}, {"prepend", metaspace}});
    normalizers.push_back(to_mark);
    rest["normalizer"] = {{"type", "Sequence"}, {"normalizers", normalizers}};
    auto decoders = json::array({from_mark, {{"type", "ByteFallback"}}, {{"type", "Fuse"}}});
    if (prefix)
      decoders.push_back({{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
    rest["decoder"] = {{"type", "Sequence"}, {"decoders", decoders}};
    rest["model"] = {{"type", "BPE"}, {"fuse_unk", true}, {"byte_fallback", true}};
    if (unknown_)
      rest["model"]["unk_token"] = *unknown_;
    DCI_ASSIGN(file_.id_merges, merges_of_scores(name_ + ".tokens", scored_));
    return {};
  }

  result add_around(tokenizer_parts& parts) const {
    post_processor around;
    const auto add = [&](std::string_view key, bool wanted, std::vector<token_id>& to) -> result {
      if (!wanted)
        return {};
      const auto name = std::string(key) + "_token_id";
      const auto* id = find<std::uint64_t>(name);
      if (id == nullptr)
        return bad(name, "missing, though texts begin or end with it");
      if (*id >= parts.vocab_size() || !parts.token_of(static_cast<token_id>(*id)))
        return bad(name, std::to_string(*id) + " is no token");
      to.push_back(static_cast<token_id>(*id));
      return {};
    };
    DCI_TRY(add("bos", flag("add_bos_token", adds_bos_), around.before));
    DCI_TRY(add("eos", flag("add_eos_token", false), around.after));
    parts.around = std::move(around);
    return {};
  }

  std::string name_;
  const gguf_metadata& metadata_;
  bool pieces_ = false; // SentencePiece's, else byte-level
  bool adds_bos_ = false;
  tokenizer_file file_;
  std::vector<scored_token> scored_;
  std::optional<std::string> unknown_;
};

} // namespace

expected<tokenizer_parts> parts_of_gguf(const std::string& name, const gguf_metadata& metadata) {
  return builder(name, metadata).build();
}

} // namespace dci::text
