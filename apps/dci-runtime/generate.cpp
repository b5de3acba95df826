#include <cstdio>

#include "apps/dci-runtime/ring_session.hpp"

namespace dci {
namespace {

json report(const ring_description& ring, const generated& answer) {
  return {{"text", answer.text},
          {"tokens", answer.tokens},
          {"finish", to_string(answer.end.finish)},
          {"session", answer.end.session.value},
          {"stages", to_json_value(ring.stages)},
          {"prompt_tokens", answer.end.prompt_tokens},
          {"first_token_ms", answer.end.first_token_ms},
          {"tokens_per_s", answer.end.tokens_per_s}};
}

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

} // namespace

result generate(const common_flags& common, const generate_flags& flags) {
  DCI_ASSIGN(auto session, ring_session::start(common, flags.ring, flags.model));
  generate_request request;
  request.prompt = flags.prompt;
  request.chat = flags.chat;
  request.max_tokens = flags.max_tokens;
  request.sampling = flags.sampling;
  request.stop = flags.stop;
  request.ignore_end = flags.ignore_end;
  if (!common.json && !flags.chat)
    print(flags.prompt);
  auto answer = common.json ? session.client().generate(std::move(request))
                            : session.client().generate(std::move(request),
                                                        [](const text_event& e) { print(e.text); });
  if (!answer) {
    if (!common.json)
      std::puts("");
    return fail(answer.error());
  }
  if (common.json) {
    std::puts(report(session.ring(), *answer)
                  .dump(-1, ' ', false, json::error_handler_t::replace)
                  .c_str());
    return {};
  }
  const auto& end = answer->end;
  std::printf("%s\n[%zu stages: %s; %u tokens, %.1f tokens/s, first token after %.0f ms, ended by "
              "%s]\n",
              end.text.c_str(), session.ring().stages.size(), stages_text(session.ring()).c_str(),
              end.tokens, end.tokens_per_s, end.first_token_ms,
              std::string{to_string(end.finish)}.c_str());
  return {};
}

} // namespace dci
