// What the members of a network say to one another about who is there. Each is one datagram, and
// comes with the contact of whoever sent and signed it.
#pragma once

#include <cstdint>
#include <memory>
#include <tuple>
#include <variant>
#include <vector>

#include "net/contact.hpp"
#include "net/identity/node_key.hpp"
#include "net/wire/padding.hpp"
#include "runtime/base/node_id.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

/// A node's own word that it is there, or that it leaves. A higher incarnation replaces a lower
/// one; only the node itself can raise it.
struct presence {
  contact node;
  std::uint32_t incarnation = 0;
  bool leaves = false;
  public_key key{};
  key_signature signed_by_node{};

  static constexpr std::string_view type_name = "presence";
  static constexpr auto fields() {
    using self = presence;
    return std::tuple{required("node", &self::node, "who, and where"),
                      required("incarnation", &self::incarnation, "how often it said so"),
                      required("leaves", &self::leaves, "it goes"),
                      required("key", &self::key, "of which the id is the SHA-256"),
                      required("signature", &self::signed_by_node, "of all before")};
  }
};
/// Held and handed on by many; never changed.
using presence_ptr = std::shared_ptr<const presence>;

/// A member's word that another one did not answer it, nor others in its name.
struct suspicion {
  node_id suspect;
  std::uint32_t incarnation = 0;
  node_id accuser;
  public_key key{};
  key_signature signed_by_accuser{};

  static constexpr std::string_view type_name = "suspicion";
  static constexpr auto fields() {
    using self = suspicion;
    return std::tuple{required("suspect", &self::suspect, "who did not answer"),
                      required("incarnation", &self::incarnation, "of the suspect"),
                      required("accuser", &self::accuser, "who says so"),
                      required("key", &self::key, "of the accuser"),
                      required("signature", &self::signed_by_accuser, "of all before")};
  }
};

/// A node is dead: so many members say so that no single one can lie about it.
struct death {
  std::vector<suspicion> accusations;

  static constexpr std::string_view type_name = "death";
  static constexpr auto fields() {
    return std::tuple{required("accusations", &death::accusations, "of different members")};
  }
};

using news = std::variant<presence_ptr, suspicion, std::shared_ptr<const death>>;

struct member_ping {
  std::uint32_t number = 0;
  std::uint64_t digest = 0;
  std::vector<news> tidings;

  static constexpr std::string_view type_name = "member_ping";
  static constexpr auto fields() {
    using self = member_ping;
    return std::tuple{required("number", &self::number, "comes back in the answer"),
                      required("digest", &self::digest, "of all members the sender knows"),
                      required("tidings", &self::tidings, "what the receiver may not know")};
  }
};

/// Answers a ping, or hands the answer on to whoever asked for it.
struct member_ack {
  std::uint32_t number = 0;
  std::vector<news> tidings;

  static constexpr std::string_view type_name = "member_ack";
  static constexpr auto fields() {
    using self = member_ack;
    return std::tuple{required("number", &self::number, "of the ping"),
                      required("tidings", &self::tidings, "what the receiver may not know")};
  }
};

/// Asks to ping somebody else, who did not answer.
struct ping_for_me {
  std::uint32_t number = 0;
  contact whom;

  static constexpr std::string_view type_name = "ping_for_me";
  static constexpr auto fields() {
    using self = ping_for_me;
    return std::tuple{required("number", &self::number, "comes back in the answer"),
                      required("whom", &self::whom, "who did not answer")};
  }
};

/// News alone, not answered.
struct member_news {
  std::vector<news> tidings;

  static constexpr std::string_view type_name = "member_news";
  static constexpr auto fields() {
    return std::tuple{required("tidings", &member_news::tidings, "what the receiver may not know")};
  }
};

/// Asks for members behind an id. As long as the answer may be, so that nobody can make a node send
/// more than he sends himself.
struct members_request {
  node_id after;
  padding filler;

  static constexpr std::string_view type_name = "members_request";
  static constexpr auto fields() {
    using self = members_request;
    return std::tuple{required("after", &self::after, "the last one known"),
                      required("filler", &self::filler, "bytes that say nothing")};
  }
};

struct members_reply {
  std::vector<presence_ptr> members;

  static constexpr std::string_view type_name = "members_reply";
  static constexpr auto fields() {
    return std::tuple{
        required("members", &members_reply::members, "those that follow; none: there are no more")};
  }
};

using membership_message =
    std::variant<member_ping, member_ack, ping_for_me, member_news, members_request, members_reply>;

} // namespace dci
