#include "apps/dci-bench/load.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

#include "tensors/backend/backend.hpp"
#include "tensors/files/mapped_file.hpp"
#include "tensors/kernels/aligned_buffer.hpp"

namespace dci {

namespace {

template <class Work>
double seconds_of(Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// The files that hold the weights.
std::vector<std::filesystem::path> weight_files(const std::filesystem::path& model) {
  if (!std::filesystem::is_directory(model))
    return {model};
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(model))
    if (entry.path().extension() == ".safetensors" || entry.path().extension() == ".gguf")
      out.push_back(entry.path());
  return out;
}

void copy_file(const mapped_file& file, std::uint32_t threads) {
  const auto bytes = file.bytes();
  kernels::aligned_buffer fresh(bytes.size());
  std::vector<std::thread> team;
  for (std::uint32_t i = 0; i < threads; ++i) {
    const auto first = bytes.size() * i / threads, last = bytes.size() * (i + 1) / threads;
    team.emplace_back([&, first, last] {
      std::memcpy(fresh.data() + first, bytes.data() + first, last - first);
    });
  }
  for (auto& thread : team)
    thread.join();
}

} // namespace

expected<measurement> measure_load(const engine_flags& flags) {
  DCI_ASSIGN(const auto kind, backend_from(flags.backend));
  const auto threads =
      flags.threads == 0 ? std::max(1u, std::thread::hardware_concurrency()) : flags.threads;
  set_threads(threads);
  if (flags.rounds == 0)
    return fail(errc::bad_request, "--rounds goes from 1");
  measurement out;
  out.what = "load";
  out.model = flags.model.string();
  out.backend = flags.backend;
  out.threads = threads;
  out.rounds = flags.rounds;
  std::vector<double> loads, copies;
  // One round that does not count brings the file into the page cache.
  for (std::uint32_t i = 0; i <= flags.rounds; ++i) {
    result good;
    const auto loading = seconds_of([&] {
      good = [&]() -> result {
        DCI_ASSIGN(const auto model, open_model(flags.model));
        DCI_ASSIGN(const auto range, load_range(kind, model, {0, model->config.layers}));
        out.weight_gb = static_cast<double>(range->info().weight_bytes) / 1e9;
        return {};
      }();
    });
    DCI_TRY(std::move(good));
    double copying = 0;
    for (const auto& path : weight_files(flags.model)) {
      DCI_ASSIGN(const auto file, mapped_file::open(path));
      copying += seconds_of([&] { copy_file(*file, threads); });
    }
    if (i > 0) {
      loads.push_back(loading);
      copies.push_back(copying);
    }
  }
  const auto taken = spread_of(loads);
  out.seconds = taken.median;
  out.relative_spread = taken.relative;
  out.reference = "copying the file";
  out.reference_seconds = spread_of(copies).median;
  out.ratio = *out.seconds / *out.reference_seconds;
  return out;
}

} // namespace dci
