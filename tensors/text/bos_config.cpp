#include "tensors/text/bos_config.hpp"

#include <nlohmann/json.hpp>

#include "runtime/base/files.hpp"
#include "tensors/text/json_at.hpp"

namespace dci::text {

expected<std::optional<std::string>> bos_of_config(const std::filesystem::path& file) {
  constexpr std::size_t largest = 4 << 20;
  std::error_code ec;
  if (!std::filesystem::exists(file, ec))
    return std::optional<std::string>();
  DCI_ASSIGN(const std::string bytes, read_file(file, largest));
  const auto json = nlohmann::json::parse(bytes, nullptr, false);
  const json_at root(json, file.string());
  if (!root.is_object())
    return root.bad("not a JSON object");
  DCI_ASSIGN(const bool wanted, root.flag("add_bos_token", false));
  if (!wanted)
    return std::optional<std::string>();
  DCI_ASSIGN(const json_at token, root.at("bos_token"));
  // Either the string itself or an object that describes an added token.
  DCI_ASSIGN(std::string text, token.is_object() ? token.text("content") : token.text());
  return std::optional<std::string>(std::move(text));
}

} // namespace dci::text
