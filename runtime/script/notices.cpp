#include "runtime/script/notices.hpp"

#include <cstdio>
#include <utility>

#include <spdlog/sinks/base_sink.h>

#include "runtime/base/log.hpp"
#include "runtime/script/interrupts.hpp"

namespace dci {
namespace {

class notice_sink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit notice_sink(std::shared_ptr<notices> out) : out_(std::move(out)) {
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t text;
    formatter_->format(message, text);
    out_->post({text.data(), text.size()});
  }
  void flush_() override {
  }

  std::shared_ptr<notices> out_;
};

} // namespace

void notices::post(const std::string& text) {
  const std::lock_guard lock(mutex_);
  if (!editing_) {
    std::fputs(text.c_str(), stderr);
    return;
  }
  waiting_ += text;
  wake();
}

void notices::show() {
  const std::lock_guard lock(mutex_);
  std::fputs(std::exchange(waiting_, {}).c_str(), stdout);
}

void notices::set_editing(bool editing) {
  const std::lock_guard lock(mutex_);
  editing_ = editing;
}

void log_through(std::shared_ptr<notices> out) {
  const auto before = spdlog::default_logger();
  auto logger = std::make_shared<spdlog::logger>(before->name(),
                                                 std::make_shared<notice_sink>(std::move(out)));
  logger->set_level(before->level());
  logger->set_pattern("%H:%M:%S.%e %l [%n] %v");
  spdlog::set_default_logger(std::move(logger));
}

} // namespace dci
