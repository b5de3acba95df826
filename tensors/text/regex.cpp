#include "tensors/text/regex.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "tensors/text/json_at.hpp"
#include "tensors/text/regex_dialect.hpp"
#include "tensors/text/utf8.hpp"

namespace dci::text {

namespace {

constexpr std::size_t longest_pattern = 1 << 16;
// A run of a million spaces costs a few million steps in the usual patterns; a pattern that
// backtracks exponentially gets no further than this.
constexpr std::uint32_t match_limit = 20'000'000;
constexpr std::uint32_t heap_limit_kib = 64 * 1024;

struct free_code {
  void operator()(pcre2_code* p) const {
    pcre2_code_free(p);
  }
};
struct free_match_data {
  void operator()(pcre2_match_data* p) const {
    pcre2_match_data_free(p);
  }
};
struct free_match_context {
  void operator()(pcre2_match_context* p) const {
    pcre2_match_context_free(p);
  }
};
struct free_compile_context {
  void operator()(pcre2_compile_context* p) const {
    pcre2_compile_context_free(p);
  }
};

std::string message_of(int code) {
  std::array<PCRE2_UCHAR, 160> buffer{};
  pcre2_get_error_message(code, buffer.data(), buffer.size());
  return reinterpret_cast<const char*>(buffer.data());
}

constexpr int unknown_property = 147;

} // namespace

struct regex::code {
  std::unique_ptr<pcre2_code, free_code> compiled;
  std::unique_ptr<pcre2_match_context, free_match_context> limits;
};

expected<regex> regex::compile(std::string_view pattern) {
  if (pattern.size() > longest_pattern)
    return fail(errc::bad_file, "the regular expression has " + std::to_string(pattern.size()) +
                                    " bytes, more than the limit of " +
                                    std::to_string(longest_pattern));
  DCI_ASSIGN(const std::string translated, onig_to_pcre2(pattern));
  const std::unique_ptr<pcre2_compile_context, free_compile_context> how(
      pcre2_compile_context_create(nullptr));
  pcre2_set_newline(how.get(), PCRE2_NEWLINE_LF);
  int code = 0;
  PCRE2_SIZE offset = 0;
  std::unique_ptr<pcre2_code, free_code> compiled(
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()), translated.size(),
                    PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C, &code,
                    &offset, how.get()));
  if (!compiled)
    return fail(code == unknown_property ? errc::unsupported : errc::bad_file,
                "the regular expression " + in_quotes(pattern) +
                    " is refused: " + message_of(code));
  // Without machine code (no permission for it, or an unknown processor) the interpreter serves.
  pcre2_jit_compile(compiled.get(), PCRE2_JIT_COMPLETE);
  std::unique_ptr<pcre2_match_context, free_match_context> limits(
      pcre2_match_context_create(nullptr));
  if (!limits)
    return fail(errc::internal, "no memory for a regular expression");
  pcre2_set_match_limit(limits.get(), match_limit);
  pcre2_set_heap_limit(limits.get(), heap_limit_kib);
  regex out;
  out.code_ = std::make_shared<regex::code>(regex::code{std::move(compiled), std::move(limits)});
  return out;
}

result regex::find_all(std::string_view text, std::vector<byte_range>& out) const {
  const std::unique_ptr<pcre2_match_data, free_match_data> data(
      pcre2_match_data_create(1, nullptr));
  if (!data)
    return fail(errc::internal, "no memory for a regular expression's match");
  const auto* const subject = reinterpret_cast<PCRE2_SPTR>(text.data());
  const PCRE2_SIZE* const found = pcre2_get_ovector_pointer(data.get());
  std::optional<std::size_t> last_end;
  std::size_t from = 0;
  while (from <= text.size()) {
    int rc = pcre2_match(code_->compiled.get(), subject, text.size(), from, PCRE2_NO_UTF_CHECK,
                         data.get(), code_->limits.get());
    // The machine code's stack is small; the interpreter keeps its state on the heap.
    if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
      rc = pcre2_match(code_->compiled.get(), subject, text.size(), from,
                       PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, data.get(), code_->limits.get());
    if (rc == PCRE2_ERROR_NOMATCH)
      return {};
    if (rc < 0)
      return fail(errc::bad_request,
                  "the tokenizer's regular expression cannot be run on this text (" +
                      message_of(rc) + "): shorten the text");
    const byte_range match{found[0], found[1]};
    if (match.begin == match.end && last_end == match.end) {
      if (from == text.size())
        return {};
      next_char(text, from);
      continue;
    }
    from = match.end;
    last_end = match.end;
    out.push_back(match);
  }
  return {};
}

} // namespace dci::text
