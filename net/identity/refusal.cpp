#include "net/identity/refusal.hpp"

namespace dci {

std::string_view to_string(refusal reason) noexcept {
  switch (reason) {
#define DCI_REFUSAL_NAME(name, text)                                                               \
  case refusal::name:                                                                              \
    return #name;
    DCI_REFUSAL_LIST(DCI_REFUSAL_NAME)
#undef DCI_REFUSAL_NAME
  }
  return "unknown";
}

std::string_view meaning(refusal reason) noexcept {
  switch (reason) {
#define DCI_REFUSAL_TEXT(name, text)                                                               \
  case refusal::name:                                                                              \
    return text;
    DCI_REFUSAL_LIST(DCI_REFUSAL_TEXT)
#undef DCI_REFUSAL_TEXT
  }
  return "a reason this version does not know";
}

} // namespace dci
