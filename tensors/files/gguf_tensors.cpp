#include "tensors/files/gguf_tensors.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "tensors/files/in_quotes.hpp"

namespace dci {

namespace {

constexpr std::uint64_t longest_name = 64; // the format's own limits
constexpr std::uint32_t most_dimensions = 4;

struct ggml_type {
  std::uint32_t number;
  const char* name;
  std::optional<dtype> type; // empty for what we cannot read
};

constexpr ggml_type known_types[] = {
    {0, "F32", dtype::F32},    {1, "F16", dtype::F16},  {2, "Q4_0", dtype::Q4_0},
    {3, "Q4_1", {}},           {6, "Q5_0", {}},         {7, "Q5_1", {}},
    {8, "Q8_0", dtype::Q8_0},  {10, "Q2_K", {}},        {11, "Q3_K", {}},
    {12, "Q4_K", dtype::Q4_K}, {13, "Q5_K", {}},        {14, "Q6_K", dtype::Q6_K},
    {24, "I8", dtype::I8},     {25, "I16", dtype::I16}, {26, "I32", dtype::I32},
    {27, "I64", dtype::I64},   {28, "F64", dtype::F64}, {30, "BF16", dtype::BF16},
};

expected<dtype> read_type(gguf_reader& from) {
  DCI_ASSIGN(const auto number, from.number<std::uint32_t>());
  const auto* known = std::ranges::find(known_types, number, &ggml_type::number);
  const bool listed = known != std::end(known_types);
  if (listed && known->type)
    return *known->type;
  return from.refuse("GGML type " + std::to_string(number) +
                         (listed ? " (" + std::string(known->name) + ")" : "") + " cannot be read",
                     errc::unsupported);
}

expected<gguf_entry> read_entry(gguf_reader& from) {
  gguf_entry out;
  DCI_ASSIGN(const auto name, from.text(longest_name));
  out.name = name;
  from.enter("tensor " + in_quotes(name));
  DCI_ASSIGN(const auto rank, from.number<std::uint32_t>());
  if (rank > most_dimensions)
    return from.refuse(std::to_string(rank) + " dimensions, more than " +
                       std::to_string(most_dimensions));
  std::uint64_t count = 1;
  for (std::uint32_t i = 0; i < rank; ++i) {
    DCI_ASSIGN(const auto size, from.number<std::uint64_t>());
    if (size > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return from.refuse("dimension " + std::to_string(size) + " is absurd");
    out.shape.insert(out.shape.begin(), static_cast<std::int64_t>(size));
    if (__builtin_mul_overflow(count, size, &count))
      return from.refuse("shape " + shape_text(out.shape) +
                         " is absurd: its numbers cannot be counted");
  }
  DCI_ASSIGN(out.type, read_type(from));
  const auto row = out.shape.empty() ? 1 : static_cast<std::uint64_t>(out.shape.back());
  if (row % block_numbers(out.type) != 0)
    return from.refuse("rows of " + std::to_string(row) + " numbers are no whole blocks of " +
                       std::string(to_string(out.type)) + ", which has " +
                       std::to_string(block_numbers(out.type)));
  const auto bytes = bytes_of(out.type, count);
  if (!bytes)
    return from.refuse("shape " + shape_text(out.shape) +
                       " is absurd: its bytes cannot be counted");
  out.bytes = *bytes;
  DCI_ASSIGN(out.offset, from.number<std::uint64_t>());
  return out;
}

result check_apart(const std::string& label, const std::vector<gguf_entry>& entries) {
  std::vector<const gguf_entry*> order;
  for (const auto& entry : entries)
    if (entry.bytes > 0)
      order.push_back(&entry);
  std::ranges::sort(order, {}, [](const auto* entry) { return entry->offset; });
  for (std::size_t i = 1; i < order.size(); ++i)
    if (order[i]->offset < order[i - 1]->offset + order[i - 1]->bytes)
      return fail(errc::bad_file, label + ": tensor " + in_quotes(order[i]->name) + ": offset " +
                                      std::to_string(order[i]->offset) + " overlaps tensor " +
                                      in_quotes(order[i - 1]->name));
  return {};
}

} // namespace

std::optional<std::uint32_t> ggml_number(dtype type) {
  const auto* known = std::ranges::find(known_types, std::optional(type), &ggml_type::type);
  return known == std::end(known_types) ? std::nullopt : std::optional(known->number);
}

expected<std::vector<gguf_entry>> read_gguf_entries(gguf_reader& from, std::uint64_t count) {
  std::vector<gguf_entry> out;
  for (std::uint64_t i = 0; i < count; ++i) {
    from.enter("tensor " + std::to_string(i + 1) + " of " + std::to_string(count));
    DCI_ASSIGN(auto entry, read_entry(from));
    out.push_back(std::move(entry));
  }
  return out;
}

expected<tensor_views> place_tensors(const std::string& label, std::vector<gguf_entry> entries,
                                     std::span<const std::byte> data, std::uint64_t alignment) {
  tensor_views out;
  for (const auto& entry : entries) {
    const auto refuse = [&](const std::string& reason) {
      return fail(errc::bad_file, label + ": tensor " + in_quotes(entry.name) + ": " + reason);
    };
    if (entry.offset % alignment != 0)
      return refuse("offset " + std::to_string(entry.offset) + " is not a multiple of " +
                    std::to_string(alignment));
    if (entry.offset > data.size() || entry.bytes > data.size() - entry.offset)
      return refuse(std::to_string(entry.bytes) + " bytes at offset " +
                    std::to_string(entry.offset) + " end beyond the file's " +
                    std::to_string(data.size()) +
                    " bytes of data: the file is truncated, copy it again");
    const tensor_view view{entry.type, entry.shape, data.subspan(entry.offset, entry.bytes)};
    if (!out.emplace(entry.name, view).second)
      return refuse("listed twice");
  }
  DCI_TRY(check_apart(label, entries));
  return out;
}

} // namespace dci
