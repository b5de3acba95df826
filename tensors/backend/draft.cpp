#include "tensors/backend/draft.hpp"

#include <algorithm>

#include "tensors/backend/engine.hpp"
#include "tensors/decoder/sampling.hpp"
#include "tensors/files/in_quotes.hpp"
#include "tensors/text/tokenizer.hpp"

namespace dci {

namespace {

// Padding of a vocabulary to a round number is no difference; what a token says is.
result check_vocabulary(const model_files& draft, const model_files& target) {
  const auto differs = [&](const std::string& how) {
    return fail(errc::bad_config, "the draft model " + draft.dir.string() +
                                      " has another vocabulary than " + target.dir.string() + ": " +
                                      how + "; choose a draft of the same family");
  };
  DCI_ASSIGN(const auto ours, tokenizer::load_if_any(draft.dir));
  DCI_ASSIGN(const auto theirs, tokenizer::load_if_any(target.dir));
  if (!ours || !theirs) {
    if (draft.config.vocab == target.config.vocab)
      return {};
    return differs(std::to_string(draft.config.vocab) + " tokens instead of " +
                   std::to_string(target.config.vocab));
  }
  const auto count = std::max(ours->vocab_size(), theirs->vocab_size());
  for (std::size_t i = 0; i < count; ++i) {
    const auto id = static_cast<token_id>(i);
    const auto a = ours->token_of(id), b = theirs->token_of(id);
    if (a != b)
      return differs("token " + std::to_string(i) + " is " + (a ? in_quotes(*a) : "missing") +
                     " instead of " + (b ? in_quotes(*b) : "nothing"));
  }
  return {};
}

class draft_proposer : public proposer {
 public:
  draft_proposer(std::shared_ptr<const layer_range> model, std::unique_ptr<kv_cache> cache,
                 std::uint32_t vocab)
      : model_(std::move(model)), cache_(std::move(cache)), vocab_(vocab) {
  }

  // An error of the draft model means no guess: the answer does not depend on it.
  std::vector<token_id> propose(std::span<const token_id> history, std::uint32_t most) override {
    std::vector<token_id> text(history.begin(), history.end());
    const auto same = std::ranges::mismatch(text, held_);
    const auto known = std::min<std::size_t>(same.in1 - text.begin(), text.size() - 1);
    cache_->truncate(static_cast<std::uint32_t>(known));
    held_.resize(known);
    std::vector<token_id> out;
    while (out.size() < most && text.size() <= cache_->capacity()) {
      const auto fresh = std::span(text).subspan(held_.size());
      const auto rows = model_->forward(fresh, *cache_);
      if (!rows)
        break;
      held_ = text;
      const auto logits = model_->logits(*rows, rows->rows() - 1);
      if (!logits)
        break;
      const auto next = sample(*logits, {}, {}, 0);
      if (!next || static_cast<std::uint32_t>(*next) >= vocab_)
        break;
      out.push_back(*next);
      text.push_back(*next);
    }
    return out;
  }

 private:
  std::shared_ptr<const layer_range> model_;
  std::unique_ptr<kv_cache> cache_;
  std::uint32_t vocab_;        // of the model that it guesses for
  std::vector<token_id> held_; // what the cache holds
};

} // namespace

expected<proposer_factory> load_draft(const engine_settings& settings, const model_files& target,
                                      backend kind) {
  DCI_ASSIGN(auto files, open_model(settings.draft));
  DCI_TRY(check_vocabulary(*files, target));
  const layer_span all{0, files->config.layers};
  DCI_ASSIGN(auto loaded, load_range(kind, files, all, options_of(settings, files->config, all)));
  const std::shared_ptr<const layer_range> model = std::move(loaded);
  const auto vocab = target.config.vocab;
  return proposer_factory{
      [model, vocab](std::uint32_t positions) -> expected<std::unique_ptr<proposer>> {
        DCI_ASSIGN(auto cache, model->make_cache(positions));
        return std::make_unique<draft_proposer>(model, std::move(cache), vocab);
      },
      settings.proposals};
}

} // namespace dci
