#include "tensors/kernels/targets.hpp"

#include <hwy/highway.h>
#include <hwy/targets.h>

#include "tensors/kernels/byte_products.hpp"

namespace dci::kernels {

namespace {

constexpr std::string_view with_byte_products = "+VNNI";

} // namespace

std::vector<std::string> supported_targets() {
  std::vector<std::string> out;
  hwy::SetSupportedTargetsForTest(0);
  for (const auto target : hwy::SupportedAndGeneratedTargets()) {
    const std::string name = hwy::TargetName(target);
    if (target == HWY_AVX3 && cpu_has_byte_products())
      out.push_back(name + std::string(with_byte_products));
    out.push_back(name);
  }
  return out;
}

bool use_target(std::string_view name) {
  hwy::SetSupportedTargetsForTest(0);
  const bool products = name.ends_with(with_byte_products);
  if (products)
    name.remove_suffix(with_byte_products.size());
  for (const auto target : hwy::SupportedAndGeneratedTargets())
    if (name == hwy::TargetName(target) && (!products || cpu_has_byte_products())) {
      use_byte_products(products);
      hwy::SetSupportedTargetsForTest(target);
      return true;
    }
  return false;
}

} // namespace dci::kernels
