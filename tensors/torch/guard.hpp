// LibTorch's exceptions become errors here.
#pragma once

#include <exception>
#include <new>
#include <string>
#include <utility>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "runtime/base/error.hpp"

namespace dci {

/// Calls work() without autograd. place: what was being done, for the message.
template <class Work>
auto guarded(const std::string& place, Work&& work) -> decltype(work()) {
  try {
    const c10::InferenceMode no_autograd;
    return work();
  } catch (const c10::Error& e) {
    std::string text = e.what_without_backtrace();
    text.resize(std::min(text.find('\n'), text.size()));
    return fail(errc::internal, place + ": LibTorch: " + text);
  } catch (const std::bad_alloc&) {
    return fail(errc::internal, place + ": out of memory");
  } catch (const std::exception& e) {
    return fail(errc::internal, place + ": " + e.what());
  }
}

} // namespace dci
