// What a node, the supervisor of one host, is asked and answers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "actors/handles.hpp"
#include "actors/refusal_count.hpp"
#include "runtime/base/json_codec.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

/// An actor the node looks after.
struct actor_info {
  std::string name;
  std::string type;
  actor_ref actor;

  static constexpr std::string_view type_name = "actor_info";
  static constexpr auto fields() {
    return std::tuple{field("name", &actor_info::name, "unique on its host"),
                      field("type", &actor_info::type, "as registered"),
                      field("actor", &actor_info::actor, "where to send")};
  }
};

struct node_describe_request {
  static constexpr std::string_view type_name = "node_describe_request";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

struct node_description {
  std::string host;
  std::string version;
  std::uint64_t process = 0;
  std::string machine;
  std::uint64_t memory_bytes = 0;
  bool memory_is_set = false;
  std::vector<actor_info> actors;
  std::vector<refusal_count> refused;
  std::vector<refusal_count> frames_dropped;
  std::string certificates_until;
  std::string renewal_trouble;

  static constexpr std::string_view type_name = "node_description";
  static constexpr auto fields() {
    using self = node_description;
    return std::tuple{
        field("host", &self::host, "its name"),
        field("version", &self::version, "of dci-runtime"),
        field("process", &self::process, "its process id"),
        field("machine", &self::machine, "the same for all hosts of one running machine"),
        field("memory_bytes", &self::memory_bytes, "memory for models: set, or available at start"),
        field("memory_is_set", &self::memory_is_set, "whether its owner set it"),
        field("actors", &self::actors, "what runs on it"),
        field("refused", &self::refused, "hosts whose credentials were refused, by reason"),
        field("frames_dropped", &self::frames_dropped, "by ZeroMQ's port, by reason"),
        field("certificates_until", &self::certificates_until,
              "when the first of its own ends; empty of a host without"),
        field("renewal_trouble", &self::renewal_trouble,
              "why it has no newer ones, where it should; empty: nothing is wrong"),
    };
  }
};

/// A revocation list of an authority, to be believed for its signature, whoever brings it. Live
/// connections to whom it revokes are closed. Answered by revocations_reply. Errors: unsupported
/// where this host has no credentials; bad_file, bad_message, refused.
struct revocations_request {
  std::string pem;

  static constexpr std::string_view type_name = "revocations_request";
  static constexpr auto fields() {
    return std::tuple{required("pem", &revocations_request::pem, "the list, as PEM text")};
  }
};

struct revocations_reply {
  bool is_new = false;

  static constexpr std::string_view type_name = "revocations_reply";
  static constexpr auto fields() {
    return std::tuple{
        field("is_new", &revocations_reply::is_new, "false: it, or a newer one, was known")};
  }
};

/// Starts an actor of a registered type. Answered by actor_info. Errors:
/// not_found for the type, already_exists for the name, bad_config for the
/// settings.
struct spawn_request {
  std::string type;
  std::string name;
  std::string settings = "{}";
  actor_ref owner;

  static constexpr std::string_view type_name = "spawn_request";
  static constexpr auto fields() {
    return std::tuple{required("type", &spawn_request::type, "a registered type"),
                      required("name", &spawn_request::name, "unique on this host"),
                      field("settings", &spawn_request::settings, "that type's settings, as JSON"),
                      field("owner", &spawn_request::owner, "whose end is its end")};
  }
};

/// Answered by actor_info. Errors: not_found.
struct find_request {
  std::string name;

  static constexpr std::string_view type_name = "find_request";
  static constexpr auto fields() {
    return std::tuple{required("name", &find_request::name, "of the actor")};
  }
};

/// Stops an actor; answered by actor_info once it is gone.
struct stop_request {
  std::string name;

  static constexpr std::string_view type_name = "stop_request";
  static constexpr auto fields() {
    return std::tuple{required("name", &stop_request::name, "of the actor")};
  }
};

/// Connects this host to another one. Answered by dial_reply. Errors:
/// unreachable when nobody answers within the wait.
struct dial_request {
  std::string address;
  std::uint32_t wait_ms = 10000;

  static constexpr std::string_view type_name = "dial_request";
  static constexpr auto fields() {
    return std::tuple{required("address", &dial_request::address, "HOST:PORT"),
                      field("wait_ms", &dial_request::wait_ms, "how long to keep trying")};
  }
};

struct dial_reply {
  actor_ref node;

  static constexpr std::string_view type_name = "dial_reply";
  static constexpr auto fields() {
    return std::tuple{field("node", &dial_reply::node, "the other host's node")};
  }
};

/// Sends actor_event for everything that starts or ends here, until the
/// watcher is gone. Answered by node_description.
struct watch_request {
  actor_ref watcher;

  static constexpr std::string_view type_name = "watch_request";
  static constexpr auto fields() {
    return std::tuple{required("watcher", &watch_request::watcher, "who wants to know")};
  }
};

/// Something started or ended on a host.
struct actor_event {
  std::string host;
  std::string name;
  std::string type;
  std::string what;
  std::string reason;

  static constexpr std::string_view type_name = "actor_event";
  static constexpr auto fields() {
    using self = actor_event;
    return std::tuple{field("host", &self::host, "where"), field("name", &self::name, "who"),
                      field("type", &self::type, "its type"),
                      field("what", &self::what, "started or ended"),
                      field("reason", &self::reason, "why it ended")};
  }
};

/// Stays inside the node: try that address again.
struct dial_again {
  std::uint64_t dial = 0;

  static constexpr bool stays_inside = true;
  static constexpr std::string_view type_name = "dial_again";
  static constexpr auto fields() {
    return std::tuple{field("dial", &dial_again::dial, "which attempt")};
  }
};

/// Where does this host hear frames over ZeroMQ? Opens its port, if it is not open yet. Answered
/// by frame_contact. Errors: unreachable where it cannot listen.
struct frames_request {
  static constexpr std::string_view type_name = "frames_request";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

} // namespace dci
