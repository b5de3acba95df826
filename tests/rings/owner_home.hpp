// Nodes that authorities vouch for, made by the commands that their owner types.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/rings/fixtures.hpp"
#include "tests/rings/program.hpp"

namespace dci::test {

inline outcome must_run(const std::vector<std::string>& arguments) {
  auto out = run_program(arguments);
  CAPTURE(out.err);
  REQUIRE(out.code == 0);
  return out;
}

// An owner's folder: authorities, and nodes with their files.
struct owner_home {
  temp_dir dir;

  std::string path(const std::string& name) const {
    return (dir.path() / name).string();
  }
  void authority(const std::string& name) const {
    must_run({"authority", "create", path(name), "--name", name});
  }
  /// Returns its id. vouches: an authority's folder; trusts: too.
  std::string node(const std::string& name, const std::string& vouches,
                   const std::string& trusts) const {
    const auto made = must_run({"keygen", path(name + ".key"), "--json"});
    must_run({"authority", "issue", path(vouches), path(name + ".key.request.pem"), "--output",
              path(name + ".crt")});
    dir.write(name + ".toml", "key = \"" + name + ".key\"\ncertificates = [\"" + name +
                                  ".crt\"]\nroots = [\"" + trusts + "/authority.crt\"]\n");
    return nlohmann::json::parse(made.out)["id"];
  }
};

} // namespace dci::test
