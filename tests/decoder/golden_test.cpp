#include <doctest/doctest.h>

#include <cmath>

#include "tensors/decoder/golden.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using test::check_error;

TEST_CASE("both forms of a golden file are read") {
  const auto golden = parse_golden("golden.json", R"({"model": "m", "reference": "r", "cases": [
    {"prompt_ids": [1, 2], "generated_ids": [3, 0], "prompt_last_logits": [0.5, 1, -2e-1],
     "min_top1_top2_gap": 0.1, "first_eos_or_bos": null},
    {"prompt_ids": [1], "generated_ids": [2], "prompt": "hi", "generated_text": " you",
     "prompt_last_top10_ids": [2, 0], "prompt_last_top10_logits": [5, 4.5]}]})");
  REQUIRE_MESSAGE(golden, (golden ? "" : golden.error().message));
  CHECK(golden->model == "m");
  REQUIRE(golden->cases.size() == 2);
  CHECK(golden->cases[0].prompt_ids == std::vector<token_id>{1, 2});
  CHECK(golden->cases[0].logits == std::vector<double>{0.5, 1, -0.2});
  CHECK(golden->cases[0].logit_ids.empty());
  CHECK(golden->cases[0].prompt.empty());
  CHECK(golden->cases[1].logit_ids == std::vector<token_id>{2, 0});
  CHECK(golden->cases[1].generated_text == " you");
}

TEST_CASE("a golden file with a hole in it is refused") {
  const auto with = [](const std::string& one) {
    return parse_golden("golden.json", std::string("{\"cases\": [") + one + "]}");
  };
  const std::string ids = R"("prompt_ids": [1], "generated_ids": [1])";
  check_error(parse_golden("golden.json", "{}"), errc::bad_file, {"golden.json", "cases"});
  check_error(parse_golden("golden.json", "[1]"), errc::bad_file, {"golden.json", "cases"});
  check_error(parse_golden("golden.json", R"({"cases": []})"), errc::bad_file, {"cases"});
  check_error(parse_golden("golden.json", "{"), errc::bad_file, {"golden.json", "not valid JSON"});
  check_error(with("1"), errc::bad_file, {"golden.json", "cases[0]"});
  check_error(with("{}"), errc::bad_file, {"cases[0]", "prompt_ids", "missing"});
  check_error(with(R"({"prompt_ids": []})"), errc::bad_file, {"prompt_ids", "not empty"});
  check_error(with(R"({"prompt_ids": [1.5]})"), errc::bad_file, {"prompt_ids", "1.5"});
  check_error(with(R"({"prompt_ids": [-1]})"), errc::bad_file, {"prompt_ids", "-1"});
  check_error(with(R"({"prompt_ids": [9999999999]})"), errc::bad_file, {"prompt_ids"});
  check_error(with(std::string("{") + ids + "}"), errc::bad_file,
              {"prompt_last_logits", "missing"});
  check_error(with(std::string("{") + ids + R"(, "prompt_last_logits": ["x"]})"), errc::bad_file,
              {"prompt_last_logits", "x"});
  check_error(with(std::string("{") + ids +
                   R"(, "prompt_last_top10_ids": [1, 2], "prompt_last_top10_logits": [1]})"),
              errc::bad_file, {"prompt_last_top10_logits", "1 numbers for 2 ids"});
  check_error(with(std::string("{") + ids + R"(, "prompt_last_logits": [1], "prompt": 3})"),
              errc::bad_file, {"prompt", "3"});
  check_error(read_golden("/nonexistent/golden.json"), errc::bad_file,
              {"/nonexistent/golden.json"});
}

TEST_CASE("comparing finds the first token and the largest difference") {
  golden_case golden;
  golden.generated_ids = {5, 6, 7};
  golden.logits = {1, 2, 3};
  const std::vector<float> logits = {1, 2.25f, 3};
  auto outcome = compare(golden, std::vector<token_id>{5, 6, 7}, logits);
  CHECK(outcome.token_exact);
  CHECK(outcome.first_difference == 3);
  CHECK(outcome.max_abs_logit_difference == 0.25);
  outcome = compare(golden, std::vector<token_id>{5, 9, 7}, logits);
  CHECK_FALSE(outcome.token_exact);
  CHECK(outcome.first_difference == 1);
  CHECK_FALSE(compare(golden, std::vector<token_id>{5, 6}, logits).token_exact);
  CHECK_FALSE(compare(golden, std::vector<token_id>{5, 6, 7, 8}, logits).token_exact);

  golden.logit_ids = {2, 0};
  golden.logits = {3, 0.5};
  CHECK(compare(golden, {}, logits).max_abs_logit_difference == 0.5);
}

TEST_CASE("logits that cannot be compared differ infinitely") {
  golden_case golden;
  golden.logits = {1, 2};
  CHECK(std::isinf(compare(golden, {}, std::vector<float>{1}).max_abs_logit_difference));
  CHECK(std::isinf(compare(golden, {}, std::vector<float>{1, 2, 3}).max_abs_logit_difference));
  CHECK(std::isinf(
      compare(golden, {}, std::vector<float>{std::nanf(""), 2}).max_abs_logit_difference));
  golden.logit_ids = {0, 9};
  CHECK(std::isinf(compare(golden, {}, std::vector<float>{1, 2}).max_abs_logit_difference));
}
