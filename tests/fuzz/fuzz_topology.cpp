// Any text is either a topology, which is then written and read back the same,
// or one error in one line.
#include <cstdlib>
#include <string>
#include <string_view>

#include "runtime/host/topology/topology.hpp"

namespace {

/// Six layers for every model; settings pass unless they say "refuse".
dci::topology_checks checks() {
  dci::topology_checks out;
  out.settings = [](const std::string&, dci::json& settings,
                    const std::filesystem::path&) -> dci::decode_outcome {
    if (settings.contains("refuse"))
      return dci::decode_error{"/settings/refuse", "refused; remove it"};
    return {};
  };
  out.model_layers = [](const std::filesystem::path&) -> dci::expected<std::uint32_t> { return 6; };
  return out;
}

void expect(bool holds) {
  if (!holds)
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto read = dci::parse_topology(text, "f", "/", checks());
  if (!read) {
    expect(read.error().code == dci::errc::bad_topology);
    expect(read.error().message.starts_with("f:"));
    expect(read.error().message.find('\n') == std::string::npos);
    return 0;
  }
  const auto written = dci::write_topology(*read);
  const auto again = dci::parse_topology(written, "f", "/", checks());
  expect(again.has_value());
  expect(dci::write_topology(*again) == written);
  return 0;
}
