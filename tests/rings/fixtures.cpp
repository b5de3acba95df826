#include "tests/rings/fixtures.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "net/free_port.hpp"
#include "runtime/base/files.hpp"

namespace dci::test {

namespace fs = std::filesystem;
using nlohmann::json;

json read_json(const fs::path& file) {
  const auto text = read_file(file, 64 << 20);
  REQUIRE_MESSAGE(text, (text ? "" : text.error().message));
  return json::parse(*text);
}

std::uint32_t layers_of(const fs::path& model) {
  const auto config = read_json(model / "config.json");
  return config.contains("n_layer") ? config["n_layer"] : config["num_hidden_layers"];
}

fs::path copy_of(const fs::path& model, const temp_dir& dir) {
  const auto out = dir.path() / model.filename();
  fs::copy(model, out);
  for (const auto& entry : fs::directory_iterator(out))
    fs::permissions(entry.path(), fs::perms::owner_write, fs::perm_options::add);
  return out;
}

void set_config(const fs::path& model, const std::string& key, const json& value) {
  auto config = read_json(model / "config.json");
  config[key] = value;
  REQUIRE(write_file(model / "config.json", config.dump()));
}

void set_weight(const fs::path& file, const std::string& tensor, const std::string& bytes) {
  std::fstream io(file, std::ios::in | std::ios::out | std::ios::binary);
  std::uint64_t size = 0;
  REQUIRE(io.read(reinterpret_cast<char*>(&size), sizeof(size)));
  std::string header(size, '\0');
  REQUIRE(io.read(header.data(), static_cast<std::streamsize>(size)));
  const auto tensors = json::parse(header);
  REQUIRE(tensors.contains(tensor));
  const std::uint64_t offset = tensors[tensor]["data_offsets"][0];
  io.seekp(static_cast<std::streamoff>(8 + size + offset));
  REQUIRE(io.write(bytes.data(), static_cast<std::streamsize>(bytes.size())));
}

fs::path endless_model(const temp_dir& dir) {
  const auto out = copy_of(tiny_dir, dir);
  set_config(out, "max_position_embeddings", 300'000);
  return out;
}

std::string hosts_toml(const std::vector<std::string>& names) {
  const auto ports = free_loopback_ports(names.size());
  REQUIRE(ports);
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i)
    out += "[[host]]\nname = \"" + names[i] +
           "\"\naddress = \"127.0.0.1:" + std::to_string((*ports)[i]) + "\"\n";
  return out;
}

} // namespace dci::test
