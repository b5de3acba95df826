// A model's weights: one safetensors file, an index and its shards, or a GGUF file.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.hpp"
#include "tensors/files/gguf.hpp"
#include "tensors/files/model_config.hpp"
#include "tensors/files/tensor_file.hpp"

namespace dci {

/// One tensor and the file that keeps its bytes alive.
struct weight {
  std::shared_ptr<const tensor_file> file;
  const tensor_view* view = nullptr;
  std::string name; ///< as the file has it
};

/// Finds tensors by the names Hugging Face gives them. Shards are opened when a tensor of theirs is
/// first asked for, so those of other stages need not be there. Thread-safe.
class weights {
 public:
  /// Looks for model.safetensors, then for model.safetensors.index.json.
  /// Errors: bad_file when neither is there or one is damaged.
  static expected<std::shared_ptr<const weights>> open(const std::filesystem::path& dir);

  /// The file's tensors; their names are without an outer prefix.
  static std::shared_ptr<const weights> of_gguf(std::shared_ptr<const gguf_file> file,
                                                architecture kind);
  /// Whether there is what open looks for.
  static bool in_folder(const std::filesystem::path& dir);

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
    std::shared_ptr<const tensor_file> file; // null until it is needed
  };
  struct listed {
    std::size_t shard = 0;
    std::string name; // as the file has it
  };

  result read_index(const std::filesystem::path& path);
  expected<std::shared_ptr<const tensor_file>> open_shard(std::size_t index) const;

  std::filesystem::path dir_;
  std::string index_;                     // the index file's bytes, if there is one
  std::filesystem::path list_;            // the file that says which tensors there are
  std::optional<architecture> gguf_kind_; // of a GGUF file
  std::map<std::string, listed, std::less<>> tensors_;
  mutable std::mutex mutex_;
  mutable std::vector<shard> shards_;
};

} // namespace dci
