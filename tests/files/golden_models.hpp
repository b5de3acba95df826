// Which models there are to compare with golden files.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

namespace dci::test {

/// The folders with a golden.json: the project's own, and those of the folder
/// that DCI_TEST_DATA names.
inline std::vector<std::filesystem::path> golden_models() {
  namespace fs = std::filesystem;
  const fs::path source = DCI_SOURCE_DIR;
  std::vector<fs::path> folders = {source / "tests/data/models", source / "apps/assets"};
  if (const auto* data = std::getenv("DCI_TEST_DATA"))
    folders.push_back(fs::path(data) / "models");
  std::vector<fs::path> out;
  for (const auto& folder : folders)
    if (fs::is_directory(folder))
      for (const auto& entry : fs::directory_iterator(folder))
        if (fs::exists(entry.path() / "golden.json"))
          out.push_back(entry.path());
  std::ranges::sort(out);
  return out;
}

} // namespace dci::test
