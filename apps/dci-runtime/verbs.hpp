// What dci-runtime does, one function a verb. Each returns the exit code's
// error, or nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/error.hpp"
#include "tensors/decoder/sampling.hpp"

namespace dci {

/// Flags that several verbs share.
struct common_flags {
  /// By default a launch warns, and the other verbs say only how they ended.
  std::string log_level;
  bool json = false;
};

/// What the command line says instead of the ring's own engine settings.
struct engine_flags {
  std::optional<std::string> backend;
  std::optional<std::uint32_t> threads;
  std::optional<std::string> kv_memory;
  std::optional<std::string> kv_format;
  std::optional<std::string> activations;
  std::optional<std::string> speculation;
  std::optional<std::filesystem::path> draft;
};

/// How a verb that makes a ring makes it.
struct ring_flags {
  std::filesystem::path topology; ///< a file; otherwise made of the next two
  std::uint32_t stages = 1;
  std::uint32_t processes = 1;
  engine_flags engine;
  std::string ring;    ///< which of the file's rings
  bool attach = false; ///< the file's hosts are running already
};

struct launch_flags {
  std::filesystem::path file;
  std::string host; ///< only this host's part; empty: everything
};
result launch(const common_flags& common, const launch_flags& flags);

result check(const common_flags& common, const std::filesystem::path& file);

struct generate_flags {
  std::filesystem::path model;
  std::string prompt;
  bool chat = false;
  ring_flags ring;
  std::uint32_t max_tokens = 128;
  sampling_settings sampling;
  std::vector<std::string> stop;
  bool ignore_end = false;
};
result generate(const common_flags& common, const generate_flags& flags);

struct verify_flags {
  std::filesystem::path model;
  std::filesystem::path golden;
  ring_flags ring;
  double tolerance = 5e-4;
};
result verify(const common_flags& common, const verify_flags& flags);

struct tokenize_flags {
  std::filesystem::path model;
  bool special = false;
  bool decode = false;
};
result tokenize(const tokenize_flags& flags);

struct quantize_flags {
  std::filesystem::path model;
  std::string to;
  std::filesystem::path output; ///< empty: MODEL's name and the format, in the current folder
};
result quantize(const quantize_flags& flags);

struct keygen_flags {
  std::filesystem::path key;
};
/// Writes a new node key, and beside it the request for its certificate.
result keygen(const common_flags& common, const keygen_flags& flags);

struct authority_flags {
  std::filesystem::path folder; ///< where the authority lives
  std::string name;             ///< create
  std::uint32_t days = 3650;    ///< create: how long its root holds
  std::filesystem::path request, output;
  std::uint32_t hours = 24; ///< issue: how long the certificate holds
  std::string node;         ///< revoke: 64 hexadecimal digits
  std::string reason = "unspecified";
};
result create_authority(const common_flags& common, const authority_flags& flags);
/// A certificate for the key that a request proves.
result issue_certificate(const common_flags& common, const authority_flags& flags);
/// Revokes all certificates of a node, and writes the new revocation list.
result revoke_node(const common_flags& common, const authority_flags& flags);

struct serve_flags {
  std::filesystem::path folder; ///< where the authority lives
  std::string listen;           ///< HOST:PORT
  std::vector<std::string> nodes;
  std::filesystem::path token_file;
  std::uint32_t hours = 24;
  std::uint32_t seconds = 0; ///< or so long
};
/// Gives certificates to the nodes that may have one, until a signal ends it.
result serve_authority(const common_flags& common, const serve_flags& flags);

struct enroll_flags {
  std::filesystem::path credentials;
  std::filesystem::path token_file; ///< empty: the authorities ask for none
};
/// Gets this node's certificates from its authorities.
result enroll(const common_flags& common, const enroll_flags& flags);

struct map_flags {
  std::string host; ///< HOST:PORT of a running host
  std::filesystem::path credentials;
  std::string actor = "gossip"; ///< on that host
  std::filesystem::path svg;    ///< empty: no picture
};
/// Prints how far all nodes are from one another, as one of them knows it.
result map(const common_flags& common, const map_flags& flags);

} // namespace dci
