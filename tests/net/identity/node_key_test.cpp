#include "net/identity/node_key.hpp"

#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

#include "net/identity/private_file.hpp"
#include "runtime/base/files.hpp"
#include "tests/net/identity/fixture.hpp"

namespace dci::test {
namespace {

// RFC 8032, 7.1, test 1. The files' bytes and the hash come from the program openssl.
const std::string rfc_pem = "-----BEGIN PRIVATE KEY-----\n"
                            "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
                            "-----END PRIVATE KEY-----\n";
constexpr auto rfc_public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
constexpr auto rfc_id = "21fe31dfa154a261626bf854046fd2271b7bed4b6abe45aa58877ef47f9721b9";
constexpr auto rfc_signature_of_nothing =
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
    "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";

const std::string elliptic_pem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnoTrc9VVVY1d2ZwL\n"
    "YpI1gntvikzwDHCCoyHuGLBQ5IyhRANCAATEg/KvEVp7K/LkU7iFt1gB1mQYa8rY\n"
    "zxnxfBKEwuAleOSEtD9z6Wz3/AJXr5eHeDZWK3cEUTJYW2+FajjKKnov\n"
    "-----END PRIVATE KEY-----\n";
const std::string encrypted_pem =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgUpbkP8UADAwICCAAw\n"
    "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEMgE/zZhih+t6Lm6VWsFkv8EQMTZ\n"
    "Vt8qeeAeUQkUM8b+fGu7zK9bwK7ZG3ujDEk7eiUTSSavn6KkvGfZLxjDozvEMGiE\n"
    "xmnRa4uWSzV6p24mDfM=\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n";

byte_vector bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

std::string hex(byte_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const auto byte : bytes)
    (out += digits[byte >> 4]) += digits[byte & 15];
  return out;
}

unsigned mode_of(const std::filesystem::path& path) {
  struct stat about {};
  REQUIRE(stat(path.c_str(), &about) == 0);
  return about.st_mode & 07777;
}

std::size_t files_in(const std::filesystem::path& folder) {
  std::size_t n = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder))
    ++n;
  return n;
}

TEST_CASE("a key of RFC 8032 has the known public half, id and signature") {
  const auto key = must(node_key::parse("rfc", rfc_pem));
  CHECK(hex(key.public_half()) == rfc_public);
  CHECK(to_string(key.id()) == rfc_id);
  CHECK(hex(must(key.sign(byte_view{}))) == rfc_signature_of_nothing);
}

TEST_CASE("a signature holds for its bytes and its key alone") {
  const auto key = must(node_key::generate()), other = must(node_key::generate());
  CHECK(key.id() != other.id());
  const auto message = bytes_of("the layers from 4 to 8");
  const auto signature = must(key.sign(message));
  CHECK(node_key::verify(key.public_half(), message, signature));
  CHECK_FALSE(node_key::verify(other.public_half(), message, signature));
  CHECK_FALSE(node_key::verify(key.public_half(), byte_view(message).first(3), signature));
  for (std::size_t bit = 0; bit < 8 * signature.size(); bit += 37) {
    auto bent = signature;
    bent[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    CHECK_FALSE(node_key::verify(key.public_half(), message, bent));
  }
  auto bent = message;
  bent.back() ^= 1;
  CHECK_FALSE(node_key::verify(key.public_half(), bent, signature));
  CHECK_FALSE(node_key::verify(key.public_half(), message, byte_view(signature).first(63)));
  CHECK_FALSE(node_key::verify(key.public_half(), message, byte_view{}));
  byte_vector longer(signature.begin(), signature.end());
  longer.push_back(0);
  CHECK_FALSE(node_key::verify(key.public_half(), message, longer));
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("a key comes back from its file, which nobody else can read") {
  const scratch dir;
  const auto path = dir.path / "node.key";
  const auto before = umask(0);
  const auto key = must(node_key::generate());
  const auto saved = key.save(path);
  umask(before);
  REQUIRE_MESSAGE(saved.has_value(), saved.error().message);
  CHECK(mode_of(path) == 0600);
  CHECK(files_in(dir.path) == 1);
  const auto loaded = must(node_key::load(path));
  CHECK(loaded.id() == key.id());
  const auto message = bytes_of("hello");
  CHECK(must(loaded.sign(message)) == must(key.sign(message)));
}

TEST_CASE("a key is not written over anything") {
  const scratch dir;
  const auto path = dir.path / "node.key";
  const auto key = must(node_key::generate());
  REQUIRE(write_file(path, "precious"));
  const auto onto_file = key.save(path);
  CHECK(has(why(onto_file), "is there already"));
  CHECK(onto_file.error().code == errc::already_exists);
  CHECK(must(read_file(path, 100)) == "precious");
  // A link that leads nowhere, as an attacker would lay it.
  const auto link = dir.path / "link.key";
  std::filesystem::create_symlink(dir.path / "elsewhere", link);
  CHECK(key.save(link).error().code == errc::already_exists);
  CHECK_FALSE(std::filesystem::exists(dir.path / "elsewhere"));
  CHECK(files_in(dir.path) == 2);
  CHECK(has(why(key.save(dir.path / "no" / "folder")), "cannot be created"));
}

TEST_CASE("a key file that others can touch is refused") {
  const scratch dir;
  const auto path = dir.path / "node.key";
  REQUIRE(must(node_key::generate()).save(path));
  for (const mode_t mode : {0640, 0604, 0620, 0602, 0666}) {
    CAPTURE(mode);
    REQUIRE(chmod(path.c_str(), mode) == 0);
    CHECK(has(why(node_key::load(path)), "chmod 600 " + path.string()));
  }
  CHECK(has(node_key::load(path).error().message, "(mode 0666)"));
  REQUIRE(chmod(path.c_str(), 0400) == 0);
  CHECK(node_key::load(path).has_value());
}

TEST_CASE("what is not a plain file of ours is refused") {
  const scratch dir;
  const auto path = dir.path / "node.key", link = dir.path / "link", fifo = dir.path / "fifo";
  REQUIRE(must(node_key::generate()).save(path));
  std::filesystem::create_symlink(path, link);
  CHECK(has(why(node_key::load(link)), "symbolic link"));
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(has(why(node_key::load(fifo)), "not a regular file"));
  CHECK(has(why(node_key::load(dir.path)), "not a regular file"));
  CHECK(has(why(node_key::load(dir.path / "none")), "cannot be opened"));
  if (geteuid() == 0) {
    REQUIRE(chown(path.c_str(), 1234, 1234) == 0);
    CHECK(has(why(node_key::load(path)), "belongs to user 1234"));
  }
}

TEST_CASE("a file too large for a key is not read") {
  const scratch dir;
  const auto path = dir.path / "node.key";
  REQUIRE(create_file(path, rfc_pem + std::string(max_key_file_bytes - rfc_pem.size(), '\n'),
                      file_readers::owner));
  CHECK(node_key::load(path).has_value());
  REQUIRE(replace_file(path, rfc_pem + std::string(max_key_file_bytes - rfc_pem.size() + 1, '\n'),
                       file_readers::owner));
  CHECK(has(why(node_key::load(path)), "more than the limit of 65536"));
}

TEST_CASE("foreign contents are no key") {
  const auto elliptic = node_key::parse("f", elliptic_pem);
  CHECK(has(why(elliptic), "f: not an Ed25519 key"));
  CHECK(elliptic.error().code == errc::unsupported);
  auto bent = rfc_pem;
  bent[40] = '!';
  for (const auto& text :
       {std::string{}, std::string{"hello"}, encrypted_pem, "# mine\n" + rfc_pem, rfc_pem + "x",
        rfc_pem + rfc_pem, rfc_pem.substr(0, rfc_pem.size() - 10), bent}) {
    CAPTURE(text);
    const auto read = node_key::parse("f", text);
    CHECK(why(read).starts_with("f: "));
    CHECK(read.error().code == errc::bad_file);
    // The secret must not be shown.
    CHECK_FALSE(has(read.error().message, "MC4C"));
  }
}

TEST_CASE("a key with bytes behind it is damaged") {
  // The same 48 bytes and a NUL.
  CHECK(
      has(why(node_key::parse("f", "-----BEGIN PRIVATE KEY-----\n"
                                   "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMc\n"
                                   "rn9gAA==\n-----END PRIVATE KEY-----\n")),
          "PKCS#8"));
}

TEST_CASE("a moved key is in one place") {
  auto key = must(node_key::generate());
  const auto id = key.id();
  const auto taken = std::move(key);
  CHECK(taken.id() == id);
  CHECK(taken.sign(byte_view{}).has_value());
  CHECK_FALSE(std::is_copy_constructible_v<node_key>);
}

} // namespace
} // namespace dci::test
