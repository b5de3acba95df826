// What a node of the overlay wants done, and what came of what it was asked.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "actors/overlay/messages.hpp"
#include "runtime/base/node_clock.hpp"

namespace dci {

/// What came of a lookup that was asked for.
struct lookup_result {
  std::uint64_t lookup = 0;
  node_id key;
  bool found = false; ///< false: no answer, however often it was tried
  contact owner;
  std::vector<contact> successors; ///< the owner's, as many as it told
  std::uint32_t hops = 0;          ///< nodes the lookup went to
  std::uint32_t tries = 0;
  node_clock::duration took{}; ///< since it was asked for
};

/// What came of a record that was to be published or read.
struct record_result {
  std::uint64_t number = 0;
  node_id name;
  bool published = false;               ///< false: it was read
  bool done = false;                    ///< stored; or read, also where there was nothing
  std::optional<store_outcome> outcome; ///< of what was to be published: the owner's last word
  std::vector<record_ptr> records;      ///< read: at most one of each publisher; or published
  bool redirected = false;              ///< by the owner, to who answers for it
  std::uint32_t tries = 0;              ///< lookups
  node_clock::duration took{};
};

struct overlay_output {
  struct sending {
    contact to;
    overlay_message message;
  };
  std::vector<sending> sends;
  std::vector<lookup_result> results;
  std::vector<record_result> records;
  std::vector<std::string_view> refused; ///< why a message was dropped

  void clear() {
    sends.clear();
    results.clear();
    records.clear();
    refused.clear();
  }
};

} // namespace dci
