#include <doctest/doctest.h>

#include "runtime/base/log.hpp"
#include "runtime/base/log_limit.hpp"

namespace dci {
namespace {

/// Puts the default logger back, for the tests that follow.
struct keep_logger {
  std::shared_ptr<spdlog::logger> before = spdlog::default_logger();

  keep_logger() = default;
  ~keep_logger() {
    spdlog::set_default_logger(before);
  }
  keep_logger(const keep_logger&) = delete;
  keep_logger& operator=(const keep_logger&) = delete;
};

TEST_CASE("log levels by name") {
  const keep_logger keep;
  const std::vector<std::pair<std::string, spdlog::level::level_enum>> levels{
      {"trace", spdlog::level::trace}, {"debug", spdlog::level::debug},
      {"info", spdlog::level::info},   {"warn", spdlog::level::warn},
      {"error", spdlog::level::err},   {"off", spdlog::level::off},
  };
  for (const auto& [name, level] : levels) {
    CAPTURE(name);
    REQUIRE(start_logging(name, "alpha"));
    CHECK(spdlog::default_logger()->level() == level);
    CHECK(spdlog::default_logger()->name() == "alpha");
  }
}

TEST_CASE("an unknown log level is an error that lists the known ones and changes nothing") {
  const keep_logger keep;
  REQUIRE(start_logging("debug", "alpha"));
  for (const auto* name : {"loud", "", "INFO", "off "}) {
    CAPTURE(name);
    const auto started = start_logging(name, "beta");
    REQUIRE(!started);
    CHECK(started.error().code == errc::usage);
    CHECK(started.error().message.find("trace, debug, info, warn, error or off") !=
          std::string::npos);
  }
  CHECK(spdlog::default_logger()->name() == "alpha");
  CHECK(spdlog::default_logger()->level() == spdlog::level::debug);
}

} // namespace
} // namespace dci

TEST_CASE("a line that others cause is written once a second") {
  using std::chrono::milliseconds;
  dci::log_limit limit;
  const dci::log_limit::clock::time_point begin{std::chrono::hours{1}};
  CHECK(limit.allows(begin));
  CHECK(!limit.allows(begin));
  CHECK(!limit.allows(begin + milliseconds{999}));
  CHECK(limit.allows(begin + milliseconds{1000}));
  CHECK(!limit.allows(begin + milliseconds{1999}));
}
