#include "tensors/native/embedding.hpp"

#include <algorithm>
#include <functional>
#include <vector>

#include "tensors/files/read_row.hpp"

namespace dci {

void native_embedding::row(token_id token, std::uint32_t position, std::span<float> out) const {
  read_row(tokens_.view(), static_cast<std::uint64_t>(token), out);
  if (!positions_)
    return;
  std::vector<float> place(out.size());
  read_row(positions_->view(), position, place);
  std::ranges::transform(out, place, out.begin(), std::plus<>());
}

} // namespace dci
