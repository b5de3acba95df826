#include <system_error>

#include "runtime/base/files.hpp"
#include "runtime/host/topology/reading.hpp"
#include "runtime/host/topology/wording.hpp"

namespace dci::topology_file {
namespace {

/// "/ring/0/stages/1/layers" is "layers", "/host/0" is "host[0]".
std::string last_key(const std::string& pointer) {
  const auto slash = pointer.rfind('/');
  if (slash == std::string::npos)
    return {};
  const auto last = pointer.substr(slash + 1);
  if (last.empty() || last.find_first_not_of("0123456789") != std::string::npos)
    return last;
  return last_key(pointer.substr(0, slash)) + "[" + last + "]";
}

bool is_top_level(const std::string& pointer) {
  return pointer == "/host" || pointer == "/actor" || pointer == "/ring";
}

} // namespace

std::string item(const std::string& list, std::size_t index) {
  return list + "/" + std::to_string(index);
}

tl::unexpected<error> fail_decoding(const reading& in, const decode_error& e) {
  const auto key = last_key(e.path);
  auto message = e.message;
  if (!key.empty() && !message.starts_with("unknown key"))
    message = key + ": " + message;
  if (is_top_level(e.path) && message.find("not a table") != std::string::npos)
    message += "; write [[" + key + "]] with two brackets";
  return in.source.fail_at(e.path, message);
}

} // namespace dci::topology_file

namespace dci {

expected<topology> parse_topology(std::string_view text, const std::string& file,
                                  const std::filesystem::path& base,
                                  const topology_checks& checks) {
  if (text.size() > max_topology_bytes)
    return fail_at({file}, errc::bad_topology,
                   std::to_string(text.size()) + " bytes, more than the limit of " +
                       std::to_string(max_topology_bytes) + "; split it into several files");
  using namespace topology_file;
  DCI_ASSIGN(const auto source, toml_source::parse(text, file));
  std::error_code ec;
  auto absolute_base = std::filesystem::absolute(base.empty() ? "." : base, ec).lexically_normal();
  if (ec)
    return fail_at({file}, errc::bad_topology,
                   "the folder of its relative paths cannot be found: " + ec.message() +
                       "; start from a folder that exists");
  const reading in{source, checks, std::move(absolute_base)};
  file_entry entries;
  if (const auto e = from_json_value(source.value(), entries))
    return fail_decoding(in, *e);
  topology out;
  out.file = file;
  if (entries.credentials)
    out.credentials = in.base / *entries.credentials;
  DCI_TRY(read_hosts(in, entries.host, out));
  DCI_TRY(read_actors(in, entries.actor, out));
  DCI_TRY(read_rings(in, entries.ring, out));
  if (out.hosts.empty() && out.actors.empty() && out.rings.empty())
    return source.fail_at("", "the file describes nothing; add a [[host]], an [[actor]] or a "
                              "[[ring]]");
  return out;
}

expected<topology> load_topology(const std::filesystem::path& file, const topology_checks& checks) {
  DCI_ASSIGN(const auto text, read_file(file, max_topology_bytes));
  return parse_topology(text, file.string(), file.parent_path(), checks);
}

} // namespace dci
