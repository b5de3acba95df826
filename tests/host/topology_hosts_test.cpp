#include "tests/host/topology_support.hpp"

#include <doctest/doctest.h>

using namespace dci;
using namespace dci::test;

namespace {

std::string host(const std::string& name, const std::string& address,
                 const std::string& more = {}) {
  return "[[host]]\nname = \"" + name + "\"\naddress = \"" + address + "\"\n" + more;
}

} // namespace

TEST_CASE("host names") {
  check_fault(host("", "localhost:1"), "2:1", {"host name \"\" is empty", "letters"});
  check_fault(host("be ta", "localhost:1"), "2:1", {"\"be ta\"", "characters", "letters"});
  check_fault(host("h\xc3\xb6st", "localhost:1"), "2:1", {"characters"});
  check_fault(host(std::string(65, 'a'), "localhost:1"), "2:1", {"too long", "64"});
  CHECK(parse_sample(host(std::string(64, 'a'), "localhost:1")).has_value());
  check_fault(host("local", "localhost:1"), "2:1", {"\"local\" means the process", "another name"});
  check_fault(host("all", "localhost:1"), "2:1", {"\"all\" means every host", "another name"});
  check_fault(host("a", "localhost:1") + host("a", "localhost:2"), "5:1",
              {"\"a\" is already declared in line 2", "its own name"});
}

TEST_CASE("host addresses that are no HOST:PORT") {
  for (const auto* bad :
       {"", "localhost", ":4701", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:0", "127.0.0.1:65536",
        "127.0.0.1:-1", "127.0.0.256:1", "::1:4701", "[::1]", "[127.0.0.1]:1", "a b:1"})
    check_fault(host("a", bad), "3:1", {"; write"});
  check_fault(host("a", "127.0.0.1:0"), "3:1", {"\"0\" is no port", "1 to 65535"});
  check_fault(host("a", "::1:4701"), "3:1", {"[::1]:4701", "brackets"});
}

TEST_CASE("only loopback addresses without credentials") {
  for (const auto* far : {"10.0.0.1:4701", "0.0.0.0:4701", "128.0.0.1:4701", "[::]:4701",
                          "[fe80::1]:4701", "[::ffff:127.0.0.1]:4701"})
    check_fault(host("a", far), "3:1",
                {"not a loopback address", "has no credentials", "write 127.0.0.1:4701"});
  check_fault(host("a", "example.org:4701"), "3:1",
              {"\"example.org\"", "not looked up", "credentials"});
  for (const auto* near : {"127.0.0.1:4701", "127.255.0.9:4701", "[::1]:4701", "localhost:4701"})
    CHECK(parse_sample(host("a", near)).has_value());
}

TEST_CASE("two hosts cannot have one address, however it is spelled") {
  check_fault(host("a", "127.0.0.1:4701") + host("b", "127.0.0.1:4701"), "6:1",
              {"127.0.0.1:4701 is already the address of host \"a\"", "its own port"});
  check_fault(host("a", "127.0.0.1:4701") + host("b", "localhost:4701"), "6:1", {"already"});
  check_fault(host("a", "[::1]:4701") + host("b", "[0:0:0:0:0:0:0:1]:4701"), "6:1", {"already"});
}

TEST_CASE("memory sizes") {
  const auto memory = [](const std::string& value) {
    return host("a", "localhost:1", "memory = " + value + "\n");
  };
  check_fault(memory("\"8 elephants\""), "4:1", {"memory: \"8 elephants\" is not a size", "8GiB"});
  check_fault(memory("\"0\""), "4:1", {"no machine's memory", "leave it out"});
  check_fault(memory("0"), "4:1", {"no machine's memory"});
  check_fault(memory("-5"), "4:1", {"memory: -5 is out of range"});
  check_fault(memory("\"9999999TiB\""), "4:1", {"no machine's memory"});
  check_fault(memory("1.5"), "4:1", {"memory: must be a size such as \"8GiB\", not a number"});
  check_fault(memory("true"), "4:1", {"memory: must be a size"});
}
