// dci-console: flags to options, errors to exit codes.
#include <cstdio>

#include <CLI/CLI.hpp>

#include "runtime/base/log.hpp"
#include "runtime/base/version.hpp"
#include "runtime/host/exit_watchdog.hpp"
#include "runtime/script/console.hpp"
#include "runtime/script/interrupts.hpp"

namespace {

int finish(const dci::error& e) {
  std::fprintf(stderr, "dci-console: %s\n", e.message.c_str());
  return dci::exit_code(e.code);
}

/// The first word that is no flag is the script; what follows is for it.
dci::result take_script(const std::vector<std::string>& words, dci::console_options& options) {
  if (words.empty())
    return {};
  if (words.front().size() > 1 && words.front().front() == '-')
    return dci::fail(dci::errc::usage, words.front() + " is no flag of dci-console; see --help");
  options.script = words.front();
  options.arguments.assign(words.begin() + 1, words.end());
  return {};
}

int run(dci::console_options options) {
  dci::catch_signals();
  auto console = dci::console::start(std::move(options));
  const auto code = console ? (*console)->run() : finish(console.error());
  // Frozen peers do not hold up the end.
  dci::exit_at_latest(std::chrono::seconds{3}, code);
  if (console)
    (*console)->end();
  dci::exit_at_latest(std::chrono::milliseconds{300}, code);
  return code;
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"dci-console: Lua for rings and actors, line by line or from a script"};
  app.set_version_flag("--version", std::string{dci::version});
  app.prefix_command();
  app.footer(
      "Afterwards: [SCRIPT.lua [ARGUMENTS...]]; \"-\" reads the script from standard input.");
  dci::console_options options;
  app.add_option("-e", options.code, "run this Lua code first; may be repeated")
      ->allow_extra_args(false)
      ->type_name("CODE");
  app.add_option("--attach", options.attach, "connect to a running host: dci.attached()")
      ->type_name("HOST:PORT");
  app.add_option("--credentials", options.credentials, "a credentials file, where hosts have one");
  app.add_option("--topology", options.topology, "launch this file's hosts: dci.launched()")
      ->type_name("FILE");
  app.add_option("--log-level", options.log_level, "trace, debug, info, warn, error or off");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const auto code = app.exit(e);
    return code == 0 ? 0 : dci::exit_code(dci::errc::usage);
  }
  auto ready = take_script(app.remaining(), options);
  if (ready)
    ready = dci::start_logging(options.log_level, "console");
  dci::end_process(ready ? run(std::move(options)) : finish(ready.error()));
}
