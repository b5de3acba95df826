#include "tensors/text/tokenizer_parts.hpp"

#include <algorithm>
#include <bit>

namespace dci::text {

namespace {

// Words come again and again. One look here is cheaper than merging: a table that keeps, at each
// place, the word seen last and where its tokens are in the output.
class recent_words {
 public:
  explicit recent_words(std::size_t words) : slots_(std::bit_ceil(std::min(words, most) + 1)) {
  }

  bool repeat(std::string_view word, std::vector<token_id>& out) const {
    const slot& s = at(word);
    if (s.end == s.begin || s.word != word)
      return false;
    const std::size_t begin = out.size();
    out.resize(begin + (s.end - s.begin));
    std::copy(out.begin() + s.begin, out.begin() + s.end,
              out.begin() + static_cast<std::ptrdiff_t>(begin));
    return true;
  }
  void remember(std::string_view word, std::size_t begin, std::size_t end) {
    slots_[place(word)] = {word, static_cast<std::ptrdiff_t>(begin),
                           static_cast<std::ptrdiff_t>(end)};
  }

 private:
  static constexpr std::size_t most = 16383;

  struct slot {
    std::string_view word;
    std::ptrdiff_t begin = 0;
    std::ptrdiff_t end = 0;
  };

  std::size_t place(std::string_view word) const {
    return std::hash<std::string_view>{}(word) & (slots_.size() - 1);
  }
  const slot& at(std::string_view word) const {
    return slots_[place(word)];
  }

  std::vector<slot> slots_;
};

} // namespace

expected<tokenizer_parts> tokenizer_parts::parse(std::string_view json, std::string_view name) {
  DCI_ASSIGN(tokenizer_file file, read_tokenizer_json(json, name));
  return build(file, name);
}

expected<tokenizer_parts> tokenizer_parts::build(tokenizer_file& file, std::string_view name) {
  const json_at root(file.rest, name);
  DCI_ASSIGN(const json_at model, root.at("model"));
  if (!model.is_object())
    return model.bad("is not an object");
  tokenizer_parts out;
  DCI_ASSIGN(out.model, bpe::build(model, file));
  if (root.has("normalizer")) {
    DCI_ASSIGN(const json_at at, root.at("normalizer"));
    DCI_ASSIGN(out.normal, normalizer::read(at));
  }
  DCI_ASSIGN(out.added, added_tokens::read(root, out.normal, out.model.vocab()));
  if (root.has("pre_tokenizer")) {
    DCI_ASSIGN(const json_at at, root.at("pre_tokenizer"));
    DCI_ASSIGN(out.words, pre_tokenizer::read(at));
  }
  if (root.has("post_processor")) {
    DCI_ASSIGN(const json_at at, root.at("post_processor"));
    const auto known = [&](token_id id) { return out.token_of(id).has_value(); };
    DCI_ASSIGN(out.around, post_processor::read(at, known));
  }
  if (root.has("decoder")) {
    DCI_ASSIGN(const json_at at, root.at("decoder"));
    DCI_ASSIGN(out.back, decoder::read(at));
  }
  std::vector<bool> control(out.vocab_size());
  for (const added_token& t : out.added.all())
    control[static_cast<std::size_t>(t.id)] = t.control;
  out.model.protect(std::move(control));
  return out;
}

std::optional<std::string_view> tokenizer_parts::token_of(token_id id) const {
  if (const added_token* const t = added.find(id))
    return t->content;
  return model.vocab().known(id) ? std::optional(model.vocab().text_of(id)) : std::nullopt;
}

std::optional<std::string_view> tokenizer_parts::decoder_input(token_id id) const {
  const added_token* const t = added.find(id);
  return t != nullptr ? t->decoded : token_of(id);
}

std::optional<token_id> tokenizer_parts::id_of(std::string_view token) const {
  if (const added_token* const t = added.find(token))
    return t->id;
  const token_id id = model.vocab().find(token);
  return id < 0 ? std::nullopt : std::optional(id);
}

bool tokenizer_parts::is_special(token_id id) const {
  const added_token* const t = added.find(id);
  return t != nullptr && t->special;
}

std::size_t tokenizer_parts::vocab_size() const {
  std::size_t size = model.vocab().id_limit();
  for (const added_token& t : added.all())
    size = std::max(size, static_cast<std::size_t>(t.id) + 1);
  return size;
}

result tokenizer_parts::encode(std::string_view text, bool plain, bool at_start,
                               std::vector<token_id>& out) const {
  if (text.empty())
    return {};
  text_pieces pieces{std::string(text), {{0, text.size(), no_token, at_start}}};
  DCI_TRY(added.cut_raw(pieces, plain));
  if (!normal.empty()) {
    result done;
    rewrite_pieces(pieces, [&](const text_piece& p, std::string& buffer) {
      std::string piece(pieces.of(p));
      if (done)
        done = normal.apply(piece);
      buffer += piece;
    });
    DCI_TRY(std::move(done));
  }
  DCI_TRY(added.cut_normalized(pieces, plain));
  DCI_TRY(words.apply(pieces));
  recent_words recent(pieces.list.size());
  out.reserve(out.size() + pieces.list.size() + pieces.list.size() / 4);
  for (const text_piece& p : pieces.list) {
    if (p.token != no_token) {
      out.push_back(p.token);
      continue;
    }
    const auto word = pieces.of(p);
    if (recent.repeat(word, out))
      continue;
    const std::size_t begin = out.size();
    model.encode(word, plain, out);
    recent.remember(word, begin, out.size());
  }
  return {};
}

} // namespace dci::text
