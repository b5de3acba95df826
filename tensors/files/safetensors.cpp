#include "tensors/files/safetensors.hpp"

#include <algorithm>
#include <optional>

#include "tensors/files/in_quotes.hpp"
#include "tensors/files/safetensors_header.hpp"

namespace dci {

namespace {

constexpr std::size_t length_bytes = 8;

std::uint64_t little_endian(std::span<const std::byte> bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < length_bytes; ++i)
    value |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
  return value;
}

// Empty when the count overflows or is no whole number of bytes.
std::optional<std::uint64_t> bytes_of(const header_entry& entry) {
  if (std::ranges::find(entry.shape, 0) != entry.shape.end())
    return 0;
  std::uint64_t count = 1;
  for (const auto size : entry.shape)
    if (__builtin_mul_overflow(count, static_cast<std::uint64_t>(size), &count))
      return std::nullopt;
  return bytes_of(entry.type, count);
}

std::string offsets_text(const header_entry& entry) {
  return "data_offsets [" + std::to_string(entry.begin) + ", " + std::to_string(entry.end) + "]";
}

result check_entry(const std::string& label, const header_entry& entry, std::uint64_t data_bytes) {
  const auto refuse = [&](const std::string& reason) {
    return fail(errc::bad_file, label + ": tensor " + in_quotes(entry.name) + ": " + reason);
  };
  if (entry.end < entry.begin)
    return refuse(offsets_text(entry) + " run backwards");
  const auto kind = std::string(to_string(entry.type)) + " of shape " + shape_text(entry.shape);
  const auto wanted = bytes_of(entry);
  if (!wanted)
    return refuse(kind + " is absurd: its bytes cannot be counted");
  if (*wanted != entry.end - entry.begin)
    return refuse(offsets_text(entry) + " hold " + std::to_string(entry.end - entry.begin) +
                  " bytes, but " + kind + " takes " + std::to_string(*wanted));
  if (entry.end > data_bytes)
    return refuse(offsets_text(entry) + " end beyond the file's " + std::to_string(data_bytes) +
                  " bytes of data: the file is truncated, copy it again");
  return {};
}

// The tensors must follow one another and fill the data.
result check_cover(const std::string& label, std::vector<const header_entry*> order,
                   std::uint64_t data_bytes) {
  std::ranges::sort(order, [](const auto* a, const auto* b) {
    return std::pair(a->begin, a->end) < std::pair(b->begin, b->end);
  });
  const header_entry* previous = nullptr;
  std::uint64_t covered = 0;
  for (const auto* entry : order) {
    if (entry->begin < covered)
      return fail(errc::bad_file, label + ": tensor " + in_quotes(entry->name) + ": " +
                                      offsets_text(*entry) + " overlap tensor " +
                                      in_quotes(previous->name));
    if (entry->begin > covered)
      return fail(errc::bad_file, label + ": tensor " + in_quotes(entry->name) + ": " +
                                      offsets_text(*entry) + " leave a gap of " +
                                      std::to_string(entry->begin - covered) + " bytes before it");
    covered = entry->end;
    previous = entry;
  }
  if (covered != data_bytes)
    return fail(errc::bad_file, label + ": the last " + std::to_string(data_bytes - covered) +
                                    " bytes belong to no tensor");
  return {};
}

} // namespace

expected<tensor_views> parse_safetensors(const std::string& label,
                                         std::span<const std::byte> file) {
  if (file.size() < length_bytes)
    return fail(errc::bad_file, label + ": truncated: " + std::to_string(file.size()) +
                                    " bytes are too few for a safetensors file");
  const auto header_bytes = little_endian(file);
  if (header_bytes > max_safetensors_header)
    return fail(errc::bad_file, label + ": the header claims " + std::to_string(header_bytes) +
                                    " bytes, more than the limit of " +
                                    std::to_string(max_safetensors_header) +
                                    ": is this a safetensors file?");
  if (header_bytes > file.size() - length_bytes)
    return fail(errc::bad_file, label + ": truncated: the header claims " +
                                    std::to_string(header_bytes) + " bytes, but the file has " +
                                    std::to_string(file.size()));
  const auto header = file.subspan(length_bytes, header_bytes);
  const auto data = file.subspan(length_bytes + header_bytes);
  DCI_ASSIGN(auto entries,
             parse_safetensors_header(
                 label, {reinterpret_cast<const char*>(header.data()), header.size()}));
  std::vector<const header_entry*> order;
  for (const auto& entry : entries) {
    DCI_TRY(check_entry(label, entry, data.size()));
    order.push_back(&entry);
  }
  DCI_TRY(check_cover(label, std::move(order), data.size()));
  tensor_views views;
  for (auto& entry : entries)
    views.emplace(std::move(entry.name),
                  tensor_view{entry.type, std::move(entry.shape),
                              data.subspan(entry.begin, entry.end - entry.begin)});
  return views;
}

expected<std::shared_ptr<const safetensors_file>>
safetensors_file::open(const std::filesystem::path& path) {
  auto opened = std::make_shared<safetensors_file>();
  DCI_ASSIGN(opened->file_, mapped_file::open(path));
  const auto bytes = opened->file_->bytes();
  DCI_ASSIGN(opened->tensors_, parse_safetensors(path.string(), bytes));
  opened->header_ = bytes.subspan(length_bytes, little_endian(bytes));
  return opened;
}

} // namespace dci
