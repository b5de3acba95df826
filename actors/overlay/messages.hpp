// What the overlay's nodes say to one another. Each is one frame, and comes with the contact of
// whoever sent it.
#pragma once

#include <cstdint>
#include <tuple>
#include <variant>
#include <vector>

#include "actors/overlay/record_messages.hpp"
#include "net/contact.hpp"
#include "net/wire/padding.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

/// A lookup on its way to whoever answers for a key. Each hop says at once that it took it, so a
/// dead one is noticed by the hop before, which sends it another way.
struct lookup_step {
  std::uint64_t lookup = 0;
  std::uint32_t hop = 0;
  std::uint32_t hops = 0;
  bool last = false;
  node_id key;
  contact origin;
  std::vector<node_id> silent;

  static constexpr std::string_view type_name = "lookup_step";
  static constexpr auto fields() {
    using self = lookup_step;
    return std::tuple{required("lookup", &self::lookup, "the origin's number for it"),
                      required("hop", &self::hop, "the sender's number for this frame"),
                      required("hops", &self::hops, "how many nodes it went to before"),
                      required("last", &self::last, "the sender takes the receiver for the owner"),
                      required("key", &self::key, "what is looked for"),
                      required("origin", &self::origin, "who gets the answer"),
                      required("silent", &self::silent, "owners that did not answer")};
  }
};

struct lookup_taken {
  std::uint32_t hop = 0;

  static constexpr std::string_view type_name = "lookup_taken";
  static constexpr auto fields() {
    return std::tuple{required("hop", &lookup_taken::hop, "of the frame it answers")};
  }
};

/// From the owner of the key to the origin. No longer than a lookup_step, since that names the
/// origin and anybody can have named it.
struct lookup_found {
  std::uint64_t lookup = 0;
  std::uint32_t hops = 0;
  std::vector<contact> successors;

  static constexpr std::string_view type_name = "lookup_found";
  static constexpr auto fields() {
    using self = lookup_found;
    return std::tuple{required("lookup", &self::lookup, "the origin's number for it"),
                      required("hops", &self::hops, "how many nodes it went to"),
                      required("successors", &self::successors, "the owner's, nearest first")};
  }
};

/// To the node that the sender takes for its successor. As long as the answer may be, as are all
/// questions here: nobody can make a node send more than he sends himself.
struct neighbours_request {
  std::uint32_t nonce = 0;
  padding room;

  static constexpr std::string_view type_name = "neighbours_request";
  static constexpr auto fields() {
    using self = neighbours_request;
    return std::tuple{required("nonce", &self::nonce, "comes back in the answer"),
                      required("room", &self::room, "bytes that say nothing")};
  }
};

struct neighbours_reply {
  std::uint32_t nonce = 0;
  std::vector<contact> predecessor;
  std::vector<contact> successors;

  static constexpr std::string_view type_name = "neighbours_reply";
  static constexpr auto fields() {
    using self = neighbours_reply;
    return std::tuple{
        required("nonce", &self::nonce, "of the request"),
        required("predecessor", &self::predecessor, "before the request; none where it knows none"),
        required("successors", &self::successors, "nearest first")};
  }
};

/// From a node that came between the receiver and its successor. Answered by i_am_here.
struct new_successor {
  std::uint32_t nonce = 0;

  static constexpr std::string_view type_name = "new_successor";
  static constexpr auto fields() {
    return std::tuple{required("nonce", &new_successor::nonce, "comes back in the answer")};
  }
};

/// From a node that goes, to its neighbours.
struct leaving {
  std::vector<contact> predecessor;
  std::vector<contact> successors;

  static constexpr std::string_view type_name = "leaving";
  static constexpr auto fields() {
    using self = leaving;
    return std::tuple{required("predecessor", &self::predecessor, "the sender's, if it has one"),
                      required("successors", &self::successors, "the sender's, nearest first")};
  }
};

struct are_you_there {
  std::uint32_t nonce = 0;

  static constexpr std::string_view type_name = "are_you_there";
  static constexpr auto fields() {
    return std::tuple{required("nonce", &are_you_there::nonce, "comes back in the answer")};
  }
};

struct i_am_here {
  std::uint32_t nonce = 0;

  static constexpr std::string_view type_name = "i_am_here";
  static constexpr auto fields() {
    return std::tuple{required("nonce", &i_am_here::nonce, "of the question")};
  }
};

/// Asks for whom the receiver knows beyond its successors: a new node's table begins as its
/// neighbour's.
struct known_request {
  std::uint32_t nonce = 0;
  padding room;

  static constexpr std::string_view type_name = "known_request";
  static constexpr auto fields() {
    using self = known_request;
    return std::tuple{required("nonce", &self::nonce, "comes back in the answer"),
                      required("room", &self::room, "bytes that say nothing")};
  }
};

struct known_reply {
  std::uint32_t nonce = 0;
  std::vector<contact> known;

  static constexpr std::string_view type_name = "known_reply";
  static constexpr auto fields() {
    using self = known_reply;
    return std::tuple{
        required("nonce", &self::nonce, "of the request"),
        required("known", &self::known, "its fingers, as many as there was room for")};
  }
};

/// Asks whom the receiver knows near a key.
struct closest_request {
  std::uint32_t nonce = 0;
  bool last = false;
  node_id key;
  std::vector<node_id> silent;
  padding room;

  static constexpr std::string_view type_name = "closest_request";
  static constexpr auto fields() {
    using self = closest_request;
    return std::tuple{required("nonce", &self::nonce, "comes back in the answer"),
                      required("last", &self::last, "the sender takes the receiver for the owner"),
                      required("key", &self::key, "what is looked for"),
                      required("silent", &self::silent, "nodes that did not answer the sender"),
                      required("room", &self::room, "bytes that say nothing")};
  }
};

struct closest_reply {
  std::uint32_t nonce = 0;
  std::vector<contact> owner;
  std::vector<contact> nodes;

  static constexpr std::string_view type_name = "closest_reply";
  static constexpr auto fields() {
    using self = closest_reply;
    return std::tuple{required("nonce", &self::nonce, "of the request"),
                      required("owner", &self::owner, "of the key; none where it is not known"),
                      required("nodes", &self::nodes, "known ones, the nearest to the key first")};
  }
};

using overlay_message =
    std::variant<lookup_step, lookup_taken, lookup_found, neighbours_request, neighbours_reply,
                 new_successor, leaving, are_you_there, i_am_here, known_request, known_reply,
                 closest_request, closest_reply, store_request, store_reply, fetch_request,
                 fetch_reply, replicate, range_check, range_state, range_tags, range_tags_reply,
                 records_request, records_reply>;

} // namespace dci
