#include "tensors/files/weights.hpp"

#include <nlohmann/json.hpp>

#include "runtime/base/files.hpp"
#include "tensors/files/gguf_names.hpp"
#include "tensors/files/in_quotes.hpp"
#include "tensors/files/json_file.hpp"
#include "tensors/files/safetensors.hpp"

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
    opened->list_ = dir / single_name;
    opened->shards_.push_back({single_name, nullptr});
    DCI_ASSIGN(const auto file, opened->open_shard(0));
    for (const auto& [name, view] : file->tensors())
      opened->tensors_.emplace(name, listed{0, name});
    return opened;
  }
  if (!std::filesystem::exists(dir / index_name, ignored))
    return fail(errc::bad_file, dir.string() + ": no weights: neither " + single_name + " nor " +
                                    index_name + " is there");
  opened->list_ = dir / index_name;
  DCI_TRY(opened->read_index(opened->list_));
  return opened;
}

std::shared_ptr<const weights> weights::of_gguf(std::shared_ptr<const gguf_file> file,
                                                architecture kind) {
  auto out = std::make_shared<weights>();
  out->list_ = file->path();
  out->gguf_kind_ = kind;
  for (const auto& [stored, view] : file->tensors())
    if (auto name = name_from_gguf(kind, stored))
      out->tensors_.emplace(std::move(*name), listed{0, stored});
  out->shards_.push_back({file->path().filename().string(), std::move(file)});
  return out;
}

bool weights::in_folder(const std::filesystem::path& dir) {
  std::error_code ignored;
  return std::filesystem::exists(dir / single_name, ignored) ||
         std::filesystem::exists(dir / index_name, ignored);
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
    tensors_.emplace(tensor, listed{number->second, tensor});
  }
  return {};
}

bool weights::contains(std::string_view name) const {
  return tensors_.contains(name);
}

expected<weight> weights::find(std::string_view name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) {
    const auto stored = gguf_kind_ ? name_in_gguf(*gguf_kind_, name) : std::nullopt;
    return fail(errc::bad_file, list_.string() + ": tensor " +
                                    in_quotes(stored.value_or(std::string(name))) + " is missing");
  }
  const auto& stored = found->second.name;
  auto file = open_shard(found->second.shard);
  if (!file)
    return fail(file.error().code,
                file.error().message + " (tensor " + in_quotes(name) + " is needed from it)");
  const auto* view = (*file)->find(stored);
  if (view == nullptr)
    return fail(errc::bad_file, (*file)->path().string() + ": tensor " + in_quotes(name) +
                                    " is missing, though " + index_name + " says it is here");
  return weight{std::move(*file), view, stored};
}

expected<std::shared_ptr<const tensor_file>> weights::open_shard(std::size_t index) const {
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
