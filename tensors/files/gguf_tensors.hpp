// The list of tensors in a GGUF file.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/error.hpp"
#include "tensors/files/gguf_reader.hpp"
#include "tensors/files/tensor_file.hpp"

namespace dci {

/// What the list says about one tensor.
struct gguf_entry {
  std::string name;
  dtype type = dtype::F32;
  std::vector<std::int64_t> shape; ///< row-major
  std::uint64_t offset = 0;        ///< in the tensors' bytes
  std::uint64_t bytes = 0;
};

/// GGML's number of a type; nothing where it has none.
std::optional<std::uint32_t> ggml_number(dtype type);

/// Bytes of the shortest entry.
inline constexpr std::uint64_t least_entry_bytes = 8 + 4 + 4 + 8;

/// Reads `count` entries; nothing in them has been held against the file's size
/// yet. Errors: bad_file, unsupported.
expected<std::vector<gguf_entry>> read_gguf_entries(gguf_reader& from, std::uint64_t count);

/// The tensors in these bytes. Errors: bad_file for one that is not aligned, not
/// inside or overlaps another, or a name that comes twice.
expected<tensor_views> place_tensors(const std::string& label, std::vector<gguf_entry> entries,
                                     std::span<const std::byte> data, std::uint64_t alignment);

} // namespace dci
