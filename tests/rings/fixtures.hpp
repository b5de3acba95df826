// Models and topology files for the tests with processes.
#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/files/fixture.hpp"
#include "tests/files/golden_models.hpp"

namespace dci::test {

inline const std::filesystem::path source_dir{DCI_SOURCE_DIR};
inline const std::filesystem::path tiny_dir = source_dir / "apps/assets/tiny";

nlohmann::json read_json(const std::filesystem::path& file);
std::uint32_t layers_of(const std::filesystem::path& model);

/// A copy of a model in the folder, to be damaged.
std::filesystem::path copy_of(const std::filesystem::path& model, const temp_dir& dir);
/// Changes config.json.
void set_config(const std::filesystem::path& model, const std::string& key,
                const nlohmann::json& value);
/// Overwrites the first number of a tensor with these bytes.
void set_weight(const std::filesystem::path& file, const std::string& tensor,
                const std::string& bytes);
/// The tiny model with a context that no test can fill.
std::filesystem::path endless_model(const temp_dir& dir);

/// "[[host]]" of a free port each.
std::string hosts_toml(const std::vector<std::string>& names);

} // namespace dci::test
