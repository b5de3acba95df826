#include <algorithm>
#include <cctype>
#include <cstdio>

#include "apps/dci-runtime/verbs.hpp"
#include "runtime/base/progress.hpp"
#include "tensors/convert/quantize_model.hpp"
#include "tensors/files/model_files.hpp"

namespace dci {
namespace {

expected<dtype> format_of(const std::string& name) {
  for (const auto type : {dtype::Q8_0, dtype::Q4_0, dtype::F16, dtype::F32}) {
    std::string small(to_string(type));
    std::ranges::transform(small, small.begin(), [](unsigned char c) { return std::tolower(c); });
    if (name == small)
      return type;
  }
  return fail(errc::usage, "--to " + name + ": must be q8_0, q4_0, f16 or f32");
}

} // namespace

result quantize(const quantize_flags& flags) {
  DCI_ASSIGN(const auto type, format_of(flags.to));
  DCI_ASSIGN(const auto model, open_model(flags.model));
  auto out = flags.output;
  if (out.empty()) {
    // A path that ends in a slash has no name of its own.
    const auto folder = std::filesystem::absolute(flags.model / "").lexically_normal();
    out = folder.parent_path().filename().string() + "-" + flags.to + ".gguf";
  }
  std::error_code ignored;
  if (std::filesystem::exists(out, ignored))
    return fail(errc::already_exists,
                out.string() + ": is there already; name another file with --output");
  progress bar("writing " + out.string());
  DCI_TRY(quantize_model(*model, type, out, [&](double share) { bar.update(share); }));
  std::printf("%s: %ju bytes\n", out.c_str(),
              static_cast<std::uintmax_t>(std::filesystem::file_size(out, ignored)));
  return {};
}

} // namespace dci
