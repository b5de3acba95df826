#include <iostream>
#include <string>

#include "apps/dci-runtime/verbs.hpp"
#include "runtime/base/json_codec.hpp"
#include "tensors/text/tokenizer.hpp"

namespace dci {
namespace {

expected<json> convert(const tokenizer& tokens, const tokenize_flags& flags, const json& in) {
  if (flags.decode) {
    std::vector<token_id> ids;
    if (auto e = from_json_value(in, ids))
      return fail(errc::bad_request, "ids" + e->path + " " + e->message);
    return tokens.decode(ids);
  }
  if (!in.is_string())
    return fail(errc::bad_request, "must be a JSON string");
  DCI_ASSIGN(auto ids, tokens.encode(in.get<std::string>(), flags.special));
  return json(std::move(ids));
}

} // namespace

result tokenize(const tokenize_flags& flags) {
  DCI_ASSIGN(const auto tokens, tokenizer::load(flags.model));
  std::string line;
  for (std::size_t number = 1; std::getline(std::cin, line); ++number) {
    const auto where = "standard input, line " + std::to_string(number);
    const auto in = json::parse(line, nullptr, false);
    if (in.is_discarded())
      return fail(errc::bad_request,
                  where + ": not JSON (or not UTF-8); write one JSON value a line");
    auto out = convert(*tokens, flags, in);
    if (!out)
      return fail(in_context(where, out.error()));
    std::cout << out->dump() << '\n';
  }
  std::cout.flush();
  return {};
}

} // namespace dci
