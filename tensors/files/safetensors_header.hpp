// The JSON header of a safetensors file, as it is written: nothing in it has
// been held against the file's size yet.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.hpp"
#include "tensors/files/dtype.hpp"

namespace dci {

/// What the header says about one tensor.
struct header_entry {
  std::string name;
  dtype type = dtype::F32;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0; ///< bytes after the header
  std::uint64_t end = 0;
};

/// Reads the header in one pass; a wrong key, type or depth ends it at once, so
/// a hostile header costs no more memory than it has bytes, times a small
/// factor. Errors: bad_file.
expected<std::vector<header_entry>> parse_safetensors_header(const std::string& label,
                                                             std::string_view json);

} // namespace dci
