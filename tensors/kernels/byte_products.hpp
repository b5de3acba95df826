// Instructions that Highway does not choose by itself: AVX-512's products of
// bytes (VNNI).
#pragma once

namespace dci::kernels {

bool cpu_has_byte_products() noexcept;
/// Whether they are used where the machine has them; at first they are.
void use_byte_products(bool use) noexcept;
bool byte_products_in_use() noexcept;

} // namespace dci::kernels
