#include "tensors/text/unicode_forms.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <utf8proc.h>

#include "tensors/text/utf8.hpp"

namespace dci::text {

namespace {

int combining_class(utf8proc_int32_t c) {
  return utf8proc_get_property(c)->combining_class;
}

// utf8proc_decompose would do, but it sorts runs of marks in quadratic time.
std::vector<utf8proc_int32_t> decompose(std::string_view text, bool compatibility) {
  const auto options =
      static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | (compatibility ? UTF8PROC_COMPAT : 0));
  std::vector<utf8proc_int32_t> out;
  out.reserve(text.size());
  std::array<utf8proc_int32_t, 32> parts{}; // the longest decomposition has 18
  for (std::size_t pos = 0; pos < text.size();) {
    const auto c = static_cast<utf8proc_int32_t>(next_char(text, pos));
    int boundary = 0;
    const auto n = c < 0x80 ? 0
                            : utf8proc_decompose_char(c, parts.data(),
                                                      static_cast<utf8proc_ssize_t>(parts.size()),
                                                      options, &boundary);
    if (n <= 0 || n > static_cast<utf8proc_ssize_t>(parts.size()))
      out.push_back(c);
    else
      out.insert(out.end(), parts.begin(), parts.begin() + n);
  }
  return out;
}

// Canonical ordering: within each run of marks, by class, equals in place.
void order_marks(std::vector<utf8proc_int32_t>& chars) {
  const auto is_mark = [](utf8proc_int32_t c) { return c >= 0x300 && combining_class(c) != 0; };
  const auto lower = [](utf8proc_int32_t a, utf8proc_int32_t b) {
    return combining_class(a) < combining_class(b);
  };
  for (auto it = chars.begin(); it != chars.end();) {
    it = std::find_if(it, chars.end(), is_mark);
    const auto end = std::find_if_not(it, chars.end(), is_mark);
    std::stable_sort(it, end, lower);
    it = end;
  }
}

// Below U+0300 nothing composes or is reordered (all are NFC_Quick_Check=Yes, class 0).
bool surely_nfc(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0xCC; });
}

} // namespace

std::string to_form(std::string_view text, unicode_form form) {
  const bool compatibility = form == unicode_form::nfkc || form == unicode_form::nfkd;
  const bool compose = form == unicode_form::nfc || form == unicode_form::nfkc;
  if (form == unicode_form::nfc && surely_nfc(text))
    return std::string(text);
  auto chars = decompose(text, compatibility);
  order_marks(chars);
  if (compose && !chars.empty()) {
    const auto options = static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    const auto n = utf8proc_normalize_utf32(chars.data(),
                                            static_cast<utf8proc_ssize_t>(chars.size()), options);
    chars.resize(static_cast<std::size_t>(std::max<utf8proc_ssize_t>(n, 0)));
  }
  std::string out;
  out.reserve(text.size());
  for (const auto c : chars)
    append_char(out, static_cast<char32_t>(c));
  return out;
}

std::string to_lower(std::string_view text) {
  constexpr char32_t capital_i_with_dot = 0x130; // the only one that becomes two characters
  std::string out;
  out.reserve(text.size());
  for (std::size_t pos = 0; pos < text.size();) {
    const char32_t c = next_char(text, pos);
    if (c == capital_i_with_dot)
      out.append("i\xCC\x87");
    else
      append_char(out, static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c))));
  }
  return out;
}

} // namespace dci::text
