#include "runtime/base/error.hpp"

namespace dci {

std::string_view to_string(errc code) noexcept {
  switch (code) {
    case errc::none:
      return "none";
#define DCI_ERRC_NAME(name, exit, text)                                                            \
  case errc::name:                                                                                 \
    return #name;
      DCI_ERRC_LIST(DCI_ERRC_NAME)
#undef DCI_ERRC_NAME
  }
  return "unknown";
}

errc errc_from_string(std::string_view name) noexcept {
#define DCI_ERRC_PARSE(value, exit, text)                                                          \
  if (name == #value)                                                                              \
    return errc::value;
  DCI_ERRC_PARSE(none, 0, "")
  DCI_ERRC_LIST(DCI_ERRC_PARSE)
#undef DCI_ERRC_PARSE
  return errc::internal;
}

std::string_view meaning(errc code) noexcept {
  switch (code) {
    case errc::none:
      return "no error";
#define DCI_ERRC_TEXT(name, exit, text)                                                            \
  case errc::name:                                                                                 \
    return text;
      DCI_ERRC_LIST(DCI_ERRC_TEXT)
#undef DCI_ERRC_TEXT
  }
  return "an error code this version does not know";
}

int exit_code(errc code) noexcept {
  switch (code) {
    case errc::none:
      return 0;
#define DCI_ERRC_EXIT(name, exit, text)                                                            \
  case errc::name:                                                                                 \
    return exit;
      DCI_ERRC_LIST(DCI_ERRC_EXIT)
#undef DCI_ERRC_EXIT
  }
  return 1;
}

error in_context(std::string_view place, error e) {
  e.message.insert(0, ": ");
  e.message.insert(0, place);
  return e;
}

} // namespace dci
