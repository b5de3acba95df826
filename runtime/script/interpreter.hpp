// Lua with its standard libraries, the table dci and help().
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/script/context.hpp"

namespace dci {

/// nullopt: it ran to its end, or called os.exit (see context().exit_code).
using run_outcome = std::optional<fault>;

class interpreter {
 public:
  /// console must outlive it.
  explicit interpreter(session& console);

  lua_State* state() const {
    return lua_.get();
  }
  script_context& context() const {
    return *context_;
  }

  /// A file, or standard input for "-". Exit codes of a fault: 2 when it cannot
  /// be read or is not Lua, an error object's own, else 1.
  run_outcome run_file(const std::string& path, const std::vector<std::string>& arguments);
  run_outcome run_code(const std::string& code, const std::string& name);

  /// Whether more lines are needed to make these a chunk.
  bool is_incomplete(const std::string& lines);
  /// Runs what a person typed and prints its values.
  run_outcome run_typed(const std::string& lines);

 private:
  struct close_state {
    void operator()(lua_State* L) const {
      lua_close(L);
    }
  };
  run_outcome run(int arguments, int results);
  run_outcome bad_chunk(int status);

  std::unique_ptr<script_context> context_;
  std::unique_ptr<lua_State, close_state> lua_;
};

} // namespace dci
