#include "actors/device_profiler/actor.hpp"

#include <exception>
#include <thread>

#include <caf/typed_event_based_actor.hpp>

#include "runtime/base/log.hpp"
#include "runtime/base/machine.hpp"
#include "runtime/base/power.hpp"
#include "runtime/base/turns.hpp"
#include "tensors/native/device_speed.hpp"

namespace dci {
namespace {

constexpr std::uint32_t longest_measure_ms = 10'000;

device_now look() {
  return {std::max(1u, std::thread::hardware_concurrency()), available_memory()};
}

// Two thirds of the time it computes products, the rest it reads memory, which takes power as well.
measured_speed measure(const device_profiler_config& config, std::uint32_t cores) {
  const energy_meter energy;
  const auto start = steady_node_time();
  const auto is = measure_device_speed(cores, std::chrono::milliseconds(config.measure_ms));
  const std::chrono::duration<double> took = steady_node_time() - start;
  return {is.tflops_f32, is.tops_int8, is.memory_gb_per_s,
          config.watts > 0 ? config.watts : energy.joules() / took.count()};
}

void measure(device_profiler_state& state, const device_now& is) {
  try {
    state.known.note(measure(state.config, is.cores), is, steady_node_time());
  } catch (const std::exception& e) {
    // What was known holds; without anything the device says that it knows nothing of itself.
    spdlog::warn("this device's speed cannot be measured: {}", e.what());
    if (!state.known.age(steady_node_time()))
      state.known.note({}, is, steady_node_time());
  }
}

device_profile profile(device_profiler_state& state, bool anew) {
  const auto is = look();
  if (anew || state.known.wants_measurement(is, steady_node_time()))
    measure(state, is);
  device_profile out;
  out.device = state.known.figures(is, state.policy);
  out.tier = to_string(tier_of(out.device.tflops_f32));
  out.policy = state.policy;
  out.cores = is.cores;
  out.age_s = std::chrono::duration<double>(*state.known.age(steady_node_time())).count();
  return out;
}

result check(const device_profiler_config& config) {
  const auto bad = [](const std::string& what) { return fail(errc::bad_config, what); };
  if (config.measure_ms == 0 || config.measure_ms > longest_measure_ms)
    return bad("measure_ms must be from 1 to " + std::to_string(longest_measure_ms));
  if (!(config.watts >= 0 && config.watts <= 1e6))
    return bad("watts must be from 0 to 1000000");
  if (!fault_of(owner_policy{config.takes_work, static_cast<float>(config.memory_gb)}).empty())
    return bad("memory_gb must be from 0 to 10000000");
  return {};
}

} // namespace

device_profiler_actor::behavior_type device_profiler(device_profiler_pointer self,
                                                     spawn_context context,
                                                     device_profiler_config config) {
  auto& state = self->state;
  state.config = config;
  state.policy = {config.takes_work, static_cast<float>(config.memory_gb)};
  state.known = device_record(std::chrono::seconds(config.keep_s));
  if (const auto fine = check(config); !fine) {
    spdlog::error("{}: {}", context.name, fine.error().message);
    self->quit(to_caf(fine.error()));
  }
  return {
      [self](const device_profile_request&) { return profile(self->state, false); },
      [self](const device_measure_request&) { return profile(self->state, true); },
      [self](const owner_policy_request& wanted) -> caf::result<device_profile> {
        if (const auto wrong = fault_of(wanted.policy); !wrong.empty())
          return to_caf({errc::bad_request, "the policy names " + std::string{wrong}});
        self->state.policy = wanted.policy;
        return profile(self->state, false);
      },
  };
}

} // namespace dci
