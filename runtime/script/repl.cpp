#include "runtime/script/repl.hpp"

#include <cstdio>

#include "runtime/base/version.hpp"
#include "runtime/script/line_editor.hpp"

namespace dci {
namespace {

void greet(const script_context& context) {
  std::printf("dci-console %s on Lua %s.%s. help() says what there is; Ctrl-D leaves.\n",
              std::string{version}.c_str(), LUA_VERSION_MAJOR, LUA_VERSION_MINOR);
  for (const auto& host : context.console.hosts())
    if (!host->address.empty())
      std::printf("host %s at %s\n", host->name.c_str(), host->address.c_str());
}

/// Collects lines until they make a chunk. False at the end of input; an
/// interrupted chunk is empty.
bool read_chunk(interpreter& lua, line_editor& editor, std::string& chunk) {
  chunk.clear();
  for (;;) {
    std::string line;
    switch (editor.read(chunk.empty() ? "dci> " : "...> ", line)) {
      case line_end::closed:
        std::fputs("\n", stdout);
        return false;
      case line_end::interrupted:
        clear_interrupt();
        chunk.clear();
        return true;
      case line_end::entered:
        break;
    }
    editor.remember(line);
    chunk += (chunk.empty() ? "" : "\n") + line;
    if (!lua.is_incomplete(chunk))
      return true;
  }
}

} // namespace

int read_and_run(interpreter& lua, notices& others) {
  auto& context = lua.context();
  context.interactive = true;
  editor_hooks hooks;
  hooks.complete = [&](std::string_view line) { return complete(lua.state(), line); };
  hooks.on_wake = [&] {
    others.show();
    pump_events(lua.state());
  };
  line_editor editor(history_file(), std::move(hooks));
  greet(context);
  std::string chunk;
  for (;;) {
    pump_events(lua.state());
    std::fflush(stdout);
    others.set_editing(true);
    const bool more = read_chunk(lua, editor, chunk);
    others.set_editing(false);
    others.show();
    if (!more)
      return 0;
    if (const auto failed = lua.run_typed(chunk)) {
      // The terminal shows ^C without a new line.
      std::fprintf(stderr, "%s%s\n", stop_wanted() ? "\n" : "", failed->text.c_str());
    }
    if (context.exit_code)
      return *context.exit_code;
    // What Ctrl-C interrupted is over.
    clear_interrupt();
  }
}

} // namespace dci
