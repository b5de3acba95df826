#include "tensors/files/gguf_writer.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "tensors/files/gguf_tensors.hpp"

namespace dci {

namespace {

constexpr std::uint64_t alignment = 32; // what readers take where no key says otherwise

template <class T>
void put(std::string& out, T value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}

void put_text(std::string& out, std::string_view text) {
  put(out, std::uint64_t{text.size()});
  out += text;
}

void put_array(std::string& out, gguf_type type, std::size_t count) {
  put(out, static_cast<std::uint32_t>(type));
  put(out, std::uint64_t{count});
}

std::uint64_t padded(std::uint64_t bytes) {
  return (bytes + alignment - 1) / alignment * alignment;
}

std::uint64_t bytes_of_tensor(dtype type, const std::vector<std::int64_t>& shape) {
  std::uint64_t count = 1;
  for (const auto size : shape)
    count *= static_cast<std::uint64_t>(size);
  return bytes_of(type, count).value_or(0);
}

} // namespace

void gguf_writer::add_key(std::string_view key, gguf_type type) {
  put_text(metadata_, key);
  put(metadata_, static_cast<std::uint32_t>(type));
  ++keys_;
}

void gguf_writer::add(std::string_view key, std::uint32_t value) {
  add_key(key, gguf_type::u32);
  put(metadata_, value);
}

void gguf_writer::add(std::string_view key, float value) {
  add_key(key, gguf_type::f32);
  put(metadata_, value);
}

void gguf_writer::add(std::string_view key, bool value) {
  add_key(key, gguf_type::boolean);
  put(metadata_, static_cast<std::uint8_t>(value));
}

void gguf_writer::add(std::string_view key, std::string_view value) {
  add_key(key, gguf_type::string);
  put_text(metadata_, value);
}

void gguf_writer::add(std::string_view key, const std::vector<std::string>& values) {
  add_key(key, gguf_type::array);
  put_array(metadata_, gguf_type::string, values.size());
  for (const auto& value : values)
    put_text(metadata_, value);
}

void gguf_writer::add(std::string_view key, const std::vector<std::int32_t>& values) {
  add_key(key, gguf_type::array);
  put_array(metadata_, gguf_type::i32, values.size());
  for (const auto value : values)
    put(metadata_, value);
}

void gguf_writer::add(std::string_view key, const std::vector<float>& values) {
  add_key(key, gguf_type::array);
  put_array(metadata_, gguf_type::f32, values.size());
  for (const auto value : values)
    put(metadata_, value);
}

void gguf_writer::add_tensor(std::string name, dtype type, std::vector<std::int64_t> shape,
                             fill_fn fill) {
  tensors_.push_back({std::move(name), type, std::move(shape), std::move(fill)});
}

std::string gguf_writer::header() const {
  std::string out = "GGUF";
  put(out, std::uint32_t{3});
  put(out, std::uint64_t{tensors_.size()});
  put(out, keys_);
  out += metadata_;
  std::uint64_t offset = 0;
  for (const auto& tensor : tensors_) {
    put_text(out, tensor.name);
    put(out, static_cast<std::uint32_t>(tensor.shape.size()));
    for (auto size = tensor.shape.rbegin(); size != tensor.shape.rend(); ++size)
      put(out, static_cast<std::uint64_t>(*size));
    put(out, ggml_number(tensor.type).value_or(0));
    put(out, offset);
    offset += padded(bytes_of_tensor(tensor.type, tensor.shape));
  }
  out.resize(padded(out.size()));
  return out;
}

result gguf_writer::write(const std::filesystem::path& path,
                          const std::function<void(double)>& progress) const {
  const auto partial = std::filesystem::path(path).concat(".partial");
  const auto failed = [&](const std::string& why) {
    std::error_code ignored;
    std::filesystem::remove(partial, ignored);
    return fail(errc::bad_file, path.string() + ": cannot be written: " + why);
  };
  double total = 1;
  for (const auto& tensor : tensors_)
    total += static_cast<double>(bytes_of_tensor(tensor.type, tensor.shape));
  std::ofstream out(partial, std::ios::binary | std::ios::trunc);
  const auto head = header();
  out.write(head.data(), static_cast<std::streamsize>(head.size()));
  double done = 1;
  for (const auto& tensor : tensors_) {
    const auto size = bytes_of_tensor(tensor.type, tensor.shape);
    std::vector<std::byte> bytes(padded(size));
    if (auto filled = tensor.fill(std::span(bytes).first(size)); !filled) {
      (void)failed("");
      return filled;
    }
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
    if (!out)
      return failed(std::strerror(errno));
    done += static_cast<double>(size);
    if (progress)
      progress(done / total);
  }
  out.close();
  if (!out)
    return failed(std::strerror(errno));
  std::error_code ec;
  std::filesystem::rename(partial, path, ec);
  if (ec)
    return failed(ec.message());
  return {};
}

} // namespace dci
