#include "runtime/script/line_editor.hpp"

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <cstdlib>
#include <cstring>
#include <cwchar>

#include <histedit.h>
#include <langinfo.h>
#include <poll.h>
#include <unistd.h>

#include "runtime/script/history.hpp"
#include "runtime/script/interrupts.hpp"

namespace dci {

struct line_editor::parts {
  parts(std::filesystem::path file, editor_hooks h) : hooks(std::move(h)), kept(std::move(file)) {
  }

  editor_hooks hooks;
  history_log kept;
  std::string prompt;
  EditLine* edit = nullptr;
  History* history = nullptr;
  HistEvent event{};
};

namespace {

// libedit hands back the parts as client data, untyped.
template <class Parts>
Parts& parts_of(EditLine* edit) {
  void* data = nullptr;
  el_get(edit, EL_CLIENTDATA, &data);
  return *static_cast<Parts*>(data);
}

/// The next character of a terminal in UTF-8: 1, 0 at its end, -1 for none.
int read_wide(wchar_t* out) {
  std::mbstate_t state{};
  for (;;) {
    char byte = 0;
    const auto got = ::read(STDIN_FILENO, &byte, 1);
    if (got <= 0)
      return static_cast<int>(got);
    const auto size = std::mbrtowc(out, &byte, 1, &state);
    if (size == static_cast<std::size_t>(-1)) {
      *out = L'?';
      return 1;
    }
    if (size != static_cast<std::size_t>(-2))
      return 1;
  }
}

/// Columns the names are laid out in.
void list_names(const std::vector<std::string>& names) {
  constexpr std::size_t screen = 78;
  std::size_t width = 0;
  for (const auto& name : names)
    width = std::max(width, name.size() + 2);
  const auto columns = std::max<std::size_t>(1, screen / width);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool last = (i + 1) % columns == 0 || i + 1 == names.size();
    std::printf("%-*s%s", last ? 0 : static_cast<int>(width), names[i].c_str(), last ? "\n" : "");
  }
}

std::string common_start(const std::vector<std::string>& names) {
  auto out = names.front();
  for (const auto& name : names)
    out.resize(static_cast<std::size_t>(
        std::mismatch(out.begin(), out.end(), name.begin(), name.end()).first - out.begin()));
  return out;
}

template <class Parts>
unsigned char complete_name(EditLine* edit, int) {
  const auto* info = el_line(edit);
  const std::string line(info->buffer, info->cursor);
  // A tab at the start of a line is indentation, perhaps pasted.
  if (line.find_first_not_of(" \t") == std::string::npos) {
    el_insertstr(edit, "  ");
    return CC_REFRESH;
  }
  const auto found = parts_of<Parts>(edit).hooks.complete(line);
  if (found.names.empty())
    return CC_REFRESH_BEEP;
  if (const auto more = common_start(found.names).substr(found.begun); !more.empty()) {
    el_insertstr(edit, more.c_str());
    return CC_REFRESH;
  }
  if (found.names.size() == 1)
    return CC_REFRESH;
  std::fputs("\n", stdout);
  list_names(found.names);
  std::fflush(stdout);
  return CC_REDISPLAY;
}

/// Waits for a key, and for what else may happen meanwhile.
template <class Parts>
int read_key(EditLine* edit, wchar_t* out) {
  auto& self = parts_of<Parts>(edit);
  for (;;) {
    pollfd ready[] = {{STDIN_FILENO, POLLIN, 0}, {wake_handle(), POLLIN, 0}};
    if (poll(ready, 2, -1) < 0 && errno != EINTR)
      return -1;
    drain_wakes();
    if (stop_wanted()) {
      errno = EINTR;
      return -1;
    }
    if (take_resize())
      el_resize(edit);
    if (take_continue()) {
      // The shell had the terminal; take it back as it was.
      el_set(edit, EL_PREP_TERM, 0);
      el_set(edit, EL_PREP_TERM, 1);
      el_set(edit, EL_REFRESH);
    }
    if ((ready[1].revents & POLLIN) != 0) {
      std::fputs("\r\x1b[K", stdout);
      self.hooks.on_wake();
      std::fflush(stdout);
      el_set(edit, EL_REFRESH);
    }
    if (ready[0].revents != 0)
      return read_wide(out);
  }
}

template <class Parts>
char* show_prompt(EditLine* edit) {
  return parts_of<Parts>(edit).prompt.data();
}

void use_utf8() {
  // Characters only: numbers keep the decimal point.
  std::setlocale(LC_CTYPE, "");
  if (std::strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
    std::setlocale(LC_CTYPE, "C.UTF-8");
}

} // namespace

line_editor::line_editor(std::filesystem::path history, editor_hooks hooks)
    : parts_(std::make_unique<parts>(std::move(history), std::move(hooks))) {
  use_utf8();
  auto& p = *parts_;
  p.history = history_init();
  ::history(p.history, &p.event, H_SETSIZE, static_cast<int>(history_log::capacity));
  ::history(p.history, &p.event, H_SETUNIQUE, 1);
  for (const auto& line : p.kept.lines())
    ::history(p.history, &p.event, H_ENTER, line.c_str());
  p.edit = el_init("dci-console", stdin, stdout, stderr);
  el_set(p.edit, EL_CLIENTDATA, &p);
  el_set(p.edit, EL_EDITOR, "emacs");
  el_set(p.edit, EL_HIST, ::history, p.history);
  el_set(p.edit, EL_PROMPT, show_prompt<parts>);
  el_set(p.edit, EL_GETCFN, read_key<parts>);
  el_set(p.edit, EL_ADDFN, "complete-name", "complete a name", complete_name<parts>);
  el_set(p.edit, EL_BIND, "^I", "complete-name", nullptr);
  el_set(p.edit, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  el_set(p.edit, EL_BIND, "\\e[1~", "ed-move-to-beg", nullptr);
  el_set(p.edit, EL_BIND, "\\e[4~", "ed-move-to-end", nullptr);
  el_set(p.edit, EL_BIND, "\\e[3~", "ed-delete-next-char", nullptr);
  el_set(p.edit, EL_BIND, "\\e[1;5C", "em-next-word", nullptr);
  el_set(p.edit, EL_BIND, "\\e[1;5D", "ed-prev-word", nullptr);
  // The person's own ~/.editrc has the last word.
  el_source(p.edit, nullptr);
}

line_editor::~line_editor() {
  el_end(parts_->edit);
  history_end(parts_->history);
}

line_end line_editor::read(const std::string& prompt, std::string& line) {
  parts_->prompt = prompt;
  int count = 0;
  const auto* text = el_gets(parts_->edit, &count);
  if (end_wanted())
    return line_end::closed;
  if (stop_wanted()) {
    std::fputs("^C\n", stdout);
    return line_end::interrupted;
  }
  if (text == nullptr || count <= 0)
    return line_end::closed;
  line.assign(text, static_cast<std::size_t>(count));
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r'))
    line.pop_back();
  return line_end::entered;
}

void line_editor::remember(const std::string& line) {
  if (line.find_first_not_of(" \t") == std::string::npos)
    return;
  ::history(parts_->history, &parts_->event, H_ENTER, line.c_str());
  parts_->kept.add(line);
}

std::filesystem::path history_file() {
  // The XDG rules ignore a relative path.
  if (const auto* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/')
    return std::filesystem::path{state} / "dci/history";
  if (const auto* home = std::getenv("HOME"); home != nullptr && *home == '/')
    return std::filesystem::path{home} / ".local/state/dci/history";
  return {};
}

} // namespace dci
