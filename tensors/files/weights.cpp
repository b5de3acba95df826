#include "tensors/files/weights.hpp"

#include <nlohmann/json.hpp>

#include "runtime/base/files.hpp"
#include "tensors/files/in_quotes.hpp"
#include "tensors/files/json_file.hpp"

namespace dci {

namespace {

constexpr auto single_name = "model.safetensors";
constexpr auto index_name = "model.safetensors.index.json";
constexpr std::size_t max_index_bytes = 16 << 20;

// A plain name cannot lead out of the model's folder.
bool is_plain_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
         name.find('\\') == std::string::npos && name.find('\0') == std::string::npos;
}

} // namespace

expected<std::shared_ptr<const weights>> weights::open(const std::filesystem::path& dir) {
  auto opened = std::make_shared<weights>();
  opened->dir_ = dir;
  std::error_code ignored;
  if (std::filesystem::exists(dir / single_name, ignored)) {
    opened->shards_.push_back({single_name, nullptr});
    DCI_ASSIGN(const auto file, opened->open_shard(0));
    for (const auto& [name, view] : file->tensors())
      opened->shard_of_.emplace(name, 0);
    return opened;
  }
  if (!std::filesystem::exists(dir / index_name, ignored))
    return fail(errc::bad_file, dir.string() + ": no weights: neither " + single_name + " nor " +
                                    index_name + " is there");
  DCI_TRY(opened->read_index(dir / index_name));
  return opened;
}

result weights::read_index(const std::filesystem::path& path) {
  DCI_ASSIGN(index_, read_file(path, max_index_bytes));
  DCI_ASSIGN(const auto document, parse_json(path.string(), index_));
  const auto refuse = [&](const std::string& reason) {
    return fail(errc::bad_file, path.string() + ": " + reason);
  };
  if (!document.is_object() || !document.contains("weight_map"))
    return refuse("weight_map: missing");
  const auto& map = document["weight_map"];
  if (!map.is_object() || map.empty())
    return refuse("weight_map: must be an object that names a file for each tensor");
  std::map<std::string, std::size_t> numbers;
  for (const auto& [tensor, file] : map.items()) {
    if (!file.is_string())
      return refuse("weight_map: tensor " + in_quotes(tensor) + ": needs a file name, not " +
                    brief(file));
    const auto& name = file.get_ref<const std::string&>();
    if (!is_plain_name(name))
      return refuse("weight_map: tensor " + in_quotes(tensor) + ": " + in_quotes(name) +
                    " is not the plain name of a file in this folder");
    const auto [number, is_new] = numbers.emplace(name, shards_.size());
    if (is_new)
      shards_.push_back({name, nullptr});
    shard_of_.emplace(tensor, number->second);
  }
  return {};
}

bool weights::contains(std::string_view name) const {
  return shard_of_.contains(name);
}

expected<weight> weights::find(std::string_view name) const {
  const auto found = shard_of_.find(name);
  if (found == shard_of_.end())
    return fail(errc::bad_file, (dir_ / (index_.empty() ? single_name : index_name)).string() +
                                    ": tensor " + in_quotes(name) + " is missing");
  auto file = open_shard(found->second);
  if (!file)
    return fail(file.error().code,
                file.error().message + " (tensor " + in_quotes(name) + " is needed from it)");
  const auto* view = (*file)->find(name);
  if (view == nullptr)
    return fail(errc::bad_file, (*file)->path().string() + ": tensor " + in_quotes(name) +
                                    " is missing, though " + index_name + " says it is here");
  return weight{std::move(*file), view};
}

expected<std::shared_ptr<const safetensors_file>> weights::open_shard(std::size_t index) const {
  const std::lock_guard lock(mutex_);
  auto& wanted = shards_[index];
  if (!wanted.file) {
    DCI_ASSIGN(wanted.file, safetensors_file::open(dir_ / wanted.name));
  }
  return wanted.file;
}

std::string_view weights::identity() const {
  if (!index_.empty())
    return index_;
  const std::lock_guard lock(mutex_);
  const auto header = shards_.front().file->header();
  return {reinterpret_cast<const char*>(header.data()), header.size()};
}

} // namespace dci
