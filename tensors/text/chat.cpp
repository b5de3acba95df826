#include "tensors/text/chat.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "tensors/text/json_at.hpp"
#include "tensors/text/utf8.hpp"

namespace dci {

namespace {

constexpr std::array<std::string_view, 3> names = {"plain", "chatml", "llama3"};

bool is_role(std::string_view role) {
  return !role.empty() && role.size() <= 32 && std::all_of(role.begin(), role.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
  });
}

std::string_view trimmed(std::string_view text) {
  std::size_t begin = text.size();
  std::size_t end = 0;
  for (std::size_t pos = 0; pos < text.size();) {
    const std::size_t at = pos;
    if (text::is_white_space(text::next_char(text, pos)))
      continue;
    begin = std::min(begin, at);
    end = pos;
  }
  return begin < end ? text.substr(begin, end - begin) : std::string_view();
}

void add_chatml(const chat_message& m, std::vector<prompt_part>& out) {
  out.insert(out.end(),
             {{"<|im_start|>", true}, {m.role}, {"\n"}, {m.content}, {"<|im_end|>", true}, {"\n"}});
}

void add_llama3(const chat_message& m, std::vector<prompt_part>& out) {
  out.insert(out.end(), {{"<|start_header_id|>", true},
                         {m.role},
                         {"<|end_header_id|>", true},
                         {"\n\n"},
                         {trimmed(m.content)},
                         {"<|eot_id|>", true}});
}

// The parts refer to the messages' own strings.
expected<std::vector<prompt_part>> lay_out(chat_format format,
                                           std::span<const chat_message> messages, bool open) {
  if (messages.empty())
    return fail(errc::bad_request, "the conversation has no messages");
  std::vector<prompt_part> out;
  if (format == chat_format::llama3)
    out.push_back({"<|begin_of_text|>", true});
  for (const chat_message& m : messages) {
    const auto which = "message " + std::to_string(&m - messages.data() + 1);
    if (!is_role(m.role))
      return fail(errc::bad_request, which + ": the role " + text::in_quotes(m.role) +
                                         " is not a word of up to 32 letters, digits, '_' and '-'");
    const text::utf8_scan scan = text::scan_utf8(m.content);
    if (scan.valid < m.content.size())
      return fail(errc::bad_request,
                  which + ": the content is not valid UTF-8 at byte " + std::to_string(scan.valid));
    if (format == chat_format::chatml)
      add_chatml(m, out);
    else if (format == chat_format::llama3)
      add_llama3(m, out);
    else
      out.insert(out.end(), {{out.empty() ? "" : "\n"}, {m.content}});
  }
  if (open && format == chat_format::chatml)
    out.insert(out.end(), {{"<|im_start|>", true}, {"assistant\n"}});
  if (open && format == chat_format::llama3)
    out.insert(
        out.end(),
        {{"<|start_header_id|>", true}, {"assistant"}, {"<|end_header_id|>", true}, {"\n\n"}});
  return out;
}

} // namespace

std::string_view to_string(chat_format format) {
  return names[static_cast<std::size_t>(format)];
}

std::optional<chat_format> chat_format_from_string(std::string_view name) {
  const auto* const it = std::find(names.begin(), names.end(), name);
  if (it == names.end())
    return std::nullopt;
  return static_cast<chat_format>(it - names.begin());
}

chat_format detect_chat_format(const tokenizer& tokens) {
  if (tokens.id_of("<|im_start|>") && tokens.id_of("<|im_end|>"))
    return chat_format::chatml;
  if (tokens.id_of("<|start_header_id|>") && tokens.id_of("<|eot_id|>"))
    return chat_format::llama3;
  return chat_format::plain;
}

expected<std::string> render_chat(chat_format format, std::span<const chat_message> messages,
                                  bool add_generation_prompt) {
  DCI_ASSIGN(const auto parts, lay_out(format, messages, add_generation_prompt));
  std::string out;
  for (const prompt_part& p : parts)
    out += p.text;
  return out;
}

expected<std::vector<token_id>> encode_chat(const tokenizer& tokens, chat_format format,
                                            std::span<const chat_message> messages,
                                            bool add_generation_prompt) {
  if (format == chat_format::plain) {
    DCI_ASSIGN(const std::string text, render_chat(format, messages, add_generation_prompt));
    return tokens.encode(text, true, added_in_text::plain);
  }
  DCI_ASSIGN(const auto parts, lay_out(format, messages, add_generation_prompt));
  return tokens.encode_parts(parts);
}

} // namespace dci
