// Instructions that Highway does not choose by itself: AVX-512's products of
// bytes (VNNI), and products of tiles of bytes (AMX).
#pragma once

namespace dci::kernels {

enum class byte_products { none, vnni, tiles };

/// The best this machine has. Tiles are asked of the system when this is first called.
byte_products best_byte_products() noexcept;
/// Which are used, where the machine has them; at first the best.
void use_byte_products(byte_products which) noexcept;
byte_products byte_products_in_use() noexcept;

} // namespace dci::kernels
