#include <algorithm>
#include <cstdio>

#include "apps/dci-runtime/ring_session.hpp"
#include "runtime/base/progress.hpp"
#include "tensors/decoder/golden.hpp"

namespace dci {

result verify(const common_flags& common, const verify_flags& flags) {
  const auto path = flags.golden.empty() ? flags.model / "golden.json" : flags.golden;
  DCI_ASSIGN(const auto golden, read_golden(path));
  DCI_ASSIGN(auto session, ring_session::start(common, flags.ring, flags.model));
  std::size_t exact = 0;
  double largest = 0;
  auto cases = json::array();
  progress bar("verifying " + flags.model.string());
  for (const auto& wanted : golden.cases) {
    bar.update(static_cast<double>(cases.size()) / static_cast<double>(golden.cases.size()));
    generate_request request;
    request.prompt_ids = wanted.prompt_ids;
    request.max_tokens = static_cast<std::uint32_t>(wanted.generated_ids.size());
    request.ignore_end = true;
    request.want_logits = true;
    DCI_ASSIGN(const auto answer, session.client().generate(std::move(request)));
    const auto outcome = compare(wanted, answer.tokens, answer.logits);
    exact += outcome.token_exact ? 1 : 0;
    largest = std::max(largest, outcome.max_abs_logit_difference);
    if (!outcome.token_exact && !common.json)
      std::printf("case %zu differs from token %zu on\n", cases.size() + 1,
                  outcome.first_difference + 1);
    cases.push_back({{"token_exact", outcome.token_exact},
                     {"first_difference", outcome.first_difference},
                     {"max_logit_difference", outcome.max_abs_logit_difference}});
  }
  const bool passed = exact == golden.cases.size() && largest <= flags.tolerance;
  if (common.json)
    std::puts(json({{"model", flags.model.string()},
                    {"stages", to_json_value(session.ring().stages)},
                    {"cases", cases},
                    {"token_exact", exact},
                    {"max_logit_difference", largest},
                    {"tolerance", flags.tolerance},
                    {"passed", passed}})
                  .dump()
                  .c_str());
  else
    std::printf("cases %zu/%zu token-exact, largest logit difference %.2e (tolerance %.0e), %zu "
                "stages: %s\n",
                exact, golden.cases.size(), largest, flags.tolerance, session.ring().stages.size(),
                stages_text(session.ring()).c_str());
  if (!passed)
    return fail(errc::check_failed, flags.model.string() + " does not match " + path.string());
  return {};
}

} // namespace dci
