#include "actors/node/names.hpp"

#include <algorithm>
#include <string>

#include "tensors/files/in_quotes.hpp"

namespace dci {

result check_name(std::string_view kind, std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  if (!name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), allowed))
    return {};
  return fail(errc::bad_config, std::string{kind} + " name " + in_quotes(name) +
                                    " must be 1 to 64 letters, digits, '_', '-' or '.'");
}

} // namespace dci
