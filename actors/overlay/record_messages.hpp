// What nodes say to one another about records: values that the overlay keeps under keys.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <tuple>
#include <vector>

#include "net/contact.hpp"
#include "net/identity/node_key.hpp"
#include "net/wire/padding.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

/// A value under a name of 256 bits, as its publisher signed it. A node's descriptor, or that it
/// holds layers a..b of a model. Several publishers can have one each under the same name.
struct overlay_record {
  node_id name;
  node_id publisher;
  std::uint64_t version = 0;
  std::uint64_t expires = 0;
  std::vector<std::uint8_t> value;
  public_key key{};
  key_signature signed_by_publisher{};

  static constexpr std::string_view type_name = "overlay_record";
  static constexpr auto fields() {
    using self = overlay_record;
    return std::tuple{required("name", &self::name, "where on the ring it belongs"),
                      required("publisher", &self::publisher, "whose word it is"),
                      required("version", &self::version, "higher ones replace lower ones"),
                      required("expires", &self::expires, "in seconds since 1970"),
                      required("value", &self::value, "bytes for whoever asks"),
                      required("key", &self::key, "of which the publisher is the SHA-256"),
                      required("signature", &self::signed_by_publisher, "of all before")};
  }
};
/// Held and handed on by many; never changed.
using record_ptr = std::shared_ptr<const overlay_record>;

/// Names one version of a record.
struct record_tag {
  node_id name, publisher;
  std::uint64_t version = 0;

  static constexpr std::string_view type_name = "record_tag";
  static constexpr auto fields() {
    using self = record_tag;
    return std::tuple{required("name", &self::name, "of the record"),
                      required("publisher", &self::publisher, "of the record"),
                      required("version", &self::version, "of the record")};
  }
};

/// The owner's word that somebody else answers for the names in (after, until]. He answers
/// himself, so there is one hop at most.
struct record_redirect {
  node_id after, until;
  contact holder;
  node_id issuer;
  std::uint64_t expires = 0;
  public_key key{};
  key_signature signed_by_issuer{};

  static constexpr std::string_view type_name = "record_redirect";
  static constexpr auto fields() {
    using self = record_redirect;
    return std::tuple{required("after", &self::after, "names behind this one"),
                      required("until", &self::until, "up to this one"),
                      required("holder", &self::holder, "who answers"),
                      required("issuer", &self::issuer, "who says so: the names' owner"),
                      required("expires", &self::expires, "in seconds since 1970"),
                      required("key", &self::key, "of the issuer"),
                      required("signature", &self::signed_by_issuer, "of all before")};
  }
};

/// What becomes of a record that a node is given.
enum class store_outcome : std::uint8_t {
  stored,
  not_mine,
  stale,
  expired,
  too_long,
  too_large,
  name_full,
  publisher_full,
  full,
  forged,
};
std::string_view to_string(store_outcome outcome);

/// From the publisher to the owner of the name.
struct store_request {
  std::uint32_t nonce = 0;
  record_ptr record;

  static constexpr std::string_view type_name = "store_request";
  static constexpr auto fields() {
    using self = store_request;
    return std::tuple{required("nonce", &self::nonce, "comes back in the answer"),
                      required("record", &self::record, "to be kept")};
  }
};

struct store_reply {
  std::uint32_t nonce = 0;
  store_outcome outcome{};

  static constexpr std::string_view type_name = "store_reply";
  static constexpr auto fields() {
    using self = store_reply;
    return std::tuple{required("nonce", &self::nonce, "of the request"),
                      required("outcome", &self::outcome, "kept, or why not")};
  }
};

/// Asks for the records under a name; as long as the answer may be.
struct fetch_request {
  std::uint32_t nonce = 0;
  node_id name;
  node_id after;
  bool direct = false;
  padding room;

  static constexpr std::string_view type_name = "fetch_request";
  static constexpr auto fields() {
    using self = fetch_request;
    return std::tuple{required("nonce", &self::nonce, "comes back in the answer"),
                      required("name", &self::name, "of the records"),
                      required("after", &self::after, "publishers behind this one"),
                      required("direct", &self::direct, "to be answered from what is held"),
                      required("room", &self::room, "bytes that say nothing")};
  }
};

struct fetch_reply {
  std::uint32_t nonce = 0;
  std::vector<record_redirect> redirect;
  bool more = false;
  std::vector<record_ptr> records;

  static constexpr std::string_view type_name = "fetch_reply";
  static constexpr auto fields() {
    using self = fetch_reply;
    return std::tuple{required("nonce", &self::nonce, "of the request"),
                      required("redirect", &self::redirect, "whom to ask instead, if anybody"),
                      required("more", &self::more, "there are further publishers"),
                      required("records", &self::records, "by publisher")};
  }
};

/// From the owner of the names to who keeps copies. Not answered.
struct replicate {
  std::vector<record_ptr> records;

  static constexpr std::string_view type_name = "replicate";
  static constexpr auto fields() {
    return std::tuple{required("records", &replicate::records, "to be kept")};
  }
};

/// From the owner of the names in (after, until] to who keeps copies: are they the same?
struct range_check {
  std::uint32_t nonce = 0;
  node_id after, until;
  std::uint64_t digest = 0;

  static constexpr std::string_view type_name = "range_check";
  static constexpr auto fields() {
    using self = range_check;
    return std::tuple{required("nonce", &self::nonce, "comes back in the answer"),
                      required("after", &self::after, "names behind this one"),
                      required("until", &self::until, "up to this one"),
                      required("digest", &self::digest, "of the sender's records")};
  }
};

struct range_state {
  std::uint32_t nonce = 0;
  std::uint64_t digest = 0;

  static constexpr std::string_view type_name = "range_state";
  static constexpr auto fields() {
    using self = range_state;
    return std::tuple{required("nonce", &self::nonce, "of the request"),
                      required("digest", &self::digest, "of the answerer's records")};
  }
};

/// What the sender holds in (after, until]. Whoever lacks some of it asks for it.
struct range_tags {
  std::uint32_t nonce = 0;
  node_id after, until;
  std::vector<record_tag> tags;
  padding room;

  static constexpr std::string_view type_name = "range_tags";
  static constexpr auto fields() {
    using self = range_tags;
    return std::tuple{required("nonce", &self::nonce, "comes back in the answer"),
                      required("after", &self::after, "names behind this one"),
                      required("until", &self::until, "up to this one"),
                      required("tags", &self::tags, "all that the sender has of them"),
                      required("room", &self::room, "bytes that say nothing")};
  }
};

/// What the sender of range_tags lacks.
struct range_tags_reply {
  std::uint32_t nonce = 0;
  node_id until;
  std::vector<record_tag> tags;

  static constexpr std::string_view type_name = "range_tags_reply";
  static constexpr auto fields() {
    using self = range_tags_reply;
    return std::tuple{required("nonce", &self::nonce, "of the request"),
                      required("until", &self::until, "how far there was room"),
                      required("tags", &self::tags, "what the answerer has beside")};
  }
};

struct records_request {
  std::uint32_t nonce = 0;
  std::vector<record_tag> tags;
  padding room;

  static constexpr std::string_view type_name = "records_request";
  static constexpr auto fields() {
    using self = records_request;
    return std::tuple{required("nonce", &self::nonce, "comes back in the answer"),
                      required("tags", &self::tags, "at least these versions"),
                      required("room", &self::room, "bytes that say nothing")};
  }
};

struct records_reply {
  std::uint32_t nonce = 0;
  std::vector<record_ptr> records;

  static constexpr std::string_view type_name = "records_reply";
  static constexpr auto fields() {
    using self = records_reply;
    return std::tuple{required("nonce", &self::nonce, "of the request"),
                      required("records", &self::records, "as many as there was room for")};
  }
};

} // namespace dci
