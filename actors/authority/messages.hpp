// What an authority is asked and what it answers; nodes without certificates ask the same over TLS.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "actors/refusal_count.hpp"
#include "net/identity/bytes.hpp"
#include "runtime/base/json_bytes.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

/// What a topology file or the console says when it makes one. Admitted are the nodes of the list,
/// or whoever knows the token: one of both must be given. Who holds a certificate that was got by
/// the token gets the next one without.
struct authority_config {
  std::filesystem::path folder;
  std::string listen;
  std::vector<std::string> nodes;
  std::filesystem::path token_file;
  std::uint32_t hours = 24;
  std::uint32_t seconds = 0;

  static constexpr std::string_view type_name = "authority_config";
  static constexpr auto fields() {
    using self = authority_config;
    return std::tuple{
        required("folder", &self::folder, "as dci-runtime authority create has made it"),
        required("listen", &self::listen, "HOST:PORT where nodes ask for certificates"),
        field("nodes", &self::nodes, "who gets one: ids"),
        field("token_file", &self::token_file,
              "or whoever knows what is in this file (mode 0600, 16 characters at least)"),
        field("hours", &self::hours, "how long a certificate holds"),
        field("seconds", &self::seconds, "or so long, where an hour is too long")};
  }
};

/// A certificate for the key that has signed this request. Answered by certify_reply. Errors:
/// refused; bad_message for a request that cannot be read.
struct certify_request {
  byte_vector request;
  std::string token;

  static constexpr std::string_view type_name = "certify_request";
  static constexpr auto fields() {
    using self = certify_request;
    return std::tuple{required("request", &self::request, "PKCS#10, as DER"),
                      field("token", &self::token,
                            "where the authority asks for one; empty of who has a certificate")};
  }
};

struct certify_reply {
  byte_vector certificate;

  static constexpr std::string_view type_name = "certify_reply";
  static constexpr auto fields() {
    return std::tuple{required("certificate", &certify_reply::certificate, "X.509, as DER")};
  }
};

/// Withdraws all certificates of a node; it gets none any more. Where the authority's host has
/// credentials, gossip spreads the news. Answered by withdraw_reply. Errors: bad_config.
struct withdraw_request {
  std::string node;
  std::string reason = "unspecified";

  static constexpr std::string_view type_name = "withdraw_request";
  static constexpr auto fields() {
    using self = withdraw_request;
    return std::tuple{required("node", &self::node, "its id, 64 hexadecimal digits"),
                      field("reason", &self::reason, "such as key_compromise")};
  }
};

struct withdraw_reply {
  std::string list;

  static constexpr std::string_view type_name = "withdraw_reply";
  static constexpr auto fields() {
    return std::tuple{required("list", &withdraw_reply::list, "the new revocation list, as PEM")};
  }
};

/// What went on at the authority? Answered by authority_description.
struct authority_describe_request {
  static constexpr std::string_view type_name = "authority_describe_request";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

struct authority_description {
  std::string name;
  std::string address;
  std::uint64_t issued = 0;
  std::vector<refusal_count> refused;

  static constexpr std::string_view type_name = "authority_description";
  static constexpr auto fields() {
    using self = authority_description;
    return std::tuple{field("name", &self::name, "its own"),
                      field("address", &self::address, "where nodes ask"),
                      field("issued", &self::issued, "certificates, since it began"),
                      field("refused", &self::refused, "questions, by reason")};
  }
};

/// Over TLS: why there is no certificate.
struct certify_refusal {
  std::string code;
  std::string message;

  static constexpr std::string_view type_name = "certify_refusal";
  static constexpr auto fields() {
    return std::tuple{required("code", &certify_refusal::code, "one word"),
                      required("message", &certify_refusal::message, "and what to do")};
  }
};
using certify_answer = std::variant<certify_reply, certify_refusal>;

} // namespace dci
