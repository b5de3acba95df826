#include "tensors/text/post_processor.hpp"

#include <limits>

namespace dci::text {

namespace {

constexpr int deepest_sequence = 8;

class reader {
 public:
  explicit reader(const std::function<bool(token_id)>& known) : known_(known) {
  }

  result add(const json_at& json, int depth) {
    DCI_ASSIGN(const std::string type, json.type());
    if (type == "Sequence") {
      if (depth == deepest_sequence)
        return json.unsupported("sequences nested this deep");
      DCI_ASSIGN(const auto inner, json.list("processors"));
      for (const json_at& p : inner)
        DCI_TRY(add(p, depth + 1));
      return {};
    }
    if (type == "ByteLevel")
      return {};
    if (type == "TemplateProcessing")
      return add_template(json);
    if (type == "BertProcessing" || type == "RobertaProcessing")
      return add_pair(json);
    return json.unsupported("a post-processor of type " + in_quotes(type));
  }

  post_processor take() {
    return std::move(out_);
  }

 private:
  expected<token_id> read_id(const json_at& json) {
    DCI_ASSIGN(const auto id, json.integer(0, std::numeric_limits<token_id>::max()));
    if (!known_(static_cast<token_id>(id)))
      return json.bad("the id " + std::to_string(id) + " is not in the vocabulary");
    return static_cast<token_id>(id);
  }

  // A later step of a sequence wraps what the earlier ones made.
  void wrap(std::vector<token_id> before, const std::vector<token_id>& after) {
    before.insert(before.end(), out_.before.begin(), out_.before.end());
    out_.before = std::move(before);
    out_.after.insert(out_.after.end(), after.begin(), after.end());
  }

  result add_template(const json_at& json) {
    DCI_ASSIGN(const auto items, json.list("single"));
    std::vector<token_id> before;
    std::vector<token_id> after;
    bool text_seen = false;
    for (const json_at& item : items) {
      if (item.has("Sequence")) {
        DCI_ASSIGN(const json_at sequence, item.at("Sequence"));
        DCI_ASSIGN(const std::string name, sequence.text("id"));
        if (name != "A" || text_seen)
          return item.bad("a template for a single text holds the text \"A\" once");
        text_seen = true;
        continue;
      }
      DCI_ASSIGN(const json_at special, item.at("SpecialToken"));
      DCI_ASSIGN(const std::string name, special.text("id"));
      DCI_ASSIGN(const json_at tokens, json.at("special_tokens"));
      DCI_ASSIGN(const json_at token, tokens.at(name));
      DCI_ASSIGN(const auto ids, token.list("ids"));
      for (const json_at& one : ids) {
        DCI_ASSIGN(const token_id id, read_id(one));
        (text_seen ? after : before).push_back(id);
      }
    }
    if (!text_seen)
      return json.bad("the template for a single text leaves the text out");
    wrap(std::move(before), after);
    return {};
  }

  // {"cls": ["<s>", 0], "sep": ["</s>", 2]}
  result add_pair(const json_at& json) {
    std::vector<token_id> ids;
    for (const char* key : {"cls", "sep"}) {
      DCI_ASSIGN(const auto pair, json.list(key));
      if (pair.size() != 2)
        return json.bad(in_quotes(key) + " is not a token and its id");
      DCI_ASSIGN(const token_id id, read_id(pair[1]));
      ids.push_back(id);
    }
    wrap({ids[0]}, {ids[1]});
    return {};
  }

  const std::function<bool(token_id)>& known_;
  post_processor out_;
};

} // namespace

expected<post_processor> post_processor::read(const json_at& json,
                                              const std::function<bool(token_id)>& known) {
  reader r(known);
  DCI_TRY(r.add(json, 0));
  return r.take();
}

} // namespace dci::text
