// dci-bench: measures the engine on this machine.
#include <cstdio>

#include <CLI/CLI.hpp>

#include "apps/dci-bench/engine.hpp"
#include "runtime/base/version.hpp"

namespace {

void add_engine_flags(CLI::App& verb, dci::engine_flags& flags, bool& json) {
  verb.add_option("--model", flags.model, "the model's folder")->required();
  verb.add_option("--tokens", flags.tokens, "tokens of one round")->capture_default_str();
  verb.add_option("--rounds", flags.rounds, "rounds; the median counts")->capture_default_str();
  verb.add_option("--threads", flags.threads, "compute threads; by default one a core");
  verb.add_option("--backend", flags.backend, "native or torch")->capture_default_str();
  verb.add_option("--instructions", flags.instructions,
                  "such as AVX2; by default the best this machine has");
  verb.add_flag("--json", json, "print one JSON object a measurement");
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"dci-bench: measures the engine on this machine"};
  app.set_version_flag("--version", std::string{dci::version});
  app.require_subcommand(1);
  bool json = false;
  dci::engine_flags decoding, prefilling;
  decoding.tokens = 128;
  prefilling.tokens = 512;
  auto* decode = app.add_subcommand("decode", "tokens one after the other");
  add_engine_flags(*decode, decoding, json);
  auto* prefill = app.add_subcommand("prefill", "a prompt at once");
  add_engine_flags(*prefill, prefilling, json);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const auto code = app.exit(e);
    return code == 0 ? 0 : dci::exit_code(dci::errc::usage);
  }
  const auto measured = *decode ? dci::measure_decode(decoding) : dci::measure_prefill(prefilling);
  if (!measured) {
    std::fprintf(stderr, "dci-bench: %s\n", measured.error().message.c_str());
    return dci::exit_code(measured.error().code);
  }
  dci::print(*measured, json);
  return 0;
}
