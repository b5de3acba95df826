#include "runtime/base/log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>

namespace dci {

result start_logging(const std::string& level, const std::string& origin) {
  const auto parsed = spdlog::level::from_str(level);
  // from_str answers "off" for any word it does not know.
  if (parsed == spdlog::level::off && level != "off")
    return fail(errc::usage, "log level \"" + level +
                                 "\" is unknown; choose trace, debug, info, warn, error or off");
  auto logger = std::make_shared<spdlog::logger>(
      origin, std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_level(parsed);
  logger->set_pattern("%H:%M:%S.%e %^%l%$ [%n] %v");
  spdlog::set_default_logger(std::move(logger));
  return {};
}

} // namespace dci
