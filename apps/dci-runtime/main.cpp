// dci-runtime: flags to verbs, errors to exit codes.
#include <cstdio>

#include <CLI/CLI.hpp>

#include "apps/dci-runtime/verbs.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/version.hpp"
#include "runtime/host/exit_watchdog.hpp"

namespace {

using dci::result;

void add_ring_flags(CLI::App& verb, dci::ring_flags& flags) {
  verb.add_option("--stages", flags.stages, "cut the model into this many stages");
  verb.add_option("--processes", flags.processes, "spread the stages over this many processes");
  auto& engine = flags.engine;
  verb.add_option("--backend", engine.backend,
                  "native (our own kernels, bit-exact) or torch (LibTorch's operators in F32)");
  verb.add_option("--threads", engine.threads,
                  "compute threads of each process; by default one a core");
  verb.add_option("--kv-memory", engine.kv_memory,
                  "keys and values of all sessions of one stage, such as 2GiB");
  verb.add_option("--kv-format", engine.kv_format, "of keys and values: f32 or f16");
  verb.add_option("--activations", engine.activations, "between stages: f32 or f16");
  verb.add_option("--speculation", engine.speculation,
                  "guess tokens ahead: off, prompt_lookup or draft");
  verb.add_option("--draft", engine.draft, "the smaller model that guesses");
}

void add_sampling_flags(CLI::App& verb, dci::sampling_settings& sampling) {
  verb.add_option("--temperature", sampling.temperature, "0 picks the likeliest token always");
  verb.add_option("--top-k", sampling.top_k, "keep the k likeliest tokens; 0 keeps all");
  verb.add_option("--top-p", sampling.top_p, "keep the likeliest until they have this probability");
  verb.add_option("--min-p", sampling.min_p, "drop tokens below this share of the likeliest");
  verb.add_option("--repetition-penalty", sampling.repetition_penalty, "above 1 avoids repeating");
  verb.add_option("--seed", sampling.seed, "same seed, same answer");
}

/// One line on standard error, and how the program ends.
int finish(const result& outcome) {
  if (outcome)
    return 0;
  std::fprintf(stderr, "dci-runtime: %s\n", outcome.error().message.c_str());
  return dci::exit_code(outcome.error().code);
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"dci-runtime: joins machines into rings that run language models"};
  app.set_version_flag("--version", std::string{dci::version});
  dci::common_flags common;
  app.add_option("--log-level", common.log_level, "trace, debug, info, warn, error or off");
  app.fallthrough();
  dci::launch_flags launch;
  app.add_option("FILE", launch.file, "a topology file to launch");
  app.add_option("--host", launch.host, "start only this host's part of the file");

  auto* check = app.add_subcommand("check", "check a topology file");
  std::filesystem::path check_file;
  check->add_option("FILE", check_file, "the topology file")->required();
  check->add_flag("--json", common.json, "print the result as JSON");

  auto* generate = app.add_subcommand("generate", "continue a text");
  dci::generate_flags gen;
  generate->add_option("--model", gen.model, "the model's folder or .gguf file");
  generate->add_option("--prompt", gen.prompt, "the text to continue")->required();
  generate->add_flag("--chat", gen.chat, "put the prompt in the model's chat format");
  generate->add_option("--topology", gen.ring.topology, "use the ring of this file");
  generate->add_option("--ring", gen.ring.ring, "which ring of the file");
  generate->add_flag("--attach", gen.ring.attach, "the file's hosts are running already");
  add_ring_flags(*generate, gen.ring);
  generate->add_option("--max-tokens", gen.max_tokens, "most tokens of the answer");
  generate->add_option("--stop", gen.stop, "a text that ends the answer; may be repeated");
  generate->add_flag("--ignore-end", gen.ignore_end, "go on after an end-of-sequence token");
  add_sampling_flags(*generate, gen.sampling);
  generate->add_flag("--json", common.json, "print one JSON object instead of the text");

  auto* verify = app.add_subcommand("verify", "compare a model with its golden file");
  dci::verify_flags ver;
  verify->add_option("MODEL_DIR", ver.model, "the model's folder")->required();
  verify->add_option("--golden", ver.golden, "default: golden.json beside the model");
  verify->add_option("--tolerance", ver.tolerance, "largest logit difference that passes");
  add_ring_flags(*verify, ver.ring);
  verify->add_flag("--json", common.json, "print one JSON object");

  auto* tokenize = app.add_subcommand(
      "tokenize", "JSON strings on standard input to JSON lists of ids, line by line");
  dci::tokenize_flags tok;
  tokenize->add_option("--model", tok.model, "a folder with a tokenizer.json, or a .gguf file")
      ->required();
  tokenize->add_flag("--special", tok.special, "add the special tokens around the text");
  tokenize->add_flag("--decode", tok.decode, "the other way round");

  auto* quantize = app.add_subcommand("quantize", "write a model of safetensors as a GGUF file");
  dci::quantize_flags qua;
  quantize->add_option("MODEL", qua.model, "the model's folder")->required();
  quantize->add_option("--to", qua.to, "q8_0 or q4_0; f16 or f32 for no quantizing")->required();
  quantize->add_option("--output", qua.output, "default: MODEL-FORMAT.gguf in the current folder");

  auto* keygen = app.add_subcommand("keygen", "make the key that a node is known by");
  dci::keygen_flags made;
  keygen->add_option("FILE", made.key, "where to write it")->required();
  keygen->add_flag("--json", common.json, "print one JSON object");

  auto* authority =
      app.add_subcommand("authority", "vouch for nodes: make and revoke certificates");
  authority->require_subcommand(1);
  dci::authority_flags vouch;
  const auto add_authority = [&](const char* verb, const char* what) {
    auto* out = authority->add_subcommand(verb, what);
    out->add_option("FOLDER", vouch.folder, "where the authority lives")->required();
    out->add_flag("--json", common.json, "print one JSON object");
    return out;
  };
  auto* create = add_authority("create", "make a new authority");
  create->add_option("--name", vouch.name, "what its certificates call it")->required();
  create->add_option("--days", vouch.days, "how long its root certificate holds");
  auto* issue = add_authority("issue", "make a node's certificate");
  issue->add_option("REQUEST", vouch.request, "FILE.request.pem of the node's key")->required();
  issue->add_option("--output", vouch.output, "where to write it")->required();
  issue->add_option("--hours", vouch.hours, "how long it holds");
  auto* revoke = add_authority("revoke", "withdraw all certificates of a node");
  revoke->add_option("NODE", vouch.node, "the node's id")->required();
  revoke->add_option("--output", vouch.output, "where to write the revocation list")->required();
  revoke->add_option("--reason", vouch.reason, "such as key_compromise");

  auto* serve =
      authority->add_subcommand("serve", "give certificates to the nodes that may have one");
  dci::serve_flags served;
  serve->add_option("FOLDER", served.folder, "where the authority lives")->required();
  serve->add_option("--listen", served.listen, "HOST:PORT where nodes ask")->required();
  serve->add_option("--node", served.nodes, "a node that may, by id; may be repeated");
  serve->add_option("--token-file", served.token_file, "or whoever knows what is in this file");
  serve->add_option("--hours", served.hours, "how long a certificate holds")->capture_default_str();
  serve->add_option("--seconds", served.seconds, "or so long, to see how renewal works");

  auto* enroll = app.add_subcommand("enroll", "get a node's certificates from its authorities");
  dci::enroll_flags applied;
  enroll->add_option("CREDENTIALS", applied.credentials, "the node's credentials file")->required();
  enroll->add_option("--token-file", applied.token_file, "a secret that the authorities ask for");
  enroll->add_flag("--json", common.json, "print one JSON object");

  auto* map = app.add_subcommand("map", "print how far all nodes are from one another");
  dci::map_flags drawn;
  map->add_option("HOST", drawn.host, "HOST:PORT of a running host")->required();
  map->add_option("--actor", drawn.actor, "the host's gossip actor; default: gossip");
  map->add_option("--credentials", drawn.credentials, "a credentials file, where the host has one");
  map->add_option("--svg", drawn.svg, "draw a heat map into this file");
  map->add_flag("--json", common.json, "print one JSON object");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const auto code = app.exit(e);
    return code == 0 ? 0 : dci::exit_code(dci::errc::usage);
  }
  if (common.log_level.empty())
    common.log_level = launch.file.empty() && !*serve ? "off" : "warn";
  const auto origin = launch.host.empty() ? std::string{"dci"} : launch.host;
  auto outcome = dci::start_logging(common.log_level, origin);
  if (outcome) {
    if (*check)
      outcome = dci::check(common, check_file);
    else if (*generate)
      outcome = dci::generate(common, gen);
    else if (*verify)
      outcome = dci::verify(common, ver);
    else if (*tokenize)
      outcome = dci::tokenize(tok);
    else if (*quantize)
      outcome = dci::quantize(qua);
    else if (*keygen)
      outcome = dci::keygen(common, made);
    else if (*create)
      outcome = dci::create_authority(common, vouch);
    else if (*issue)
      outcome = dci::issue_certificate(common, vouch);
    else if (*revoke)
      outcome = dci::revoke_node(common, vouch);
    else if (*serve)
      outcome = dci::serve_authority(common, served);
    else if (*enroll)
      outcome = dci::enroll(common, applied);
    else if (*map)
      outcome = dci::map(common, drawn);
    else if (!launch.file.empty())
      outcome = dci::launch(common, launch);
    else
      outcome =
          dci::fail(dci::errc::usage, "say what to do: a topology file, or a verb (see --help)");
  }
  dci::end_process(finish(outcome));
}
