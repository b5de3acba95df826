#include "tensors/files/gguf_metadata.hpp"

#include <algorithm>
#include <limits>

#include "tensors/files/in_quotes.hpp"

namespace dci {

namespace {

constexpr std::uint64_t longest_key = 65535; // the format's own limit
constexpr int deepest_array = 4;

// Bytes of a value of fixed size; 0 for texts, arrays and what is unknown.
std::size_t size_of(gguf_type type) {
  switch (type) {
    case gguf_type::u8:
    case gguf_type::i8:
    case gguf_type::boolean:
      return 1;
    case gguf_type::u16:
    case gguf_type::i16:
      return 2;
    case gguf_type::u32:
    case gguf_type::i32:
    case gguf_type::f32:
      return 4;
    case gguf_type::u64:
    case gguf_type::i64:
    case gguf_type::f64:
      return 8;
    case gguf_type::string:
    case gguf_type::array:
      break;
  }
  return 0;
}

class value_reader {
 public:
  explicit value_reader(gguf_reader& from) : from_(from) {
  }

  expected<gguf_type> type() {
    DCI_ASSIGN(const auto number, from_.number<std::uint32_t>());
    if (number > static_cast<std::uint32_t>(gguf_type::f64))
      return from_.refuse("value type " + std::to_string(number) + " is unknown");
    return static_cast<gguf_type>(number);
  }

  expected<gguf_value> value(gguf_type type, int depth) {
    switch (type) {
      case gguf_type::u8:
        return number<std::uint8_t, std::uint64_t>();
      case gguf_type::u16:
        return number<std::uint16_t, std::uint64_t>();
      case gguf_type::u32:
        return number<std::uint32_t, std::uint64_t>();
      case gguf_type::u64:
        return number<std::uint64_t, std::uint64_t>();
      case gguf_type::i8:
        return number<std::int8_t, std::int64_t>();
      case gguf_type::i16:
        return number<std::int16_t, std::int64_t>();
      case gguf_type::i32:
        return number<std::int32_t, std::int64_t>();
      case gguf_type::i64:
        return number<std::int64_t, std::int64_t>();
      case gguf_type::f32:
        return number<float, double>();
      case gguf_type::f64:
        return number<double, double>();
      case gguf_type::boolean: {
        DCI_ASSIGN(const auto byte, from_.number<std::uint8_t>());
        if (byte > 1)
          return from_.refuse("a boolean of " + std::to_string(byte) + " is neither 0 nor 1");
        return gguf_value{byte == 1};
      }
      case gguf_type::string: {
        DCI_ASSIGN(const auto text, this->text());
        return gguf_value{text};
      }
      case gguf_type::array:
        break;
    }
    return array(depth + 1);
  }

 private:
  template <class Stored, class Wide>
  expected<gguf_value> number() {
    DCI_ASSIGN(const auto value, from_.number<Stored>());
    return gguf_value{static_cast<Wide>(value)};
  }

  expected<std::string_view> text() {
    return from_.text(std::numeric_limits<std::uint64_t>::max());
  }

  expected<gguf_value> array(int depth) {
    if (depth > deepest_array)
      return from_.refuse("arrays nested more than " + std::to_string(deepest_array) +
                          " levels deep");
    DCI_ASSIGN(const auto element, type());
    DCI_ASSIGN(const auto count, from_.number<std::uint64_t>());
    if (const auto size = size_of(element); size > 0) {
      DCI_TRY(from_.expect(count, size, "numbers"));
      DCI_ASSIGN(const auto bytes, from_.take(count * size));
      if (element == gguf_type::boolean &&
          std::ranges::any_of(bytes, [](auto byte) { return byte > std::byte{1}; }))
        return from_.refuse("a boolean that is neither 0 nor 1");
      return gguf_value{gguf_numbers{element, bytes}};
    }
    if (element == gguf_type::string) {
      DCI_TRY(from_.expect(count, sizeof(std::uint64_t), "texts"));
      gguf_strings out;
      for (std::uint64_t i = 0; i < count; ++i) {
        DCI_ASSIGN(const auto one, text());
        out.push_back(one);
      }
      return gguf_value{std::move(out)};
    }
    DCI_TRY(from_.expect(count, sizeof(std::uint32_t) + sizeof(std::uint64_t), "arrays"));
    gguf_arrays out;
    for (std::uint64_t i = 0; i < count; ++i) {
      DCI_ASSIGN(auto one, array(depth + 1));
      out.push_back(std::move(one));
    }
    return gguf_value{std::move(out)};
  }

  gguf_reader& from_;
};

template <class T>
double widened(const std::byte* at) {
  T out;
  std::memcpy(&out, at, sizeof out);
  return static_cast<double>(out);
}

} // namespace

std::size_t gguf_numbers::size() const {
  return bytes.size() / size_of(type);
}

double gguf_numbers::at(std::size_t index) const {
  const auto* place = bytes.data() + index * size_of(type);
  switch (type) {
    case gguf_type::u8:
    case gguf_type::boolean:
      return widened<std::uint8_t>(place);
    case gguf_type::i8:
      return widened<std::int8_t>(place);
    case gguf_type::u16:
      return widened<std::uint16_t>(place);
    case gguf_type::i16:
      return widened<std::int16_t>(place);
    case gguf_type::u32:
      return widened<std::uint32_t>(place);
    case gguf_type::i32:
      return widened<std::int32_t>(place);
    case gguf_type::f32:
      return widened<float>(place);
    case gguf_type::u64:
      return widened<std::uint64_t>(place);
    case gguf_type::i64:
      return widened<std::int64_t>(place);
    case gguf_type::f64:
      return widened<double>(place);
    case gguf_type::string:
    case gguf_type::array:
      break;
  }
  return 0;
}

expected<gguf_metadata> read_gguf_metadata(gguf_reader& from, std::uint64_t count) {
  value_reader values(from);
  gguf_metadata out;
  for (std::uint64_t i = 0; i < count; ++i) {
    from.enter("key " + std::to_string(i + 1) + " of " + std::to_string(count));
    DCI_ASSIGN(const auto key, from.text(longest_key));
    from.enter("key " + in_quotes(key));
    DCI_ASSIGN(const auto type, values.type());
    DCI_ASSIGN(auto value, values.value(type, 0));
    if (!out.emplace(key, std::move(value)).second)
      return from.refuse("appears twice");
  }
  return out;
}

} // namespace dci
