#include "actors/step_link/wire.hpp"

#include <utility>

#include "actors/step_link/codecs.hpp"

namespace dci {
namespace {

/// The numbers of a matrix are behind the header; this says how many there are.
struct matrix_shape {
  std::uint32_t rows = 0;
  std::uint32_t cols = 0;
  std::uint32_t bytes = 0;

  static constexpr std::string_view type_name = "matrix";
  static constexpr auto fields() {
    using self = matrix_shape;
    return std::tuple{required("rows", &self::rows, "positions"),
                      required("cols", &self::cols, "numbers of each"),
                      required("bytes", &self::bytes, "of the payload")};
  }
};

struct frame_header {
  link_message message;
  std::vector<matrix_shape> matrices; ///< in the order in which the message has them

  static constexpr std::string_view type_name = "link_message";
  static constexpr auto fields() {
    return std::tuple{required("message", &frame_header::message, "without its matrices"),
                      required("matrices", &frame_header::matrices, "their shapes")};
  }
};

/// Calls f(activation&) for each matrix of a message, in order.
template <class Message, class F>
void for_each_matrix(Message& message, F&& f) {
  if (auto* pass = std::get_if<hidden_pass>(&message))
    for (auto& step : pass->steps)
      f(step.rows);
  else if (auto* out = std::get_if<tokens_event>(&message))
    for (auto& token : out->tokens)
      f(token.logits);
}

result attach(std::vector<matrix_shape> shapes, const byte_vector& payload, step_message& to) {
  std::size_t used = 0, next = 0;
  result out;
  for_each_matrix(to, [&](activation& matrix) {
    if (!out || next == shapes.size()) {
      ++next;
      return;
    }
    const auto& shape = shapes[next++];
    if (shape.bytes > payload.size() - used) {
      out = fail(errc::bad_message,
                 "a matrix goes beyond the frame's " + std::to_string(payload.size()) + " bytes");
      return;
    }
    const auto first = payload.begin() + static_cast<std::ptrdiff_t>(used);
    used += shape.bytes;
    auto made = activation::from_bytes(shape.rows, shape.cols,
                                       {first, first + static_cast<std::ptrdiff_t>(shape.bytes)});
    if (made)
      matrix = std::move(*made);
    else
      out = fail(std::move(made.error()));
  });
  if (out && (next != shapes.size() || used != payload.size()))
    return fail(errc::bad_message, "a frame with " + std::to_string(shapes.size()) +
                                       " matrices of " + std::to_string(next));
  return out;
}

} // namespace

frame pack_link_message(const link_message& message) {
  frame out;
  std::vector<matrix_shape> shapes;
  if (const auto* step = std::get_if<step_frame>(&message))
    for_each_matrix(step->message, [&](const activation& matrix) {
      const auto bytes = matrix.to_bytes();
      shapes.push_back({matrix.rows(), matrix.cols(), static_cast<std::uint32_t>(bytes.size())});
      out.payload.insert(out.payload.end(), bytes.begin(), bytes.end());
    });
  out.header = wire::pack(frame_header{message, std::move(shapes)});
  return out;
}

expected<link_message> unpack_link_message(const frame& from) {
  DCI_ASSIGN(auto header, wire::unpack<frame_header>(from.header, frame_header::type_name));
  step_message none;
  auto* const step = std::get_if<step_frame>(&header.message);
  DCI_TRY(attach(std::move(header.matrices), from.payload, step ? step->message : none));
  return std::move(header.message);
}

} // namespace dci
