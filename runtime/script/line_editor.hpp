// Lines from a person at a terminal: editing, history, completion, and lines of
// others that appear above what is being typed.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/script/completion.hpp"

namespace dci {

struct editor_hooks {
  /// Names for what was begun before the cursor.
  std::function<completion(std::string_view line)> complete;
  /// Called when wake() was: prints lines with whole_lines(). The terminal's
  /// cursor is at the start of an empty line.
  std::function<void()> on_wake;
};

/// What ended a line.
enum class line_end { entered, interrupted, closed };

class line_editor {
 public:
  /// history: read now, added to with every line; it may be missing.
  line_editor(std::filesystem::path history, editor_hooks hooks);
  ~line_editor();
  line_editor(const line_editor&) = delete;
  line_editor& operator=(const line_editor&) = delete;

  /// Reads one line, without its end. closed: Ctrl-D, or the program is to end.
  line_end read(const std::string& prompt, std::string& line);
  /// Puts a line into the history.
  void remember(const std::string& line);

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

/// $XDG_STATE_HOME/dci/history, or ~/.local/state/dci/history; empty when there
/// is no home.
std::filesystem::path history_file();

} // namespace dci
