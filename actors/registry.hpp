// The actor types of this program. Registering a type is all it takes to use it
// in topology files and in the console: its settings, its requests and their
// documentation are read off the type.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/infer_handle.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/spawn_options.hpp>
#include <caf/typed_actor.hpp>

#include "actors/errors.hpp"
#include "actors/handles.hpp"
#include "runtime/base/json_codec.hpp"

namespace dci {

class lazy_frame_port;
class tls_context;

/// What every registered actor is told of its surroundings.
struct spawn_context {
  std::string name; ///< its own name, unique on its host
  std::string host;
  actor_ref node;                           ///< the host's node_actor
  std::shared_ptr<tls_context> credentials; ///< the host's; may be null
  std::shared_ptr<lazy_frame_port> frames;  ///< the host's; may be null
  std::string address = {};                 ///< where others dial the host; empty: nowhere
  std::string listen = {};                  ///< where it listens, if it does
};

/// A message an actor understands, and its answer.
struct request_type {
  std::string name;
  std::vector<field_doc> fields;
  std::string reply; ///< empty for a one-way message
  std::vector<field_doc> reply_fields;
  /// Sends it and waits for the answer (null for one-way messages). Errors:
  /// bad_request for fields that do not fit, timed_out, whatever the actor says.
  std::function<expected<json>(caf::scoped_actor&, const actor_ref&, const json&,
                               std::chrono::milliseconds)>
      call;
};

struct actor_type {
  std::string name;
  std::string doc;
  std::vector<field_doc> settings;
  std::vector<request_type> requests;
  /// Checks settings and makes their relative paths absolute, from base.
  std::function<decode_outcome(json&, const std::filesystem::path& base)> check;
  /// Starts one. Errors: bad_config.
  std::function<expected<actor_ref>(caf::actor_system&, spawn_context, const json&)> spawn;
};

namespace detail {

template <class In, class Out>
expected<json> call_typed(caf::scoped_actor& self, const actor_ref& to, const json& fields,
                          std::chrono::milliseconds timeout) {
  In message{};
  if (auto e = from_json_value(fields, message))
    return fail(errc::bad_request, std::string{In::type_name} + e->path + ": " + e->message);
  auto handle = caf::actor_cast<caf::actor>(to);
  if constexpr (std::is_void_v<Out>) {
    self->send(handle, std::move(message));
    return json(nullptr);
  } else {
    expected<json> out;
    self->request(handle, timeout, std::move(message))
        .receive([&](Out& reply) { out = to_json_value(reply); },
                 [&](caf::error& e) { out = fail(from_caf(e)); });
    return out;
  }
}

template <class In, class Out>
request_type describe_request() {
  request_type out{std::string{In::type_name}, document_fields<In>(), {}, {}, call_typed<In, Out>};
  if constexpr (!std::is_void_v<Out>) {
    out.reply = Out::type_name;
    out.reply_fields = document_fields<Out>();
  }
  return out;
}

template <class... Signatures>
std::vector<request_type> describe_all(caf::detail::type_list<Signatures...>) {
  std::vector<request_type> out;
  // A message that its struct marks so is an actor's note to itself.
  const auto add =
      [&]<class In, class Out>(caf::typed_mpi<caf::detail::type_list<In>, caf::output_tuple<Out>>) {
        if constexpr (!requires { In::stays_inside; })
          out.push_back(describe_request<In, Out>());
      };
  (add(Signatures{}), ...);
  return out;
}

template <reflected Settings>
void make_paths_absolute(Settings& settings, const std::filesystem::path& base) {
  for_each_field<Settings>([&](const auto& f) {
    using member = typename std::remove_cvref_t<decltype(f)>::member_type;
    auto& value = settings.*(f.member);
    if constexpr (std::is_same_v<member, std::filesystem::path>) {
      if (!value.empty())
        value = (base / value).lexically_normal();
    } else if constexpr (reflected<member>) {
      make_paths_absolute(value, base);
    }
  });
}

/// Reads settings, and asks the check() of each member that has one.
template <reflected Settings>
decode_outcome read_settings(const json& given, Settings& out) {
  auto wrong = from_json_value(given, out);
  for_each_field<Settings>([&](const auto& f) {
    if constexpr (requires { check(out.*(f.member)); })
      if (!wrong && (wrong = check(out.*(f.member))))
        wrong->path = "/" + std::string{f.name} + wrong->path;
  });
  return wrong;
}

} // namespace detail

/// Holds the types by name. Filled once at start, then only read.
class actor_registry {
 public:
  /// make is the actor's function: behavior (self, context, settings).
  template <caf::spawn_options Options = caf::no_spawn_options, class Behavior, class Self,
            class Settings>
  void add(std::string name, std::string doc, Behavior (*make)(Self*, spawn_context, Settings)) {
    using handle = caf::infer_handle_from_fun_t<Behavior (*)(Self*, spawn_context, Settings)>;
    auto type = describe<handle>(std::move(name), std::move(doc));
    type.settings = document_fields<Settings>();
    type.check = [](json& given, const std::filesystem::path& base) {
      Settings settings{};
      auto e = detail::read_settings(given, settings);
      if (!e) {
        detail::make_paths_absolute(settings, base);
        given = to_json_value(settings);
      }
      return e;
    };
    type.spawn = [make](caf::actor_system& sys, spawn_context context,
                        const json& given) -> expected<actor_ref> {
      Settings settings{};
      if (auto e = detail::read_settings(given, settings))
        return fail(errc::bad_config,
                    "settings of \"" + context.name + "\"" + e->path + ": " + e->message);
      auto made = sys.spawn<Options>(make, std::move(context), std::move(settings));
      return caf::actor_cast<actor_ref>(made);
    };
    insert(std::move(type));
  }

  /// For actors that the runtime itself starts: they can be asked, not spawned.
  template <class Handle>
  void add_interface(std::string name, std::string doc) {
    insert(describe<Handle>(std::move(name), std::move(doc)));
  }

  /// nullptr when no type has that name.
  const actor_type* find(std::string_view name) const;
  /// Its request of that name, with or without the ending "_request".
  static const request_type* find_request_type(const actor_type& type, std::string_view name);
  const std::vector<actor_type>& types() const {
    return types_;
  }
  /// "a, b, c": the types that can be spawned, for messages.
  std::string spawnable_names() const;

 private:
  template <class Handle>
  static actor_type describe(std::string name, std::string doc) {
    actor_type type;
    type.name = std::move(name);
    type.doc = std::move(doc);
    type.requests = detail::describe_all(typename Handle::signatures{});
    return type;
  }
  void insert(actor_type type);

  std::vector<actor_type> types_;
};

/// All types of this program. A new actor type is one line in types.cpp.
std::shared_ptr<const actor_registry> builtin_actor_types();

} // namespace dci
