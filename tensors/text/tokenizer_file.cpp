#include "tensors/text/tokenizer_file.hpp"

#include <limits>

#include "tensors/text/json_at.hpp"

namespace dci::text {

namespace {

using nlohmann::json;

constexpr std::size_t deepest = 64;
// Far above the nodes of any real file; bounds what a file of "[[],[],..." makes us allocate.
constexpr std::size_t most_nodes = 1'000'000;

class reader : public nlohmann::json_sax<json> {
 public:
  explicit reader(tokenizer_file& out) : out_(out) {
  }

  const std::string& fault() const {
    return fault_;
  }

  bool null() override {
    return value(nullptr, "null");
  }
  bool boolean(bool v) override {
    return value(v, "a boolean");
  }
  bool number_integer(number_integer_t v) override {
    return where_ == place::vocab ? vocab_fault("has a negative id") : value(v, "a number");
  }
  bool number_unsigned(number_unsigned_t v) override {
    if (where_ != place::vocab || skip_ > 0)
      return value(v, "a number");
    if (v > static_cast<number_unsigned_t>(std::numeric_limits<token_id>::max()))
      return vocab_fault("has an id beyond 2147483647");
    pending_.id = static_cast<token_id>(v);
    out_.vocab.push_back(pending_);
    return true;
  }
  bool number_float(number_float_t v, const string_t&) override {
    return value(v, "a fraction");
  }
  bool string(string_t& v) override {
    if (where_ == place::merges && skip_ == 0)
      return merge_string(v);
    return value(std::move(v), "a string");
  }
  bool binary(binary_t&) override {
    return stop("binary data");
  }

  bool key(string_t& v) override {
    if (where_ == place::vocab && skip_ == 0) {
      pending_.begin = static_cast<std::uint32_t>(out_.vocab_text.size());
      pending_.size = static_cast<std::uint32_t>(v.size());
      out_.vocab_text += v;
    } else if (where_ == place::rest) {
      key_ = std::move(v);
      if (open_.back()->contains(key_))
        return stop("the key " + in_quotes(key_) + " comes twice");
    }
    return true;
  }
  bool start_object(std::size_t) override {
    if (where_ != place::rest)
      return special_start("an object");
    if (in_model() && key_ == "vocab")
      return enter(place::vocab, out_.has_vocab);
    return open(json::object());
  }
  bool start_array(std::size_t) override {
    if (where_ != place::rest)
      return where_ == place::merges && skip_ == 0 && !in_pair_ ? pair_start()
                                                                : special_start("an array");
    if (in_model() && key_ == "merges")
      return enter(place::merges, out_.has_merges);
    if (in_model() && key_ == "vocab") {
      model_fault("model.vocab: is an array, not an object of tokens and ids");
      return enter(place::vocab, out_.has_vocab);
    }
    return open(json::array());
  }
  bool end_object() override {
    return end();
  }
  bool end_array() override {
    if (in_pair_ && skip_ == 0)
      return pair_end();
    return end();
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    return stop("not valid JSON at byte " + std::to_string(position));
  }

 private:
  enum class place { rest, vocab, merges };

  bool stop(std::string why) {
    fault_ = std::move(why);
    return false;
  }
  bool model_fault(std::string why) {
    if (out_.model_fault.empty())
      out_.model_fault = std::move(why);
    return true;
  }
  bool vocab_fault(const std::string& why) {
    const auto token = std::string_view(out_.vocab_text).substr(pending_.begin, pending_.size);
    return model_fault("model.vocab: " + in_quotes(token) + " " + why);
  }
  bool merge_fault(const std::string& why) {
    return model_fault("model.merges[" + std::to_string(out_.merges.size()) + "]: " + why);
  }

  bool in_model() const {
    return open_.size() == 2 && model_open_;
  }
  bool enter(place p, bool& seen) {
    if (seen)
      return stop("the key " + in_quotes(key_) + " comes twice");
    seen = true;
    where_ = p;
    return true;
  }
  // Something of the wrong shape inside vocab or merges is passed over.
  bool special_start(const char* what) {
    ++skip_;
    return value(nullptr, what);
  }
  bool end() {
    if (where_ == place::rest) {
      open_.pop_back();
      model_open_ = model_open_ && open_.size() >= 2;
    } else if (skip_ > 0) {
      --skip_;
    } else {
      where_ = place::rest;
    }
    return true;
  }

  template <class V>
  bool value(V&& v, const char* what) {
    if (where_ == place::vocab)
      return vocab_fault(std::string("has ") + what + " instead of an id");
    if (where_ == place::merges)
      return merge_fault(std::string("is ") + what + ", not a pair of tokens");
    return add(json(std::forward<V>(v))) != nullptr;
  }
  json* add(json v) {
    if (++nodes_ > most_nodes) {
      stop("more than " + std::to_string(most_nodes) + " values outside the vocabulary");
      return nullptr;
    }
    if (open_.empty()) {
      out_.rest = std::move(v);
      return &out_.rest;
    }
    if (open_.back()->is_array()) {
      open_.back()->push_back(std::move(v));
      return &open_.back()->back();
    }
    return &((*open_.back())[key_] = std::move(v));
  }
  bool open(json container) {
    if (open_.size() == deepest)
      return stop("nested deeper than " + std::to_string(deepest) + " levels");
    if (open_.size() == 1 && open_.back()->is_object() && key_ == "model")
      model_open_ = true;
    json* const added = add(std::move(container));
    if (added != nullptr)
      open_.push_back(added);
    return added != nullptr;
  }

  bool merge_string(const std::string& v) {
    if (in_pair_) {
      if (pair_strings_ < 2) {
        (pair_strings_ == 0 ? merge_.left : merge_.right) = static_cast<std::uint32_t>(v.size());
        out_.merge_text += v;
      }
      ++pair_strings_;
      return true;
    }
    if (v.starts_with("#version"))
      return true;
    const std::size_t space = v.find(' ');
    if (space == std::string::npos || v.find(' ', space + 1) != std::string::npos)
      return merge_fault("is not two tokens with a space between");
    const auto begin = static_cast<std::uint32_t>(out_.merge_text.size());
    out_.merge_text.append(v, 0, space).append(v, space + 1);
    out_.merges.push_back({begin, static_cast<std::uint32_t>(space),
                           static_cast<std::uint32_t>(v.size() - space - 1)});
    return true;
  }
  bool pair_start() {
    in_pair_ = true;
    pair_strings_ = 0;
    merge_ = {static_cast<std::uint32_t>(out_.merge_text.size()), 0, 0};
    return true;
  }
  bool pair_end() {
    in_pair_ = false;
    if (pair_strings_ != 2)
      return merge_fault("is not a pair of tokens");
    out_.merges.push_back(merge_);
    return true;
  }

  tokenizer_file& out_;
  std::string fault_;
  std::vector<json*> open_; // the containers around the next value, outermost first
  std::string key_;         // the key of the next value in an object
  std::size_t nodes_ = 0;
  place where_ = place::rest;
  bool model_open_ = false;
  std::size_t skip_ = 0; // containers open inside vocab or merges that do not belong there
  token_entry pending_;
  bool in_pair_ = false;
  std::size_t pair_strings_ = 0;
  merge_entry merge_;
};

} // namespace

expected<tokenizer_file> read_tokenizer_json(std::string_view text, std::string_view name) {
  const auto bad = [&](const std::string& why) {
    return fail(errc::bad_file, std::string(name) + ": " + why);
  };
  if (text.size() > largest_tokenizer_file)
    return bad(std::to_string(text.size()) + " bytes, more than the limit of " +
               std::to_string(largest_tokenizer_file));
  tokenizer_file out;
  reader r(out);
  try {
    if (!json::sax_parse(text.begin(), text.end(), &r))
      return bad(r.fault().empty() ? "not valid JSON" : r.fault());
  } catch (const std::exception&) {
    return bad("not valid JSON");
  }
  if (!out.rest.is_object())
    return bad("not a JSON object");
  return out;
}

} // namespace dci::text
