// Bytes as hexadecimal digits, two a byte, in lower case.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dci {

std::string to_hex(std::span<const std::uint8_t> bytes);
/// The inverse of to_hex; nullopt for anything else.
std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text);
/// The same into exactly so many bytes; false for anything else, and out is unspecified.
bool from_hex(std::string_view text, std::span<std::uint8_t> out);

} // namespace dci
