#include "runtime/host/topology/toml_source.hpp"

#include <charconv>
#include <cmath>
#include <exception>
#include <utility>

#include <toml++/toml.h>

#include "runtime/host/topology/nesting.hpp"
#include "runtime/host/topology/wording.hpp"

namespace dci::topology_file {

struct toml_source::tree {
  std::string file;
  toml::table root;
  json value;
};

namespace {

/// A value JSON has no form for.
struct unusable {
  const toml::node* node;
  std::string_view message;
};

/// Its depth is bounded by find_deep_nesting.
std::optional<unusable> convert(const toml::node& in, json& out) {
  if (const auto* table = in.as_table()) {
    out = json::object();
    for (const auto& [key, value] : *table)
      if (auto bad = convert(value, out[std::string{key.str()}]))
        return bad;
  } else if (const auto* array = in.as_array()) {
    out = json::array();
    for (const auto& value : *array)
      if (auto bad = convert(value, out.emplace_back()))
        return bad;
  } else if (const auto* text = in.as_string()) {
    out = text->get();
  } else if (const auto* integer = in.as_integer()) {
    out = integer->get();
  } else if (const auto* boolean = in.as_boolean()) {
    out = boolean->get();
  } else if (const auto* number = in.as_floating_point()) {
    if (!std::isfinite(number->get()))
      return unusable{&in, "must be a finite number; write its digits"};
    out = number->get();
  } else {
    return unusable{&in, "dates and times mean nothing here; put quotes around it to make it text"};
  }
  return {};
}

source_place place_of(const std::string& file, const toml::source_position& at) {
  return {file, at.line, at.column};
}

} // namespace

toml_source::toml_source(std::unique_ptr<tree> t) : tree_(std::move(t)) {
}
toml_source::toml_source(toml_source&&) noexcept = default;
toml_source& toml_source::operator=(toml_source&&) noexcept = default;
toml_source::~toml_source() = default;

expected<toml_source> toml_source::parse(std::string_view text, const std::string& file) {
  if (const auto deep = find_deep_nesting(text))
    return dci::fail_at({file, deep->line, deep->column}, errc::bad_topology,
                        "nested more than " + std::to_string(max_toml_depth) +
                            " deep; use fewer brackets and dots");
  auto t = std::make_unique<tree>();
  t->file = file;
  try {
    t->root = toml::parse(text);
  } catch (const toml::parse_error& e) {
    const auto why = one_line(std::string{e.description()});
    return dci::fail_at(place_of(file, e.source().begin), errc::bad_topology,
                        "not valid TOML: " + why + "; correct the text there");
  } catch (const std::exception& e) {
    return dci::fail_at({file}, errc::bad_topology,
                        "cannot be read as TOML: " + one_line(e.what()) + "; check its contents");
  }
  if (const auto bad = convert(t->root, t->value))
    return dci::fail_at(place_of(file, bad->node->source().begin), errc::bad_topology,
                        bad->message);
  return toml_source{std::move(t)};
}

const json& toml_source::value() const {
  return tree_->value;
}

source_place toml_source::place(std::string_view pointer) const {
  const toml::node* node = &tree_->root;
  auto at = node->source().begin;
  while (pointer.starts_with('/')) {
    pointer.remove_prefix(1);
    auto step = pointer;
    if (const auto* table = node->as_table()) {
      // A key may itself have a slash, most likely the last one.
      auto it = table->find(step);
      if (it == table->end())
        it = table->find(step = pointer.substr(0, pointer.find('/')));
      if (it == table->end())
        break;
      at = it->first.source().begin;
      node = &it->second;
    } else if (const auto* array = node->as_array()) {
      step = pointer.substr(0, pointer.find('/'));
      std::size_t index = 0;
      const auto [end, ec] = std::from_chars(step.data(), step.data() + step.size(), index);
      if (ec != std::errc{} || end != step.data() + step.size() || index >= array->size())
        break;
      node = &(*array)[index];
      at = node->source().begin;
    } else {
      break;
    }
    pointer.remove_prefix(step.size());
  }
  return place_of(tree_->file, at);
}

tl::unexpected<error> toml_source::fail_at(std::string_view pointer,
                                           std::string_view message) const {
  return dci::fail_at(place(pointer), errc::bad_topology, one_line(std::string{message}));
}

} // namespace dci::topology_file
