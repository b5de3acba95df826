// JSON out of files nobody vouches for.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "runtime/base/error.hpp"

namespace dci {

/// Parses strictly: no comments, no duplicate keys, at most 32 levels deep.
/// label: the file's name in messages. Errors: bad_file naming line and column.
expected<nlohmann::json> parse_json(const std::string& label, std::string_view text);

/// A value in a message: as JSON, on one line, cut after 60 bytes.
std::string brief(const nlohmann::json& value);

} // namespace dci
