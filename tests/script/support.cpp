#include "tests/script/support.hpp"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "net/free_port.hpp"

namespace dci::test {
namespace {

std::string contents(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

} // namespace

temporary_folder::temporary_folder() {
  auto pattern = (std::filesystem::temp_directory_path() / "dci-script-XXXXXX").string();
  REQUIRE(mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path temporary_folder::write(const std::string& name,
                                              const std::string& text) const {
  std::ofstream(path_ / name, std::ios::binary) << text;
  return path_ / name;
}

program_outcome run_console(const std::string& words, const std::string& before) {
  const temporary_folder folder;
  const auto out = folder.path() / "out";
  const auto err = folder.path() / "err";
  const std::string command =
      "cd " DCI_SOURCE_DIR " && { " + before + " timeout 60 " DCI_BIN_DIR "/dci-console " + words +
      "; } >" + out.string() + " 2>" + err.string() + (before.empty() ? " </dev/null" : "");
  const auto start = std::chrono::steady_clock::now();
  const int status = std::system(command.c_str());
  program_outcome result;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.out = contents(out);
  result.err = contents(err);
  return result;
}

std::string hosts_toml(std::size_t hosts) {
  const auto ports = free_loopback_ports(hosts);
  REQUIRE(ports);
  const char* const names[] = {"alpha", "beta", "gamma"};
  std::string out;
  for (std::size_t i = 0; i < hosts; ++i)
    out += std::string{"[[host]]\nname = \""} + names[i] +
           "\"\naddress = \"127.0.0.1:" + std::to_string((*ports)[i]) + "\"\n";
  return out;
}

scripted::scripted() {
  auto made = session::start("warn", {});
  REQUIRE(made);
  session_ = std::move(*made);
  lua_ = std::make_unique<interpreter>(*session_);
}

void scripted::run(const std::string& code) {
  const auto failed = lua_->run_code(code, "=test");
  CAPTURE(code);
  REQUIRE_MESSAGE(!failed, (failed ? failed->text : ""));
}

json scripted::value(const std::string& expression) {
  run("dci_test_value = (function() return " + expression + " end)()");
  auto* L = lua_->state();
  lua_getglobal(L, "dci_test_value");
  auto out = lua_to_json(L, -1, expression);
  lua_pop(L, 1);
  REQUIRE_MESSAGE(out, (out ? "" : out.error().message));
  return *out;
}

std::string scripted::failure(const std::string& code) {
  run("local ok, err = pcall(function() " + code +
      " end)\n"
      "dci_test_error = ok and 'no failure' or\n"
      "  type(err) == 'table' and err.code .. ': ' .. err.message or tostring(err)");
  return value("dci_test_error").get<std::string>();
}

} // namespace dci::test
