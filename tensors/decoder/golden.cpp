#include "tensors/decoder/golden.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include "runtime/base/files.hpp"
#include "tensors/files/json_file.hpp"

namespace dci {

namespace {

using json = nlohmann::json;

constexpr std::size_t max_golden_bytes = 64 << 20;

// One case's fields; every message begins with its place.
class case_reader {
 public:
  case_reader(const json& fields, std::string place) : fields_(fields), place_(std::move(place)) {
  }

  bool has(const char* key) const {
    return fields_.contains(key);
  }

  tl::unexpected<error> refuse(const char* key, const std::string& reason) const {
    return fail(errc::bad_file, place_ + key + ": " + reason);
  }

  expected<std::vector<token_id>> ids(const char* key) const {
    DCI_ASSIGN(const auto* list, filled_list(key));
    std::vector<token_id> out;
    for (const auto& id : *list) {
      constexpr std::uint64_t most = std::numeric_limits<token_id>::max();
      if (!id.is_number_unsigned() || id.get<std::uint64_t>() > most)
        return refuse(key, brief(id) + " is not a token id");
      out.push_back(static_cast<token_id>(id.get<std::uint64_t>()));
    }
    return out;
  }

  expected<std::vector<double>> numbers(const char* key) const {
    DCI_ASSIGN(const auto* list, filled_list(key));
    std::vector<double> out;
    for (const auto& number : *list) {
      if (!number.is_number())
        return refuse(key, brief(number) + " is not a number");
      out.push_back(number.get<double>());
    }
    return out;
  }

  expected<std::string> text(const char* key) const {
    if (!has(key) || fields_[key].is_null())
      return std::string();
    if (!fields_[key].is_string())
      return refuse(key, brief(fields_[key]) + " is not a string");
    return fields_[key].get<std::string>();
  }

 private:
  expected<const json*> filled_list(const char* key) const {
    if (!has(key))
      return refuse(key, "missing");
    const auto& list = fields_[key];
    if (!list.is_array() || list.empty())
      return refuse(key, "must be a list that is not empty, not " + brief(list));
    return &list;
  }

  const json& fields_;
  std::string place_;
};

expected<golden_case> read_case(const case_reader& fields) {
  golden_case out;
  DCI_ASSIGN(out.prompt_ids, fields.ids("prompt_ids"));
  DCI_ASSIGN(out.generated_ids, fields.ids("generated_ids"));
  if (fields.has("prompt_last_logits")) {
    DCI_ASSIGN(out.logits, fields.numbers("prompt_last_logits"));
  } else if (fields.has("prompt_last_top10_ids")) {
    DCI_ASSIGN(out.logit_ids, fields.ids("prompt_last_top10_ids"));
    DCI_ASSIGN(out.logits, fields.numbers("prompt_last_top10_logits"));
    if (out.logits.size() != out.logit_ids.size())
      return fields.refuse("prompt_last_top10_logits",
                           std::to_string(out.logits.size()) + " numbers for " +
                               std::to_string(out.logit_ids.size()) + " ids");
  } else {
    return fields.refuse("prompt_last_logits", "missing, and so is prompt_last_top10_ids");
  }
  DCI_ASSIGN(out.prompt, fields.text("prompt"));
  DCI_ASSIGN(out.generated_text, fields.text("generated_text"));
  return out;
}

} // namespace

expected<golden_file> parse_golden(const std::string& label, std::string_view text) {
  DCI_ASSIGN(const auto document, parse_json(label, text));
  if (!document.is_object() || !document.contains("cases") || !document["cases"].is_array() ||
      document["cases"].empty())
    return fail(errc::bad_file, label + ": cases: must be a list that is not empty");
  golden_file out;
  DCI_ASSIGN(out.model, case_reader(document, label + ": ").text("model"));
  for (std::size_t i = 0; i < document["cases"].size(); ++i) {
    const auto& fields = document["cases"][i];
    const auto place = label + ": cases[" + std::to_string(i) + "]: ";
    if (!fields.is_object())
      return fail(errc::bad_file, place + "must be an object, not " + brief(fields));
    DCI_ASSIGN(auto one, read_case(case_reader(fields, place)));
    out.cases.push_back(std::move(one));
  }
  return out;
}

expected<golden_file> read_golden(const std::filesystem::path& path) {
  DCI_ASSIGN(const auto text, read_file(path, max_golden_bytes));
  return parse_golden(path.string(), text);
}

golden_outcome compare(const golden_case& golden, std::span<const token_id> ids,
                       std::span<const float> logits) {
  constexpr auto infinite = std::numeric_limits<double>::infinity();
  golden_outcome out;
  out.token_exact = std::ranges::equal(golden.generated_ids, ids);
  const auto first = std::ranges::mismatch(golden.generated_ids, ids).in1;
  out.first_difference = static_cast<std::size_t>(first - golden.generated_ids.begin());
  if (golden.logit_ids.empty() && golden.logits.size() != logits.size())
    out.max_abs_logit_difference = infinite;
  for (std::size_t i = 0; i < golden.logits.size(); ++i) {
    const auto id = golden.logit_ids.empty() ? i : static_cast<std::size_t>(golden.logit_ids[i]);
    const auto difference =
        id < logits.size() ? std::abs(double(logits[id]) - golden.logits[i]) : infinite;
    // A NaN compares false with everything.
    if (!(difference <= out.max_abs_logit_difference))
      out.max_abs_logit_difference = std::isnan(difference) ? infinite : difference;
  }
  return out;
}

} // namespace dci
