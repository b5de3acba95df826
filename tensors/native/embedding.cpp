#include "tensors/native/embedding.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "tensors/kernels/half.hpp"

namespace dci {

void row_of(const tensor_view& view, std::uint64_t row, std::span<float> out) {
  const auto size = bits_of(view.type) / 8;
  const auto* at = view.bytes.data() + row * out.size() * size;
  for (auto& number : out) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, at, size);
    if (view.type == dtype::F32)
      number = std::bit_cast<float>(bits);
    else if (view.type == dtype::F16)
      number = kernels::f32_from_f16(static_cast<std::uint16_t>(bits));
    else
      number = kernels::f32_from_bf16(static_cast<std::uint16_t>(bits));
    at += size;
  }
}

void native_embedding::row(token_id token, std::uint32_t position, std::span<float> out) const {
  row_of(tokens_.view(), static_cast<std::uint64_t>(token), out);
  if (!positions_)
    return;
  std::vector<float> place(out.size());
  row_of(positions_->view(), position, place);
  std::ranges::transform(out, place, out.begin(), std::plus<>());
}

} // namespace dci
