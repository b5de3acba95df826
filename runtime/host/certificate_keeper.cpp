#include "runtime/host/certificate_keeper.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include "net/identity/renewal.hpp"
#include "runtime/base/log.hpp"
#include "runtime/host/enrolment.hpp"
#include "runtime/host/kept_revocations.hpp"

namespace dci {
namespace {

constexpr int turn_ms = 500;
constexpr std::chrono::seconds longest_question{10};

std::pair<std::filesystem::file_time_type, std::uintmax_t>
stamp_of(const std::filesystem::path& file) {
  std::error_code failed;
  const auto time = std::filesystem::last_write_time(file, failed);
  const auto size = std::filesystem::file_size(file, failed);
  return {time, size};
}

std::vector<byte_vector> ders_of(const std::vector<certificate>& all) {
  std::vector<byte_vector> out;
  for (const auto& one : all)
    out.push_back(one.der);
  return out;
}

std::string end_text(wall_time end, wall_time now) {
  return end > now ? "end at " + date_text(end) + ", in " + span_text(end - now)
                   : "have ended at " + date_text(end);
}

} // namespace

certificate_keeper::certificate_keeper(settings with, std::shared_ptr<tls_context> shows)
    : with_(std::move(with)), shows_(std::move(shows)), stop_(eventfd(0, EFD_CLOEXEC)),
      thread_([this] { serve(); }) {
}

certificate_keeper::~certificate_keeper() {
  eventfd_write(stop_.get(), 1);
  thread_.join();
}

std::string certificate_keeper::trouble() const {
  const std::lock_guard lock(mutex_);
  return wrong_files_ + (wrong_files_.empty() || wrong_renewal_.empty() ? "" : "; ") +
         wrong_renewal_;
}

void certificate_keeper::set(std::string& trouble, std::string text) {
  const std::lock_guard lock(mutex_);
  trouble = std::move(text);
}

void certificate_keeper::serve() {
  pollfd stop{stop_.get(), POLLIN, 0};
  do {
    if (clock::now() >= next_look_)
      look_at_files();
    renew_if_due();
    keep_new_revocations();
  } while (poll(&stop, 1, turn_ms) <= 0);
}

void certificate_keeper::keep_new_revocations() {
  const auto newest = shows_->generation();
  if (newest == kept_)
    return;
  kept_ = newest;
  if (const auto kept = keep_revocations(*shows_, with_.credentials); !kept)
    spdlog::error("{}: after its next start it will not know who was revoked: {}", with_.host,
                  kept.error().message);
}

void certificate_keeper::look_at_files() {
  next_look_ = clock::now() + with_.between_looks;
  const auto files = load_certificate_files(with_.credentials);
  std::vector<stamp> seen{stamp_of(with_.credentials)};
  if (files)
    for (const auto& path : files->paths)
      seen.push_back(stamp_of(path));
  if (seen == seen_)
    return;
  seen_ = std::move(seen);
  const auto shown = files ? show_files(*files) : fail(files.error());
  if (files)
    names_authorities_ = files->names_authorities;
  set(wrong_files_, shown ? "" : shown.error().message);
  if (!shown)
    spdlog::error("{}: the certificates' files are of no use, so those from before are shown: {}",
                  with_.host, shown.error().message);
}

// What is shown already stays.
result certificate_keeper::show_files(const certificate_files& files) {
  DCI_ASSIGN(auto all, load_own_certificates(files));
  if (ders_of(all) == shows_->shown())
    return {};
  DCI_TRY(shows_->show(std::move(all)));
  has_warned_ = false;
  failures_ = 0;
  next_try_ = {};
  set(wrong_renewal_, "");
  spdlog::info("{}: new certificates, which {}", with_.host,
               end_text(shows_->shown_until(), shows_->now()));
  return {};
}

bool certificate_keeper::is_due() {
  if (const auto version = shows_->shown_version(); version != version_) {
    due_ = renewal_due(shows_->certificates());
    version_ = version;
  }
  return shows_->now() >= due_;
}

void certificate_keeper::renew_if_due() {
  if (clock::now() < next_try_ || !is_due())
    return;
  // Another process may have got them for the same node.
  look_at_files();
  if (!is_due())
    return;
  if (!names_authorities_) {
    if (!std::exchange(has_warned_, true))
      spdlog::warn(
          "{}: its certificates {}: put new ones into their files; {} names no authorities "
          "to ask",
          with_.host, end_text(shows_->shown_until(), shows_->now()), with_.credentials.string());
    next_try_ = clock::now() + with_.between_looks;
    return;
  }
  const auto got = load_enrolment_plan(with_.credentials).and_then([&](const enrolment_plan& plan) {
    return enrol(plan, "", {longest_question, stop_.get()});
  });
  if (!got)
    return renewal_failed(got.error());
  look_at_files();
  if (is_due())
    renewal_failed({errc::bad_config, "what the authorities gave is no newer than what there is"});
}

void certificate_keeper::renewal_failed(const error& why) {
  if (why.code == errc::cancelled)
    return;
  const auto now = shows_->now(), end = shows_->shown_until();
  const auto pause = pause_after(++failures_, end - now);
  next_try_ = clock::now() + pause;
  set(wrong_renewal_, "no new certificates: " + why.message);
  const auto text = "its certificates " + end_text(end, now) +
                    ", and it gets no new ones: " + why.message + "; next try in " +
                    span_text(pause);
  if (end > now)
    spdlog::warn("{}: {}", with_.host, text);
  else
    spdlog::error("{}: {}", with_.host, text);
}

} // namespace dci
