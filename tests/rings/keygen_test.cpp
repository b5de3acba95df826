// The key that a node is known by.
#include <doctest/doctest.h>

#include <sys/stat.h>

#include "net/identity/certificate_request.hpp"
#include "net/identity/node_key.hpp"
#include "net/identity/pem.hpp"
#include "runtime/base/files.hpp"
#include "tests/rings/fixtures.hpp"
#include "tests/rings/program.hpp"

using namespace dci;
using namespace dci::test;

TEST_CASE("keygen writes a key for our eyes only and the request for its certificate") {
  const temp_dir dir;
  const auto file = dir.path() / "node.key";
  const auto out = run_program({"keygen", file.string(), "--json"});
  CAPTURE(out.err);
  REQUIRE(out.code == 0);
  const auto said = nlohmann::json::parse(out.out);
  const auto key = node_key::load(file);
  REQUIRE(key);
  CHECK(said["id"] == to_string(key->id()));
  struct stat about {};
  REQUIRE(stat(file.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);

  const auto text = read_file(said["request"].get<std::string>(), 16384);
  REQUIRE(text);
  const auto der = from_pem("request", pem_kind::certificate_request, *text);
  REQUIRE(der);
  const auto request = certificate_request::parse(*der);
  REQUIRE(request);
  CHECK(request->id() == key->id());

  const auto again = run_program({"keygen", file.string()});
  CHECK(again.code != 0);
  CHECK(again.err.find("node.key") != std::string::npos);
  CHECK(node_key::load(file)->id() == key->id());
}

TEST_CASE("keygen says where it cannot write") {
  const auto out = run_program({"keygen", "/nowhere/node.key"});
  CHECK(out.code != 0);
  CHECK(out.err.find("/nowhere/node.key") != std::string::npos);
}
