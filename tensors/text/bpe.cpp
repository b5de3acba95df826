#include "tensors/text/bpe.hpp"

#include <cstdio>

#include "tensors/text/utf8.hpp"

namespace dci::text {

expected<bpe> bpe::build(const json_at& model, tokenizer_file& file) {
  // Old files have no "type"; merges tell BPE from the rest.
  std::string type = "BPE";
  if (model.has("type") || !file.has_merges) {
    DCI_ASSIGN(type, model.type());
  }
  if (type != "BPE")
    return model.unsupported("a model of type " + in_quotes(type) + "; only BPE can be run");
  if (!file.model_fault.empty())
    return model.bad(file.model_fault);
  if (!file.has_vocab || !file.has_merges)
    return model.bad(file.has_vocab ? "has no array \"merges\"" : "has no object \"vocab\"");
  if (file.vocab.empty())
    return model.bad("has an empty vocabulary");
  for (const token_entry& e : file.vocab) {
    if (is_absurd_id(e.id, file.vocab.size()))
      return model.bad("vocab: the id " + std::to_string(e.id) + " is far beyond the " +
                       std::to_string(file.vocab.size()) + " tokens there are");
  }
  bpe out;
  out.vocab_ = token_table(std::move(file.vocab_text), std::move(file.vocab));
  const auto& entries = out.vocab_.entries();
  if (out.vocab_.clash() < entries.size()) {
    const token_entry& e = entries[out.vocab_.clash()];
    return model.bad("vocab: " + in_quotes(out.vocab_.text_of(e)) + " or its id " +
                     std::to_string(e.id) + " comes twice");
  }
  DCI_TRY(out.read_options(model));
  DCI_TRY(out.read_merges(model, file));
  out.read_alphabet();
  return out;
}

result bpe::read_options(const json_at& model) {
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    DCI_ASSIGN(const auto affix, model.maybe_text(key));
    if (affix && !affix->empty())
      return model.unsupported(std::string("a ") + key + " (" + in_quotes(*affix) + ")");
  }
  if (model.has("dropout")) {
    DCI_ASSIGN(const json_at dropout, model.at("dropout"));
    if (!dropout.is_zero())
      return model.unsupported("a dropout other than 0");
  }
  DCI_ASSIGN(const auto unknown, model.maybe_text("unk_token"));
  if (unknown) {
    const token_id id = vocab_.find(*unknown);
    if (id < 0)
      return model.bad("unk_token " + in_quotes(*unknown) + " is not in the vocabulary");
    unknown_ = id;
  }
  DCI_ASSIGN(fuse_unknown_, model.flag("fuse_unk", false));
  DCI_ASSIGN(byte_fallback_, model.flag("byte_fallback", false));
  DCI_ASSIGN(ignore_merges_, model.flag("ignore_merges", false));
  return {};
}

result bpe::read_merges(const json_at& model, const tokenizer_file& file) {
  merges_ = merge_table(file.merges.size() + file.id_merges.size());
  for (std::size_t i = 0; i < file.id_merges.size(); ++i) {
    const id_merge& m = file.id_merges[i];
    merges_.put(m.left, m.right, {static_cast<std::uint32_t>(i), m.into});
  }
  const std::string_view all = file.merge_text;
  for (std::size_t i = 0; i < file.merges.size(); ++i) {
    const merge_entry& m = file.merges[i];
    const auto both = all.substr(m.begin, m.left + m.right);
    const auto left = both.substr(0, m.left);
    const auto right = both.substr(m.left);
    const token_id ids[] = {vocab_.find(left), vocab_.find(right), vocab_.find(both)};
    for (int k = 0; k < 3; ++k) {
      if (ids[k] < 0)
        return model.bad("merges[" + std::to_string(i) +
                         "]: " + in_quotes(k == 0 ? left : (k == 1 ? right : both)) +
                         " is not in the vocabulary");
    }
    merges_.put(ids[0], ids[1], {static_cast<std::uint32_t>(i), ids[2]});
  }
  return {};
}

// Most characters of most texts are found in this table without hashing.
void bpe::read_alphabet() {
  low_chars_.fill(-1);
  for (const token_entry& e : vocab_.entries()) {
    const auto text = vocab_.text_of(e);
    if (text.empty() || text.size() > 2)
      continue;
    std::size_t pos = 0;
    const char32_t c = next_char(text, pos);
    if (pos == text.size() && c < low_chars_.size())
      low_chars_[c] = e.id;
  }
  byte_tokens_.fill(-1);
  for (std::size_t b = 0; byte_fallback_ && b < byte_tokens_.size(); ++b) {
    char name[8];
    std::snprintf(name, sizeof(name), "<0x%02zX>", b);
    byte_tokens_[b] = vocab_.find(name);
  }
}

token_id bpe::id_of_char(std::string_view one, bool plain) const {
  std::size_t pos = 0;
  const char32_t c = next_char(one, pos);
  const token_id id = c < low_chars_.size() ? low_chars_[c] : vocab_.find(one);
  return plain && id >= 0 && is_protected(id) ? -1 : id;
}

// Follows Hugging Face's BPE::merge_word, also in that bytes may overtake an unknown token that is
// still waiting to be fused.
void bpe::start_symbols(std::string_view word, bool plain, std::vector<token_id>& out) const {
  bool waiting = false; // an unknown token not yet put out
  for (std::size_t pos = 0; pos < word.size();) {
    const std::size_t begin = pos;
    next_char(word, pos);
    const auto one = word.substr(begin, pos - begin);
    const token_id id = id_of_char(one, plain);
    if (id >= 0) {
      if (waiting)
        out.push_back(*unknown_);
      waiting = false;
      out.push_back(id);
      continue;
    }
    bool all_bytes = byte_fallback_;
    for (const char b : one)
      all_bytes = all_bytes && byte_tokens_[static_cast<unsigned char>(b)] >= 0;
    if (all_bytes) {
      for (const char b : one)
        out.push_back(byte_tokens_[static_cast<unsigned char>(b)]);
    } else if (unknown_) {
      if (waiting && !fuse_unknown_)
        out.push_back(*unknown_);
      waiting = true;
    }
  }
  if (waiting)
    out.push_back(*unknown_);
}

void bpe::encode(std::string_view word, bool plain, std::vector<token_id>& out) const {
  if (ignore_merges_) {
    const token_id id = vocab_.find(word);
    if (id >= 0 && !(plain && is_protected(id))) {
      out.push_back(id);
      return;
    }
  }
  // Long words are rare: they need the list and the heap, the others are faster without.
  constexpr std::size_t long_word = 48;
  std::vector<token_id> symbols;
  symbols.reserve(word.size());
  start_symbols(word, plain, symbols);
  if (symbols.size() > long_word)
    merge_long(symbols, plain);
  else if (symbols.size() > 1)
    merge_short(symbols, plain);
  out.insert(out.end(), symbols.begin(), symbols.end());
}

} // namespace dci::text
