// Ranges at work: errors, caches, windows, long prompts, several sessions.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <thread>

#include "tensors/backend/backend.hpp"
#include "tensors/kernels/targets.hpp"
#include "tests/decoder/generate.hpp"
#include "tests/decoder/tiny_model.hpp"

using namespace dci;
using namespace dci::test;

namespace {

template <class With>
std::unique_ptr<layer_range> range_of(const temp_dir& dir, layer_span layers) {
  auto range = load_range(With::kind, opened(dir), layers);
  REQUIRE_MESSAGE(range, (range ? "" : range.error().message));
  return std::move(*range);
}

std::vector<token_id> some_tokens(std::size_t count) {
  std::vector<token_id> out(count);
  for (std::size_t i = 0; i < count; ++i)
    out[i] = static_cast<token_id>((i * 7 + 3) % 20);
  return out;
}

std::vector<float> rows_of(layer_range& range, std::span<const token_id> tokens,
                           std::size_t chunk) {
  const auto cache = range.make_cache(1 << 20).value();
  std::vector<float> out;
  for (std::size_t at = 0; at < tokens.size(); at += chunk) {
    const auto rows =
        range.forward(tokens.subspan(at, std::min(chunk, tokens.size() - at)), *cache);
    REQUIRE_MESSAGE(rows, (rows ? "" : rows.error().message));
    out.insert(out.end(), rows->values().begin(), rows->values().end());
  }
  return out;
}

float largest_difference(std::span<const float> a, std::span<const float> b) {
  REQUIRE(a.size() == b.size());
  float most = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

} // namespace

TEST_CASE_TEMPLATE("requests a range cannot serve are refused by name", With, with_native,
                   with_torch) {
  const temp_dir dir;
  write_tiny_model(dir, tiny_llama_config());
  const auto first = range_of<With>(dir, {0, 2});
  const auto last = range_of<With>(dir, {2, 4});
  const auto cache = first->make_cache(10).value();
  const auto last_cache = last->make_cache(10).value();
  const std::vector<token_id> good = {1, 2}, too_big = {1, 20}, negative = {-1};
  const auto rows = activation::own(1, 8, std::vector<float>(8));

  check_error(first->forward(too_big, *cache), errc::bad_request, {"[0, 2)", "20", "vocabulary"});
  check_error(first->forward(negative, *cache), errc::bad_request, {"[0, 2)", "-1"});
  check_error(first->forward(std::span<const token_id>(), *cache), errc::bad_request,
              {"no tokens"});
  check_error(first->forward(rows, *cache), errc::bad_request, {"[0, 2)", "tokens"});
  check_error(last->forward(good, *last_cache), errc::bad_request, {"[2, 4)", "first range"});
  check_error(last->forward(activation::own(1, 7, std::vector<float>(7)), *last_cache),
              errc::bad_message, {"[2, 4)", "1 x 7", "n x 8"});
  check_error(last->forward(activation(), *last_cache), errc::bad_message, {"0 x 0"});
  check_error(last->forward(rows, *cache), errc::internal, {"[2, 4)", "another range"});
  check_error(first->logits(rows, 0), errc::bad_request, {"[0, 2)", "output head"});
  check_error(last->logits(rows, 1), errc::bad_request, {"[2, 4)", "row 1"});
  CHECK(cache->length() == 0);
  CHECK(last->logits(rows, 0)->size() == 20);
}

TEST_CASE_TEMPLATE("a session cannot outgrow its room, nor the model's context", With, with_native,
                   with_torch) {
  for (const auto& config : {tiny_llama_config(), tiny_gpt2_config()}) {
    const temp_dir dir;
    write_tiny_model(dir, config);
    const auto range = range_of<With>(dir, {0, 4});
    const auto small = range->make_cache(5).value();
    CHECK(small->capacity() == 5);
    REQUIRE(range->forward(some_tokens(3), *small));
    CHECK(small->length() == 3);
    check_error(range->forward(some_tokens(3), *small), errc::context_full,
                {"[0, 4)", "3 positions and 3 more", "5"});
    CHECK(small->length() == 3);
    CHECK(range->forward(some_tokens(2), *small));

    const auto large = range->make_cache(1000).value();
    CHECK(large->capacity() == 40);
    check_error(range->forward(some_tokens(41), *large), errc::context_full, {"context is 40"});
    CHECK(range->forward(some_tokens(40), *large));
    check_error(range->forward(some_tokens(1), *large), errc::context_full, {"context is 40"});
  }
}

TEST_CASE_TEMPLATE("a non-finite activation that comes in is refused with its position", With,
                   with_native, with_torch) {
  const temp_dir dir;
  write_tiny_model(dir, tiny_llama_config());
  const auto range = range_of<With>(dir, {1, 3});
  const auto cache = range->make_cache(10).value();
  std::vector<float> values(24, 0.5f);
  REQUIRE(range->forward(activation::own(3, 8, values), *cache));
  values[1 * 8 + 2] = std::numeric_limits<float>::quiet_NaN();
  check_error(range->forward(activation::own(3, 8, values), *cache), errc::not_finite,
              {"layer range [1, 3) was given a non-finite activation at position 4"});
  CHECK(cache->length() == 3);
}

TEST_CASE_TEMPLATE("a non-finite activation ends the step with the position where it arose", With,
                   with_native, with_torch) {
  // Finite weights whose sum overflows in the norm of token 5 alone.
  const temp_dir dir;
  write_tiny_model(dir, tiny_gpt2_config(), [](auto& tensors) {
    auto& table = named(tensors, "transformer.wte.weight");
    table.bytes.replace(5 * 32, 32, f32_bytes(std::vector<float>(8, 3e38f)));
  });
  const auto range = range_of<With>(dir, {0, 4});
  const auto cache = range->make_cache(10).value();
  REQUIRE(range->forward(std::vector<token_id>{1, 2}, *cache));
  check_error(range->forward(std::vector<token_id>{3, 4, 5, 6}, *cache), errc::not_finite,
              {"layer range [0, 4) produced a non-finite activation at position 4"});
  CHECK(cache->length() == 2);
}

TEST_CASE_TEMPLATE("a failed step can be repeated as if it had never been", With, with_native,
                   with_torch) {
  const temp_dir dir;
  write_tiny_model(dir, tiny_llama_config());
  const auto range = range_of<With>(dir, {1, 3});
  const auto disturbed = range->make_cache(10).value(), undisturbed = range->make_cache(10).value();
  const auto start = activation::own(2, 8, std::vector<float>(16, 0.5f));
  const auto next = activation::own(1, 8, {1, 2, 3, 4, 5, 6, 7, 8});
  std::vector<float> bad(8, 1);
  bad[0] = std::numeric_limits<float>::infinity();
  REQUIRE(range->forward(start, *disturbed));
  REQUIRE(range->forward(start, *undisturbed));
  CHECK_FALSE(range->forward(activation::own(1, 8, bad), *disturbed));
  const auto a = range->forward(next, *disturbed), b = range->forward(next, *undisturbed);
  REQUIRE(a);
  REQUIRE(b);
  CHECK(std::ranges::equal(a->values(), b->values()));
}

TEST_CASE_TEMPLATE("causality: a row depends on no later token, and on every earlier one", With,
                   with_native, with_torch) {
  for (const auto& config : {tiny_llama_config(), tiny_gpt2_config()}) {
    const temp_dir dir;
    write_tiny_model(dir, config);
    const auto range = range_of<With>(dir, {0, 1});
    auto tokens = some_tokens(12);
    const auto before = rows_of(*range, tokens, 12);
    tokens[5] = 19;
    const auto after = rows_of(*range, tokens, 12);
    for (std::size_t row = 0; row < 12; ++row) {
      CAPTURE(row);
      const auto difference = largest_difference(std::span(before).subspan(row * 8, 8),
                                                 std::span(after).subspan(row * 8, 8));
      CHECK((difference == 0) == (row < 5));
    }
  }
}

TEST_CASE_TEMPLATE("a sliding window hides what lies behind it", With, with_native, with_torch) {
  const temp_dir dir;
  const std::string config =
      R"({"model_type": "mistral", "hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 2,
        "num_attention_heads": 2, "num_key_value_heads": 1, "vocab_size": 20,
        "max_position_embeddings": 40, "rms_norm_eps": 1e-5, "sliding_window": 4})";
  write_tiny_model(dir, config);
  const auto range = range_of<With>(dir, {0, 1});
  auto tokens = some_tokens(12);
  for (const std::size_t chunk : {12, 5, 1}) {
    CAPTURE(chunk);
    tokens[3] = 2;
    const auto before = rows_of(*range, tokens, chunk);
    tokens[3] = 17;
    const auto after = rows_of(*range, tokens, chunk);
    for (std::size_t row = 0; row < 12; ++row) {
      CAPTURE(row);
      const auto difference = largest_difference(std::span(before).subspan(row * 8, 8),
                                                 std::span(after).subspan(row * 8, 8));
      CHECK((difference != 0) == (row >= 3 && row < 3 + 4));
    }
  }
}

TEST_CASE_TEMPLATE(
    "a prompt whose scores are taken in groups gives the rows of one taken in chunks", With,
    with_native, with_torch) {
  const temp_dir dir;
  const std::string config =
      R"({"model_type": "llama", "hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 1,
        "num_attention_heads": 8, "num_key_value_heads": 2, "head_dim": 2, "vocab_size": 20,
        "max_position_embeddings": 2000, "rms_norm_eps": 1e-5})";
  write_tiny_model(dir, config);
  const auto range = range_of<With>(dir, {0, 1});
  const auto tokens = some_tokens(1900); // 8 * 1900 * 1900 scores are more than are held at once
  CHECK(largest_difference(rows_of(*range, tokens, 1900), rows_of(*range, tokens, 100)) < 1e-5f);
}

TEST_CASE_TEMPLATE("attention scaled by the block's number is that of the whole model", With,
                   with_native, with_torch) {
  const temp_dir plain, scaled;
  write_tiny_model(plain, tiny_gpt2_config());
  write_tiny_model(scaled, tiny_gpt2_config(R"(, "scale_attn_by_inverse_layer_idx": true)"));
  const auto tokens = some_tokens(6);
  // Block 0 is divided by one.
  CHECK(rows_of(*range_of<With>(plain, {0, 1}), tokens, 6) ==
        rows_of(*range_of<With>(scaled, {0, 1}), tokens, 6));
  const auto whole = rows_of(*range_of<With>(scaled, {0, 2}), tokens, 6);
  CHECK(rows_of(*range_of<With>(plain, {0, 2}), tokens, 6) != whole);
  // The second block knows its number when it is cut off from the first.
  const auto first = range_of<With>(scaled, {0, 1}), second = range_of<With>(scaled, {1, 2});
  const auto cache = first->make_cache(10).value(), second_cache = second->make_cache(10).value();
  const auto middle = first->forward(tokens, *cache);
  REQUIRE(middle);
  const auto end = second->forward(*middle, *second_cache);
  REQUIRE(end);
  CHECK(std::ranges::equal(end->values(), whole));
}

TEST_CASE_TEMPLATE("sessions of one range run in parallel without touching one another", With,
                   with_native, with_torch) {
  set_threads(1);
  const temp_dir dir;
  write_tiny_model(dir, tiny_llama_config());
  const auto range = range_of<With>(dir, {0, 4});
  const auto tokens = some_tokens(40);
  const auto wanted = rows_of(*range, tokens, 1);
  std::vector<std::vector<float>> made(4);
  std::vector<std::thread> threads;
  for (auto& out : made)
    threads.emplace_back([&] { out = rows_of(*range, tokens, 1); });
  for (auto& thread : threads)
    thread.join();
  for (const auto& out : made)
    CHECK(out == wanted);
}

TEST_CASE_TEMPLATE("sessions in one forward get what each gets alone", With, with_native,
                   with_torch) {
  for (const auto& config : {tiny_llama_config(), tiny_gpt2_config()}) {
    const temp_dir dir;
    write_tiny_model(dir, config);
    const auto first = range_of<With>(dir, {0, 2}), last = range_of<With>(dir, {2, 4});
    const std::vector<std::vector<token_id>> prompts = {
        some_tokens(1), some_tokens(33), {4, 9, 2}, {4, 9, 3, 1}};
    std::vector<std::unique_ptr<kv_cache>> caches, last_caches;
    for (std::size_t i = 0; i < prompts.size(); ++i) {
      caches.push_back(first->make_cache(40).value());
      last_caches.push_back(last->make_cache(40).value());
    }
    // One step of all, then one of all but the second.
    for (const auto& taking : {std::vector<std::size_t>{0, 1, 2, 3}, {3, 0, 2}}) {
      std::vector<range_input> inputs, further;
      for (const auto i : taking)
        inputs.push_back({caches[i].get(), prompts[i], {}});
      auto rows = first->forward_batch(inputs);
      for (std::size_t i = 0; i < taking.size(); ++i) {
        REQUIRE(rows[i]);
        further.push_back({last_caches[taking[i]].get(), {}, *rows[i]});
      }
      rows = last->forward_batch(further);
      std::vector<logits_input> wanted;
      for (const auto& one : rows)
        wanted.push_back({&*one, one->rows() - 1});
      const auto logits = last->logits_batch(wanted);
      for (std::size_t i = 0; i < taking.size(); ++i) {
        CAPTURE(taking[i]);
        const auto own = first->make_cache(80).value(), own_last = last->make_cache(80).value();
        activation alone;
        while (own->length() < caches[taking[i]]->length())
          alone = *last->forward(*first->forward(prompts[taking[i]], *own), *own_last);
        CHECK(std::ranges::equal(rows[i]->values(), alone.values()));
        CHECK(*logits[i] == *last->logits(alone, alone.rows() - 1));
      }
    }
  }
}

TEST_CASE_TEMPLATE("in a forward of several, a session's failure is its own", With, with_native,
                   with_torch) {
  const temp_dir dir;
  write_tiny_model(dir, tiny_gpt2_config(), [](auto& tensors) {
    auto& table = named(tensors, "transformer.wte.weight");
    table.bytes.replace(5 * 32, 32, f32_bytes(std::vector<float>(8, 3e38f)));
  });
  const auto range = range_of<With>(dir, {0, 4});
  std::vector<std::unique_ptr<kv_cache>> caches;
  for (int i = 0; i < 5; ++i)
    caches.push_back(range->make_cache(10).value());
  const std::vector<token_id> good = {1, 2, 3}, bad = {1, 5, 3}, unknown = {1, 99};
  const std::vector<range_input> inputs = {{caches[0].get(), good, {}},
                                           {caches[1].get(), bad, {}},
                                           {caches[2].get(), unknown, {}},
                                           {caches[3].get(), bad, {}},
                                           {caches[4].get(), good, {}}};
  const auto out = range->forward_batch(inputs);
  const auto alone = range->make_cache(10).value();
  const auto wanted = range->forward(good, *alone);
  CHECK(std::ranges::equal(out[0]->values(), wanted->values()));
  CHECK(std::ranges::equal(out[4]->values(), wanted->values()));
  check_error(out[1], errc::not_finite, {"position 1"});
  check_error(out[2], errc::bad_request, {"99", "vocabulary"});
  check_error(out[3], errc::not_finite, {"position 1"});
  CHECK(caches[0]->length() == 3);
  CHECK(caches[1]->length() == 0);
  CHECK(caches[2]->length() == 0);
  CHECK(caches[3]->length() == 0);
}

TEST_CASE_TEMPLATE("a cache that was cut back goes on as if the rest had never been", With,
                   with_native, with_torch) {
  const temp_dir dir;
  write_tiny_model(dir, tiny_llama_config());
  const auto range = range_of<With>(dir, {0, 4});
  const auto tokens = some_tokens(40);
  const auto cut = range->make_cache(40).value();
  for (const std::uint32_t length : {0u, 1u, 31u, 32u, 36u}) {
    CAPTURE(length);
    const auto right = std::span(tokens).first(length), rest = std::span(tokens).subspan(length);
    const auto straight = range->make_cache(40).value();
    if (length > 0) {
      REQUIRE(range->forward(right, *straight));
      REQUIRE(range->forward(right, *cut));
    }
    REQUIRE(range->forward(std::vector<token_id>(rest.size(), 7), *cut));
    cut->truncate(length);
    CHECK(cut->length() == length);
    const auto a = range->forward(rest, *cut), b = range->forward(rest, *straight);
    REQUIRE(a);
    CHECK(std::ranges::equal(a->values(), b->values()));
    cut->truncate(0);
  }
}

TEST_CASE("instructions are chosen by name, and what the machine lacks is refused") {
  const auto best = kernels::supported_targets().front();
  const auto plainest = kernels::supported_targets().back();
  const temp_dir dir;
  write_tiny_model(dir, tiny_llama_config());
  const auto range = range_of<with_native>(dir, {0, 4});
  const auto wanted = rows_of(*range, some_tokens(10), 4);
  CHECK(set_instructions("auto"));
  REQUIRE(set_instructions(plainest));
  CHECK(rows_of(*range, some_tokens(10), 4) == wanted);
  check_error(set_instructions("AVX1024"), errc::unsupported, {"\"AVX1024\"", best, plainest});
  REQUIRE(set_instructions(best));
}
