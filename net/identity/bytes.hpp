// Words that all of net/identity uses: bytes, wall-clock time, and how much
// input is looked at before a parser sees it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace dci {

using byte_view = std::span<const std::uint8_t>;
using byte_vector = std::vector<std::uint8_t>;

/// UTC, in seconds. Validity is always judged by a time that the caller gives.
using wall_time = std::chrono::sys_seconds;

/// "2026-01-31 23:59:59 UTC".
std::string date_text(wall_time t);

inline constexpr std::size_t max_certificate_bytes = 16 * 1024;
inline constexpr std::size_t max_request_bytes = 16 * 1024;
inline constexpr std::size_t max_revocation_list_bytes = 1024 * 1024;
inline constexpr std::size_t max_key_file_bytes = 64 * 1024;
inline constexpr std::size_t max_ledger_bytes = 16 * 1024 * 1024;
/// That one peer may show.
inline constexpr std::size_t max_certificates = 16;

} // namespace dci
