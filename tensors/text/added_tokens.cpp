#include "tensors/text/added_tokens.hpp"

#include <algorithm>
#include <limits>

#include "tensors/text/regex.hpp"
#include "tensors/text/regex_dialect.hpp"
#include "tensors/text/utf8.hpp"

namespace dci::text {

namespace {

constexpr std::size_t longest_content = 4096;
constexpr char32_t metaspace = 0x2581;

bool is_blank(std::string_view text) {
  for (std::size_t pos = 0; pos < text.size();) {
    const char32_t c = next_char(text, pos);
    if (!is_white_space(c) && c != metaspace)
      return false;
  }
  return true;
}

bool is_word(std::string_view one) {
  static const auto word = regex::compile("[" + std::string(rust_word_class) + "]");
  std::vector<byte_range> found;
  return word && word->find_all(one, found) && !found.empty();
}

std::string_view last_char(std::string_view text) {
  std::size_t at = text.size();
  while (at > 0) {
    --at;
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80)
      break;
  }
  return text.substr(at);
}

std::string_view first_char(std::string_view text) {
  std::size_t pos = 0;
  if (!text.empty())
    next_char(text, pos);
  return text.substr(0, pos);
}

bool is_space(std::string_view one) {
  std::size_t pos = 0;
  return !one.empty() && is_white_space(next_char(one, pos));
}

} // namespace

expected<added_tokens> added_tokens::read(const json_at& root, const normalizer& normal,
                                          const token_table& vocab) {
  added_tokens out;
  if (root.has("added_tokens")) {
    DCI_ASSIGN(const auto items, root.list("added_tokens"));
    for (const json_at& item : items)
      DCI_TRY(out.add(item, vocab));
  }
  std::string contents;
  std::vector<token_entry> entries;
  token_id largest = static_cast<token_id>(vocab.id_limit()) - 1;
  for (std::size_t i = 0; i < out.all_.size(); ++i) {
    added_token& t = out.all_[i];
    entries.push_back({static_cast<std::uint32_t>(contents.size()),
                       static_cast<std::uint32_t>(t.content.size()), static_cast<token_id>(i)});
    contents += t.content;
    largest = std::max(largest, t.id);
    t.decoded = t.content;
    if (t.normalized)
      DCI_TRY(normal.apply(t.decoded));
    if (!t.decoded.empty())
      (t.normalized ? out.normalized_ : out.raw_).add(t.decoded, i);
  }
  out.raw_.finish();
  out.normalized_.finish();
  const std::size_t count = vocab.entries().size() + out.all_.size();
  if (is_absurd_id(largest, count))
    return root.bad("the id " + std::to_string(largest) + " is far beyond the " +
                    std::to_string(count) + " tokens there are");
  out.by_content_ = token_table(std::move(contents), std::move(entries));
  if (out.by_content_.clash() < out.all_.size())
    return root.bad("added_tokens: " + in_quotes(out.all_[out.by_content_.clash()].content) +
                    " comes twice");
  out.by_id_.assign(static_cast<std::size_t>(largest) + 1, -1);
  for (std::size_t i = 0; i < out.all_.size(); ++i) {
    auto& place = out.by_id_[static_cast<std::size_t>(out.all_[i].id)];
    if (place >= 0)
      return root.bad("added_tokens: the id " + std::to_string(out.all_[i].id) + " comes twice");
    place = static_cast<std::int32_t>(i);
  }
  return out;
}

result added_tokens::add(const json_at& json, const token_table& vocab) {
  added_token t;
  DCI_ASSIGN(t.content, json.text("content"));
  DCI_ASSIGN(const auto id, json.integer("id", 0, std::numeric_limits<token_id>::max() - 1));
  t.id = static_cast<token_id>(id);
  DCI_ASSIGN(t.special, json.flag("special", false));
  DCI_ASSIGN(t.normalized, json.flag("normalized", !t.special));
  DCI_ASSIGN(t.single_word, json.flag("single_word", false));
  DCI_ASSIGN(t.lstrip, json.flag("lstrip", false));
  DCI_ASSIGN(t.rstrip, json.flag("rstrip", false));
  if (t.content.empty())
    return {};
  if (t.content.size() > longest_content)
    return json.bad("its content has " + std::to_string(t.content.size()) + " bytes");
  const token_id in_vocab = vocab.find(t.content);
  if (in_vocab >= 0 && in_vocab != t.id)
    return json.bad(in_quotes(t.content) + " has the id " + std::to_string(t.id) + " here and " +
                    std::to_string(in_vocab) + " in the vocabulary");
  if (in_vocab < 0 && vocab.known(t.id))
    return json.bad(in_quotes(t.content) + " has the id " + std::to_string(t.id) + " of " +
                    in_quotes(vocab.text_of(t.id)));
  t.control = t.special || !is_blank(t.content);
  all_.push_back(std::move(t));
  return {};
}

result added_tokens::cut_raw(text_pieces& pieces, bool plain) const {
  return cut(pieces, raw_, plain);
}

result added_tokens::cut_normalized(text_pieces& pieces, bool plain) const {
  return cut(pieces, normalized_, plain);
}

// Follows Hugging Face's AddedVocabulary::find_matches.
result added_tokens::cut(text_pieces& pieces, const token_matcher& matcher, bool plain) const {
  if (matcher.empty())
    return {};
  std::vector<text_piece> out;
  for (const text_piece& p : pieces.list) {
    if (p.token != no_token) {
      out.push_back(p);
      continue;
    }
    const auto text = pieces.of(p);
    const auto put = [&](std::size_t begin, std::size_t end, token_id token) {
      out.push_back({p.begin + begin, p.begin + end, token, p.at_start && begin == 0});
    };
    std::size_t done = 0;
    token_matcher::match m;
    for (std::size_t from = 0; matcher.find(text, from, m); from = m.end) {
      const added_token& t = all_[m.value];
      if (plain && t.control)
        continue;
      if (t.single_word &&
          (is_word(last_char(text.substr(0, m.begin))) || is_word(first_char(text.substr(m.end)))))
        continue;
      std::size_t begin = m.begin;
      std::size_t end = m.end;
      while (t.lstrip && begin > done && is_space(last_char(text.substr(0, begin))))
        begin -= last_char(text.substr(0, begin)).size();
      while (t.rstrip && is_space(first_char(text.substr(end))))
        end += first_char(text.substr(end)).size();
      if (begin > done)
        put(done, begin, no_token);
      put(begin, end, t.id);
      done = end;
    }
    if (done < text.size())
      put(done, text.size(), no_token);
  }
  pieces.list = std::move(out);
  return {};
}

const added_token* added_tokens::find(std::string_view content) const {
  const token_id at = by_content_.find(content);
  return at < 0 ? nullptr : &all_[static_cast<std::size_t>(at)];
}

const added_token* added_tokens::find(token_id id) const {
  if (id < 0 || static_cast<std::size_t>(id) >= by_id_.size())
    return nullptr;
  const auto at = by_id_[static_cast<std::size_t>(id)];
  return at < 0 ? nullptr : &all_[static_cast<std::size_t>(at)];
}

} // namespace dci::text
