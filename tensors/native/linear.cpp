#include "tensors/native/linear.hpp"

#include <algorithm>

#include "tensors/kernels/elementwise.hpp"

namespace dci {

operand prepare(workspace& memory, kernels::rows_view rows, std::span<const product> products,
                std::uint32_t index, std::uint32_t threads) {
  operand out{rows, rows.rows == 1 ? index : 0};
  bool bytes = false;
  for (const auto& p : products) {
    bytes |= is_quantized(p.linear->weight.format());
    out.form = std::max(out.form, kernels::form_for(p.linear->weight.format(), rows.rows));
  }
  if (!bytes)
    return out;
  const auto inputs = products.front().linear->weight.inputs();
  if (rows.rows == 1)
    memory.bytes.assign(index, rows.data, inputs, out.form);
  else {
    const auto mine = share_of(rows.rows, index, threads);
    for (auto r = mine.first; r < mine.last; ++r)
      memory.bytes.assign(r, rows.data + r * rows.stride, inputs, out.form);
  }
  return out;
}

work_share panels_of(std::span<const product> products, std::size_t number, std::uint32_t index,
                     std::uint32_t threads) {
  std::uint32_t total = 0, before = 0;
  for (std::size_t i = 0; i < products.size(); ++i) {
    if (i == number)
      before = total;
    total += products[i].linear->weight.panels();
  }
  const auto panels = products[number].linear->weight.panels();
  const auto mine = share_of(total, index, threads);
  const auto inside = [&](std::uint32_t place) {
    return std::clamp(place, before, before + panels) - before;
  };
  return {inside(mine.first), inside(mine.last)};
}

work_share outputs_of(const native_linear& linear, work_share panels) {
  return {panels.first * kernels::panel_outputs,
          std::min(panels.last * kernels::panel_outputs, linear.weight.outputs())};
}

void multiply(workspace& memory, const operand& rows, std::span<const product> products,
              std::uint32_t index, std::uint32_t threads) {
  for (std::size_t i = 0; i < products.size(); ++i) {
    const auto& [linear, out] = products[i];
    const auto panels = panels_of(products, i, index, threads);
    if (panels.first == panels.last)
      continue;
    const auto count = rows.floats.rows;
    if (is_quantized(linear->weight.format()))
      kernels::matmul(linear->weight, panels.first, panels.last,
                      memory.bytes.view(rows.first_byte_row, count, rows.form), out->row(0),
                      out->stride());
    else
      kernels::matmul(linear->weight, panels.first, panels.last, rows.floats, out->row(0),
                      out->stride(), memory.scratch[index]);
    if (linear->bias.empty())
      continue;
    const auto [first, last] = outputs_of(*linear, panels);
    for (std::uint32_t r = 0; r < count; ++r)
      kernels::add(out->row(r) + first, linear->bias.data() + first, last - first,
                   out->row(r) + first);
  }
}

} // namespace dci
