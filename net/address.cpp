#include "net/address.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <arpa/inet.h>

#include "net/shown.hpp"

namespace dci {
namespace {

constexpr std::size_t longest_name = 253; // RFC 1035

/// The literal in its shortest spelling; nullopt when it is none.
std::optional<std::string> literal(int family, const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  std::array<char, INET6_ADDRSTRLEN> out{};
  // A NUL would hide what follows it from inet_pton.
  if (text.find('\0') != std::string::npos || inet_pton(family, text.c_str(), bytes.data()) != 1 ||
      !inet_ntop(family, bytes.data(), out.data(), out.size()))
    return {};
  return std::string{out.data()};
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

/// The host of "HOST:PORT", or nullopt.
std::optional<std::string> read_host(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']'))
    return literal(AF_INET6, std::string{text.substr(1, text.size() - 2)});
  if (auto v4 = literal(AF_INET, std::string{text}))
    return v4;
  std::string name{text};
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  // Digits and dots alone are a mistyped IPv4 address, never a name.
  const bool numeric = name.find_first_not_of("0123456789.") == std::string::npos;
  if (numeric || name.size() > longest_name || name.starts_with('.') || name.starts_with('-') ||
      !std::all_of(name.begin(), name.end(), is_name_character))
    return {};
  return name;
}

} // namespace

expected<address> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  const auto host =
      colon == std::string_view::npos ? std::nullopt : read_host(text.substr(0, colon));
  if (!host) {
    const bool bare_v6 = text.find(':') != colon && !text.starts_with('[');
    return fail(errc::bad_config,
                shown(text) + " is not HOST:PORT; write for example " +
                    (bare_v6 ? "[::1]:4701 (an IPv6 host in brackets)" : "127.0.0.1:4701"));
  }
  const auto digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (ec != std::errc{} || end != digits.data() + digits.size() || port == 0)
    return fail(errc::bad_config, shown(digits) + " is no port in " + shown(text) +
                                      "; write one from 1 to 65535, for example 4701");
  return address{*host, port};
}

std::string to_string(const address& a) {
  const auto port = ":" + std::to_string(a.port);
  return a.host.find(':') == std::string::npos ? a.host + port : "[" + a.host + "]" + port;
}

bool is_loopback(const address& a) {
  if (a.host == "localhost")
    return true;
  if (const auto v4 = literal(AF_INET, a.host))
    return v4->starts_with("127.");
  return literal(AF_INET6, a.host) == "::1";
}

bool is_host_name(const address& a) {
  return !literal(AF_INET, a.host) && !literal(AF_INET6, a.host);
}

} // namespace dci
