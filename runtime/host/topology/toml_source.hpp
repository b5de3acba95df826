// A TOML text as JSON that still knows where everything stood.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "runtime/host/topology/topology.hpp"

namespace dci::topology_file {

class toml_source {
 public:
  /// Errors: bad_topology for broken syntax, for nesting beyond reason, and for
  /// dates and numbers that are not finite, which no key takes.
  static expected<toml_source> parse(std::string_view text, const std::string& file);

  toml_source(toml_source&&) noexcept;
  toml_source& operator=(toml_source&&) noexcept;
  ~toml_source();

  const json& value() const;

  /// Where the thing at this pointer ("/host/1/name") stands: of a table's
  /// member the key, of a list's item the item. When it is not there, the
  /// nearest thing around it.
  source_place place(std::string_view pointer) const;

  /// A bad_topology error at that place.
  [[nodiscard]] tl::unexpected<error> fail_at(std::string_view pointer,
                                              std::string_view message) const;

 private:
  struct tree;
  explicit toml_source(std::unique_ptr<tree> t);
  std::unique_ptr<tree> tree_;
};

} // namespace dci::topology_file
