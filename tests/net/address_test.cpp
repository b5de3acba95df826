#include "net/address.hpp"

#include <doctest/doctest.h>

using namespace dci;

TEST_CASE("addresses are read and written back") {
  CHECK(parse_address("127.0.0.1:4701") == address{"127.0.0.1", 4701});
  CHECK(parse_address("[::1]:1") == address{"::1", 1});
  CHECK(parse_address("[0:0::0:1]:65535") == address{"::1", 65535});
  CHECK(parse_address("LocalHost:80") == address{"localhost", 80});
  CHECK(parse_address("my-box.example.org:80") == address{"my-box.example.org", 80});
  for (const auto* text : {"127.0.0.1:4701", "[::1]:4701", "localhost:4701", "[fe80::1]:9"})
    CHECK(to_string(*parse_address(text)) == text);
}

TEST_CASE("what is no address says what would be") {
  for (const std::string& text : {std::string{},
                                  std::string{":"},
                                  std::string{"localhost"},
                                  std::string{":1"},
                                  std::string{"1.2.3:1"},
                                  std::string{"1.2.3.4.5:1"},
                                  std::string{"01.2.3.4:1"},
                                  std::string{"1.2.3.256:1"},
                                  std::string{"[::1]1"},
                                  std::string{"[::1:1"},
                                  std::string{"[::g]:1"},
                                  std::string{"[fe80::1%eth0]:1"},
                                  std::string{"-a:1"},
                                  std::string{".a:1"},
                                  std::string{"a_b:1"},
                                  std::string{"a b:1"},
                                  std::string{"a\0b:1", 5},
                                  std::string{"127.0.0.1\0:1", 12},
                                  std::string{"[::1\0]:1", 8},
                                  std::string{"http://a:1"},
                                  std::string(300, 'a') + ":1"}) {
    CAPTURE(text);
    const auto parsed = parse_address(text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code == errc::bad_config);
    CHECK(parsed.error().message.find("; write for example") != std::string::npos);
    CHECK(parsed.error().message.size() < 200);
  }
  CHECK(parse_address("::1:80").error().message.find("brackets") != std::string::npos);
}

TEST_CASE("ports are 1 to 65535 and nothing else") {
  for (const auto* port :
       {"", "0", "00", "65536", "99999999999", "-1", "+1", " 1", "1 ", "0x1", "1.0"}) {
    CAPTURE(port);
    const auto parsed = parse_address("127.0.0.1:" + std::string{port});
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().message.find("1 to 65535") != std::string::npos);
  }
}

TEST_CASE("messages show unprintable addresses safely") {
  const auto parsed = parse_address("a\n\xff\x1b:1");
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().message.starts_with("\"a???:1\""));
}

TEST_CASE("loopback") {
  for (const auto* near : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1"})
    CHECK(is_loopback(*parse_address(near)));
  for (const auto* far :
       {"0.0.0.0:1", "126.0.0.1:1", "128.0.0.1:1", "10.0.0.1:1", "[::]:1", "[::2]:1",
        "[::ffff:127.0.0.1]:1", "localhost.example.org:1", "127.example.org:1"})
    CHECK_FALSE(is_loopback(*parse_address(far)));
}

TEST_CASE("names are told from literals") {
  CHECK(is_host_name(*parse_address("localhost:1")));
  CHECK(is_host_name(*parse_address("example.org:1")));
  CHECK_FALSE(is_host_name(*parse_address("127.0.0.1:1")));
  CHECK_FALSE(is_host_name(*parse_address("[::1]:1")));
}
