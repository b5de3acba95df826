#include "tensors/files/gguf.hpp"

#include <algorithm>
#include <bit>

#include "tensors/files/gguf_tensors.hpp"
#include "tensors/files/in_quotes.hpp"

namespace dci {

namespace {

constexpr std::string_view magic = "GGUF";
// An empty key, a type, a value of one byte.
constexpr std::uint64_t least_pair_bytes = 8 + 4 + 1;
constexpr std::uint64_t usual_alignment = 32;

result check_version(gguf_reader& from) {
  DCI_ASSIGN(const auto version, from.number<std::uint32_t>());
  if (version == 2 || version == 3)
    return {};
  if (version != 0 && (version & 0xffffu) == 0)
    return from.refuse("big-endian files cannot be read", errc::unsupported);
  return from.refuse("version " + std::to_string(version) + " cannot be read, only 2 and 3",
                     errc::unsupported);
}

expected<std::uint64_t> alignment_of(const std::string& label, const gguf_metadata& metadata) {
  const auto found = metadata.find("general.alignment");
  if (found == metadata.end())
    return usual_alignment;
  const auto* value = std::get_if<std::uint64_t>(&found->second.data);
  if (value == nullptr || !std::has_single_bit(*value))
    return fail(errc::bad_file,
                label + ": key \"general.alignment\": must be a whole number, a power of two");
  return *value;
}

} // namespace

expected<gguf_contents> parse_gguf(const std::string& label, std::span<const std::byte> file) {
  gguf_reader from(label, file);
  DCI_ASSIGN(const auto start, from.take(magic.size()));
  if (!std::ranges::equal(start, std::as_bytes(std::span(magic))))
    return from.refuse("not a GGUF file: it must begin with GGUF");
  DCI_TRY(check_version(from));
  DCI_ASSIGN(const auto tensors, from.number<std::uint64_t>());
  DCI_ASSIGN(const auto pairs, from.number<std::uint64_t>());
  DCI_TRY(from.expect(pairs, least_pair_bytes, "keys"));
  DCI_TRY(from.expect(tensors, least_entry_bytes, "tensors"));
  gguf_contents out;
  DCI_ASSIGN(out.metadata, read_gguf_metadata(from, pairs));
  from.enter("header");
  DCI_TRY(from.expect(tensors, least_entry_bytes, "tensors"));
  DCI_ASSIGN(auto entries, read_gguf_entries(from, tensors));
  out.header = file.first(from.position());
  DCI_ASSIGN(const auto alignment, alignment_of(label, out.metadata));
  // The tensors' bytes begin at the next multiple; a file without tensors may end before it.
  const auto used = from.position() % alignment;
  const auto padding = used == 0 ? 0 : alignment - used;
  const auto data = file.subspan(from.position() + std::min(padding, from.left()));
  DCI_ASSIGN(out.tensors, place_tensors(label, std::move(entries), data, alignment));
  return out;
}

expected<std::shared_ptr<const gguf_file>> gguf_file::open(const std::filesystem::path& path) {
  auto opened = std::make_shared<gguf_file>();
  DCI_ASSIGN(opened->file_, mapped_file::open(path));
  DCI_ASSIGN(auto contents, parse_gguf(path.string(), opened->file_->bytes()));
  opened->metadata_ = std::move(contents.metadata);
  opened->tensors_ = std::move(contents.tensors);
  opened->header_ = contents.header;
  return opened;
}

bool has_gguf_name(const std::filesystem::path& path) {
  return path.extension() == ".gguf";
}

expected<std::filesystem::path> find_gguf(const std::filesystem::path& dir_or_file) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (!fs::is_directory(dir_or_file, ignored))
    return has_gguf_name(dir_or_file) ? dir_or_file : fs::path();
  fs::path found;
  auto at = fs::directory_iterator(dir_or_file, ignored);
  for (; at != fs::directory_iterator(); at.increment(ignored)) {
    if (!has_gguf_name(at->path()) || fs::is_directory(at->path(), ignored))
      continue;
    if (!found.empty())
      return fail(errc::bad_file, dir_or_file.string() +
                                      ": several .gguf files: name the one to take, such as " +
                                      in_quotes(std::min(found, at->path()).filename().string()));
    found = at->path();
  }
  return found;
}

} // namespace dci
