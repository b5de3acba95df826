#include "runtime/script/console.hpp"

#include <csignal>
#include <cstdio>

#include <unistd.h>

#include "runtime/script/repl.hpp"

namespace dci {
namespace {

/// Threads started meanwhile never see these signals: the main thread does.
class signals_blocked {
 public:
  signals_blocked() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGCONT})
      sigaddset(&set, signal);
    pthread_sigmask(SIG_BLOCK, &set, &before_);
  }
  ~signals_blocked() {
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  signals_blocked(const signals_blocked&) = delete;
  signals_blocked& operator=(const signals_blocked&) = delete;

 private:
  sigset_t before_{};
};

expected<std::unique_ptr<session>> start_session(const console_options& wanted) {
  const signals_blocked block;
  return session::start(wanted.log_level, wanted.credentials);
}

} // namespace

struct console::parts {
  console_options options;
  std::shared_ptr<notices> others = std::make_shared<notices>();
  std::unique_ptr<session> known;
  std::unique_ptr<interpreter> lua; ///< after known: its objects refer to it
  bool interactive = false;
};

console::console(std::unique_ptr<parts> p) : parts_(std::move(p)) {
}

expected<std::unique_ptr<console>> console::start(console_options options) {
  auto p = std::make_unique<parts>();
  p->options = std::move(options);
  auto& wanted = p->options;
  if (wanted.script.empty() && wanted.code.empty()) {
    p->interactive = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
    if (!p->interactive)
      wanted.script = std::string(1, '-');
  }
  if (p->interactive)
    log_through(p->others);
  DCI_ASSIGN(p->known, start_session(wanted));
  p->lua = std::make_unique<interpreter>(*p->known);
  auto& context = p->lua->context();
  if (!wanted.attach.empty()) {
    DCI_ASSIGN(context.attached, p->known->attach(wanted.attach, std::chrono::seconds{10}));
  }
  if (!wanted.topology.empty()) {
    DCI_ASSIGN(context.topology, p->known->launch(wanted.topology, std::chrono::seconds{20}));
  }
  return std::unique_ptr<console>{new console(std::move(p))};
}

console::~console() = default;

void console::end() {
  parts_->lua.reset();
  parts_->known->end();
}

int console::run() {
  auto& p = *parts_;
  auto& lua = *p.lua;
  if (p.interactive)
    return read_and_run(lua, *p.others);
  run_outcome failed;
  for (const auto& code : p.options.code)
    if (!failed && !lua.context().exit_code)
      failed = lua.run_code(code, "=-e");
  if (!p.options.script.empty() && !failed && !lua.context().exit_code)
    failed = lua.run_file(p.options.script, p.options.arguments);
  pump_events(lua.state());
  std::fflush(stdout);
  if (lua.context().exit_code)
    return *lua.context().exit_code;
  if (!failed)
    return 0;
  std::fprintf(stderr, "dci-console: %s\n", failed->text.c_str());
  return failed->exit_code;
}

} // namespace dci
