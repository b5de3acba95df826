#include "tensors/kernels/targets.hpp"

#include <hwy/highway.h>
#include <hwy/targets.h>

#include "tensors/kernels/byte_products.hpp"

namespace dci::kernels {

namespace {

struct extra {
  std::string_view name;
  byte_products which;
};

// What AVX3 can have besides, best first.
constexpr extra extras[] = {{"+VNNI+AMX", byte_products::tiles}, {"+VNNI", byte_products::vnni}};

} // namespace

std::vector<std::string> supported_targets() {
  std::vector<std::string> out;
  hwy::SetSupportedTargetsForTest(0);
  for (const auto target : hwy::SupportedAndGeneratedTargets()) {
    const std::string name = hwy::TargetName(target);
    if (target == HWY_AVX3)
      for (const auto& more : extras)
        if (more.which <= best_byte_products())
          out.push_back(name + std::string(more.name));
    out.push_back(name);
  }
  return out;
}

bool use_target(std::string_view name) {
  hwy::SetSupportedTargetsForTest(0);
  auto products = byte_products::none;
  for (const auto& more : extras)
    if (products == byte_products::none && name.ends_with(more.name)) {
      name.remove_suffix(more.name.size());
      products = more.which;
    }
  for (const auto target : hwy::SupportedAndGeneratedTargets())
    if (name == hwy::TargetName(target) && products <= best_byte_products()) {
      use_byte_products(products);
      hwy::SetSupportedTargetsForTest(target);
      return true;
    }
  return false;
}

} // namespace dci::kernels
