#include <limits>
#include <map>

#include "runtime/base/units.hpp"
#include "runtime/host/topology/reading.hpp"
#include "runtime/host/topology/wording.hpp"

namespace dci::topology_file {
namespace {

constexpr std::uint64_t most_memory = std::uint64_t{1} << 60;

/// Two spellings of one endpoint give the same text.
std::string endpoint(address a) {
  if (a.host == "localhost")
    a.host = "127.0.0.1";
  return to_string(a);
}

expected<address> read_address(const reading& in, const host_entry& entry, const std::string& text,
                               const std::string& where) {
  const auto parsed = parse_address(text);
  if (!parsed)
    return in.source.fail_at(where, parsed.error().message);
  if (is_loopback(*parsed) || (entry.credentials && !is_host_name(*parsed)))
    return *parsed;
  const std::string on_this_machine = "write 127.0.0.1:" + std::to_string(parsed->port);
  if (is_host_name(*parsed))
    return in.source.fail_at(where, "host names such as " + in_quotes(parsed->host) +
                                        " are not looked up; " + on_this_machine +
                                        ", or another IP address for a host with credentials");
  return in.source.fail_at(where, to_string(*parsed) +
                                      " is not a loopback address, and the host has no "
                                      "credentials; name some, or " +
                                      on_this_machine);
}

result read_more_addresses(const reading& in, const host_entry& entry, const std::string& where,
                           host_spec& out) {
  const auto read = [&](const std::optional<std::string>& text, std::string_view key,
                        std::optional<address>& to) -> result {
    if (text) {
      DCI_ASSIGN(to, read_address(in, entry, *text, where + "/" + std::string{key}));
    }
    return {};
  };
  DCI_TRY(read(entry.listen, "listen", out.listen));
  DCI_TRY(read(entry.frames, "frames", out.frames));
  return read(entry.frames_address, "frames_address", out.frames_address);
}

// A host with credentials and one without cannot speak to each other.
result check_credentials(const reading& in, const host_entry& entry, const std::string& where,
                         const topology& so_far) {
  const bool has_some = entry.credentials.has_value();
  if (has_some == !so_far.credentials.empty())
    return {};
  if (has_some)
    return in.source.fail_at(where + "/credentials",
                             "host " + in_quotes(entry.name) +
                                 " has credentials and the process that reads the file has none; "
                                 "add credentials = \"FILE\" at its head");
  return in.source.fail_at(where, "host " + in_quotes(entry.name) +
                                      " has no credentials and others have; add credentials = "
                                      "\"FILE\"");
}

expected<std::uint64_t> read_memory(const reading& in, const json& value,
                                    const std::string& where) {
  std::uint64_t bytes = 0;
  if (value.is_string()) {
    const auto parsed = parse_bytes(value.get_ref<const std::string&>());
    if (!parsed)
      return in.source.fail_at(where, "memory: " + parsed.error().message);
    bytes = *parsed;
  } else if (value.is_number_integer()) {
    if (const auto e = from_json_value(value, bytes, where))
      return fail_decoding(in, *e);
  } else {
    return fail_decoding(in, *wrong_kind(value, "a size such as \"8GiB\"", where));
  }
  if (bytes == 0 || bytes > most_memory)
    return in.source.fail_at(where, "memory: " + format_bytes(bytes) +
                                        " is no machine's memory; write for example \"8GiB\", or "
                                        "leave it out to have it measured");
  return bytes;
}

} // namespace

result read_hosts(const reading& in, const std::vector<host_entry>& entries, topology& out) {
  std::map<std::string, std::uint32_t> lines_of_names;
  std::map<std::string, std::string> owners_of_endpoints;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& entry = entries[i];
    const auto where = item("/host", i);
    if (const auto why = bad_name(entry.name))
      return in.source.fail_at(where + "/name", "host name " + *why);
    if (entry.name == local_placement)
      return in.source.fail_at(where + "/name",
                               "\"local\" means the process that reads the file; give the host "
                               "another name");
    if (entry.name == everywhere)
      return in.source.fail_at(where + "/name",
                               "\"all\" means every host of the file; give the host "
                               "another name");
    const auto name_place = in.source.place(where + "/name");
    const auto [first, fresh] = lines_of_names.emplace(entry.name, name_place.line);
    if (!fresh)
      return in.source.fail_at(where + "/name",
                               "host " + in_quotes(entry.name) + " is already declared in line " +
                                   std::to_string(first->second) + "; give each host its own name");
    DCI_ASSIGN(auto where_it_listens, read_address(in, entry, entry.address, where + "/address"));
    const auto [owner, free] = owners_of_endpoints.emplace(endpoint(where_it_listens), entry.name);
    if (!free)
      return in.source.fail_at(where + "/address",
                               to_string(where_it_listens) + " is already the address of host " +
                                   in_quotes(owner->second) + "; give each host its own port");
    host_spec host;
    host.name = entry.name;
    host.address = std::move(where_it_listens);
    host.takes_work = entry.takes_work;
    host.place = in.source.place(where);
    DCI_TRY(check_credentials(in, entry, where, out));
    DCI_TRY(read_more_addresses(in, entry, where, host));
    if (entry.credentials)
      host.credentials = in.base / *entry.credentials;
    if (entry.memory) {
      DCI_ASSIGN(host.memory, read_memory(in, *entry.memory, where + "/memory"));
    }
    out.hosts.push_back(std::move(host));
  }
  return {};
}

result check_placement(const reading& in, const std::string& name, const std::string& where,
                       const topology& so_far) {
  if (name == local_placement || find_host(so_far, name))
    return {};
  std::vector<std::string> known{std::string{local_placement}};
  for (const auto& host : so_far.hosts)
    known.push_back(host.name);
  return in.source.fail_at(where, "no host is called " + in_quotes(name) + "; write one of " +
                                      listed(known) + ", or add a [[host]] of that name");
}

} // namespace dci::topology_file
