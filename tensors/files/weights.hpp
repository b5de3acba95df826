// A model's weights: one safetensors file, or an index and its shards.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.hpp"
#include "tensors/files/safetensors.hpp"

namespace dci {

/// One tensor and the file that keeps its bytes alive.
struct weight {
  std::shared_ptr<const safetensors_file> file;
  const tensor_view* view = nullptr;
};

/// Finds tensors by name. Shards are opened when a tensor of theirs is first
/// asked for, so those of other stages need not be there. Thread-safe.
class weights {
 public:
  /// Looks for model.safetensors, then for model.safetensors.index.json.
  /// Errors: bad_file when neither is there or one is damaged.
  static expected<std::shared_ptr<const weights>> open(const std::filesystem::path& dir);

  /// Whether the file, or the index, lists it.
  bool contains(std::string_view name) const;
  /// Errors: bad_file when it is not listed, or its shard is missing, damaged
  /// or does not hold it.
  expected<weight> find(std::string_view name) const;

  /// What identifies these weights short of reading them: the header of the one
  /// file, or the index's bytes, which need no shard to be there.
  std::string_view identity() const;

 private:
  struct shard {
    std::string name;
    std::shared_ptr<const safetensors_file> file; // null until it is needed
  };

  result read_index(const std::filesystem::path& path);
  expected<std::shared_ptr<const safetensors_file>> open_shard(std::size_t index) const;

  std::filesystem::path dir_;
  std::string index_; // the index file's bytes, if there is one
  std::map<std::string, std::size_t, std::less<>> shard_of_;
  mutable std::mutex mutex_;
  mutable std::vector<shard> shards_;
};

} // namespace dci
