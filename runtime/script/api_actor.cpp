// The methods of actors, and what rings have besides.
#include <cstdio>

#include "runtime/script/context.hpp"
#include "runtime/script/events.hpp"
#include "runtime/script/type_docs.hpp"

namespace dci {
namespace {

int name(lua_State* L) {
  push_text(L, check_actor(L, 1).info.name);
  return 1;
}

int type(lua_State* L) {
  push_text(L, check_actor(L, 1).info.type);
  return 1;
}

int host(lua_State* L) {
  push_host(L, check_actor(L, 1).host);
  return 1;
}

int requests(lua_State* L) {
  const auto& actor = check_actor(L, 1);
  const auto* known = type_of(actor);
  if (known == nullptr)
    raise(L, {errc::unsupported, to_string(actor) + ": this program does not know that type"});
  push_json(L, requests_as_json(*known));
  return 1;
}

int request(lua_State* L) {
  const auto& actor = check_actor(L, 1);
  const auto message = check_text(L, 2);
  const auto fields = check_fields(L, 3, "fields");
  const auto wait = check_seconds(L, 4, 10);
  push_json(L, value_or_raise(L, context_of(L).console.request(actor, message, fields, wait)));
  return 1;
}

int send(lua_State* L) {
  const auto& actor = check_actor(L, 1);
  const auto message = check_text(L, 2);
  const auto fields = check_fields(L, 3, "fields");
  value_or_raise(L, context_of(L).console.send(actor, message, fields));
  return 0;
}

int describe(lua_State* L) {
  const auto& actor = check_actor(L, 1);
  const auto wait = check_seconds(L, 2, 10);
  push_json(L, value_or_raise(L, context_of(L).console.describe(actor, wait)));
  return 1;
}

int watch(lua_State* L) {
  const auto& actor = check_actor(L, 1);
  add_watch(L, actor.host, actor.info.name, 2);
  return 0;
}

int stop(lua_State* L) {
  value_or_raise(L, context_of(L).console.stop(check_actor(L, 1)));
  return 0;
}

constexpr api_entry actor_entries[] = {
    {"name()", "its name", guarded<name>},
    {"type()", "its registered type", guarded<type>},
    {"host()", "the host it runs on", guarded<host>},
    {"requests()", "the messages it understands", guarded<requests>},
    {"request(message [, fields [, seconds]])",
     "send a request and wait for the answer, by default 10 seconds", guarded<request>},
    {"send(message [, fields])", "send a message that has no answer", guarded<send>},
    {"describe([seconds])", "the answer to its describe_request", guarded<describe>},
    {"watch([function])", "print its end, or call function(event)", guarded<watch>},
    {"stop()", "end it; returns when it is gone", guarded<stop>},
};

int assemble(lua_State* L) {
  push_json(L, to_json_value(value_or_raise(L, context_of(L).console.assemble(check_actor(L, 1)))));
  return 1;
}

/// What generate{} takes: the request's fields, with the sampling settings
/// beside them and one stop text as it is.
generate_request read_generate(lua_State* L, int table) {
  auto fields = value_or_raise(L, lua_to_json(L, table, "generate"));
  if (!fields.is_object())
    raise(L, {errc::bad_request, "generate: \"prompt\" is missing: the text to continue"});
  for_each_field<sampling_settings>([&](const auto& f) {
    const std::string key{f.name};
    auto& sampling = fields["sampling"];
    if (sampling.is_null() || sampling.empty())
      sampling = json::object();
    if (!fields.contains(key) || !sampling.is_object())
      return;
    sampling[key] = fields[key];
    fields.erase(key);
  });
  if (fields.contains("stop") && fields["stop"].is_string())
    fields["stop"] = json::array({fields["stop"]});
  generate_request out;
  if (const auto e = from_json_value(fields, out))
    raise(L, {errc::bad_request, "generate" + e->path + ": " + e->message});
  return out;
}

json as_json(const generated& answer) {
  json out{{"text", answer.text},
           {"tokens", answer.tokens},
           {"finish", to_string(answer.end.finish)},
           {"session", answer.end.session.value},
           {"prompt_tokens", answer.end.prompt_tokens},
           {"first_token_ms", answer.end.first_token_ms},
           {"tokens_per_s", answer.end.tokens_per_s}};
  if (!answer.logits.empty())
    out["logits"] = answer.logits;
  return out;
}

int answer_text(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_getfield(L, 1, "tokens");
  const auto count = static_cast<int>(lua_rawlen(L, -1));
  lua_getfield(L, 1, "tokens_per_s");
  lua_getfield(L, 1, "first_token_ms");
  lua_getfield(L, 1, "finish");
  char text[160];
  std::snprintf(text, sizeof text,
                "[%d tokens, %.1f tokens/s, first token after %.0f ms, ended by %s]", count,
                lua_tonumber(L, -3), lua_tonumber(L, -2), luaL_optstring(L, -1, "?"));
  lua_pushstring(L, text);
  return 1;
}

/// Where the pieces of an answer go while they come.
class streaming {
 public:
  /// how: the value at an index: a function(text, token), true for standard
  /// output, false for nowhere; nil means a terminal only.
  streaming(lua_State* lua, int how) : L(lua), function_(lua_isfunction(L, how) ? how : 0) {
    prints_ = lua_isnil(L, how) ? context_of(L).interactive
                                : function_ == 0 && lua_toboolean(L, how) == 1;
  }

  /// False when the answer should end here.
  bool take(const std::string& text, std::optional<token_id> token) {
    if (failed_)
      return false;
    if (prints_) {
      std::fwrite(text.data(), 1, text.size(), stdout);
      std::fflush(stdout);
      return true;
    }
    if (function_ == 0)
      return true;
    lua_pushvalue(L, function_);
    push_text(L, text);
    if (token)
      lua_pushinteger(L, *token);
    else
      lua_pushnil(L);
    // The error stays on the stack for finish().
    failed_ = lua_pcall(L, 2, 1, 0) != LUA_OK;
    if (failed_)
      return false;
    const bool more = !lua_isboolean(L, -1) || lua_toboolean(L, -1) == 1;
    lua_pop(L, 1);
    return more;
  }

  /// Raises what the function raised.
  void finish() {
    if (failed_)
      lua_error(L);
    if (prints_)
      std::fputs("\n", stdout);
  }

 private:
  lua_State* L;
  int function_;
  bool prints_ = false;
  bool failed_ = false;
};

int generate(lua_State* L) {
  const auto& ring = check_actor(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  // stream is ours: a copy of the table without it goes to the ring.
  lua_newtable(L);
  for (lua_pushnil(L); lua_next(L, 2) != 0; lua_pop(L, 1)) {
    if (text_at(L, -2) == "stream")
      continue;
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -2);
    lua_rawset(L, 3);
  }
  auto request = read_generate(L, 3);
  lua_getfield(L, 2, "stream");
  streaming stream(L, 4);
  auto answer =
      context_of(L).console.generate(ring, std::move(request), [&](const text_event& event) {
        return stream.take(event.text, event.token);
      });
  if (answer && !answer->end.text.empty())
    stream.take(answer->end.text, {});
  stream.finish();
  push_json(L, as_json(value_or_raise(L, std::move(answer))));
  luaL_newmetatable(L, "dci.answer");
  lua_pushcfunction(L, guarded<answer_text>);
  lua_setfield(L, -2, "__tostring");
  lua_setmetatable(L, -2);
  return 1;
}

constexpr api_entry ring_entries[] = {
    {"assemble()", "reach the hosts, load the weights, connect; dci.ring does it by itself",
     guarded<assemble>},
    {"generate{prompt=, max_tokens=128, temperature=0, seed=, stop=, chat=, stream=}",
     "continue a text; stream: function(text, token) for each piece, false from it ends the answer",
     guarded<generate>},
};

} // namespace

std::span<const api_entry> actor_methods() {
  return actor_entries;
}

std::span<const api_entry> ring_methods() {
  return ring_entries;
}

} // namespace dci
