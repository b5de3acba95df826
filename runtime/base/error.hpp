// Errors as values. Every fallible function that crosses a module border
// returns expected<T>; exceptions of libraries are caught inside the module.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace dci {

// name, exit code of a program that ends with it, meaning. The enum, its texts
// and the exit codes come from this one list, so they cannot drift apart.
#define DCI_ERRC_LIST(X)                                                                           \
  X(check_failed, 1, "a check was run and its result is wrong")                                    \
  X(internal, 1, "a broken promise of our own code")                                               \
  X(usage, 2, "the command line is wrong")                                                         \
  X(bad_file, 2, "a file is missing, unreadable or damaged")                                       \
  X(bad_config, 2, "a configuration value is missing, unknown or absurd")                          \
  X(bad_topology, 2, "the topology file describes something impossible")                           \
  X(bad_request, 2, "a request has missing, unknown or impossible fields")                         \
  X(unsupported, 2, "the input is well-formed but of a kind we cannot run")                        \
  X(context_full, 2, "the prompt and its answer exceed the model's context")                       \
  X(not_finite, 2, "a weight or an activation is not a finite number")                             \
  X(not_found, 2, "nothing has that name")                                                         \
  X(already_exists, 2, "the name is taken")                                                        \
  X(unreachable, 3, "a host does not answer at its address")                                       \
  X(peer_lost, 3, "a host or an actor on it died or froze")                                        \
  X(timed_out, 3, "an answer did not come in time")                                                \
  X(busy, 3, "there is no room now; ask again later")                                              \
  X(bad_message, 3, "a peer sent something that breaks the protocol")                              \
  X(cancelled, 3, "the work was stopped before it was done")                                       \
  X(refused, 3, "credentials are missing, wrong, expired or revoked")

/// What went wrong. Zero is reserved: CAF reads it as "no error".
enum class errc : std::uint8_t {
  none = 0,
#define DCI_ERRC_ENUM(name, code, text) name,
  DCI_ERRC_LIST(DCI_ERRC_ENUM)
#undef DCI_ERRC_ENUM
};

/// The enumerator's name, or "none".
std::string_view to_string(errc code) noexcept;
/// The inverse of to_string; errc::internal for an unknown name.
errc errc_from_string(std::string_view name) noexcept;
/// One sentence that says what the code means.
std::string_view meaning(errc code) noexcept;
/// 0 done, 1 a check failed, 2 bad input or usage, 3 the network or a peer.
int exit_code(errc code) noexcept;

/// An error: its kind, and one line that names the thing, the place and what
/// to do about it.
struct error {
  errc code = errc::internal;
  std::string message;

  friend bool operator==(const error&, const error&) = default;
};

template <class T>
using expected = tl::expected<T, error>;
using result = expected<void>;

/// return fail(errc::bad_file, "...") from a function that returns expected<T>.
[[nodiscard]] inline tl::unexpected<error> fail(errc code, std::string message) {
  return tl::unexpected<error>(error{code, std::move(message)});
}
[[nodiscard]] inline tl::unexpected<error> fail(error e) {
  return tl::unexpected<error>(std::move(e));
}

/// Puts "place: " before the message, keeping the code.
[[nodiscard]] error in_context(std::string_view place, error e);

} // namespace dci

// Leaves the enclosing function with the error of an expected<> or result.
#define DCI_CONCAT_INNER(a, b) a##b
#define DCI_CONCAT(a, b) DCI_CONCAT_INNER(a, b)
#define DCI_TRY(expr)                                                                              \
  if (auto DCI_CONCAT(dci_try_, __LINE__) = (expr); !DCI_CONCAT(dci_try_, __LINE__))               \
  return ::dci::fail(std::move(DCI_CONCAT(dci_try_, __LINE__)).error())
// The same, naming the value: DCI_ASSIGN(auto x, f());
#define DCI_ASSIGN(decl, expr)                                                                     \
  auto DCI_CONCAT(dci_assign_, __LINE__) = (expr);                                                 \
  if (!DCI_CONCAT(dci_assign_, __LINE__))                                                          \
    return ::dci::fail(std::move(DCI_CONCAT(dci_assign_, __LINE__)).error());                      \
  decl = std::move(*DCI_CONCAT(dci_assign_, __LINE__))
