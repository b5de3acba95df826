#include "runtime/base/files.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace dci {

expected<std::string> read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  std::error_code ec;
  const auto status = std::filesystem::status(path, ec);
  // status() reports a missing file too as an error; what remains is no access, or too many links.
  if (ec && status.type() != std::filesystem::file_type::not_found)
    return fail(errc::bad_file, path.string() + ": " + ec.message());
  if (!std::filesystem::exists(status))
    return fail(errc::bad_file, path.string() + ": no such file");
  if (!std::filesystem::is_regular_file(status))
    return fail(errc::bad_file, path.string() + ": not a regular file");
  const auto size = std::filesystem::file_size(path, ec);
  if (ec)
    return fail(errc::bad_file, path.string() + ": " + ec.message());
  if (size > max_bytes)
    return fail(errc::bad_file, path.string() + ": " + std::to_string(size) +
                                    " bytes, more than the limit of " + std::to_string(max_bytes));
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return fail(errc::bad_file, path.string() + ": " + std::strerror(errno));
  std::string bytes(size, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(size));
  if (static_cast<std::uintmax_t>(in.gcount()) != size)
    return fail(errc::bad_file, path.string() + ": ended before its size was read");
  return bytes;
}

result write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out)
    return fail(errc::bad_file, path.string() + ": cannot be written: " + std::strerror(errno));
  return {};
}

} // namespace dci
