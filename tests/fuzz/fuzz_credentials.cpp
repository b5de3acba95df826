// Whatever a stranger or a damaged file says: one error in one line, or a value
// that holds what its type promises. None of it makes a node trusted.
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "net/identity/certificate_maker.hpp"
#include "net/identity/certificate_request.hpp"
#include "net/identity/ledger.hpp"
#include "net/identity/pem.hpp"
#include "net/identity/trust_store.hpp"

namespace {

using namespace dci;

void expect(bool holds) {
  if (!holds)
    std::abort();
}

template <class T, class E>
bool read(const tl::expected<T, E>& outcome) {
  if (!outcome) {
    expect(outcome.error().code != errc::none && outcome.error().code != errc::internal);
    expect(!outcome.error().message.empty());
    expect(outcome.error().message.find('\n') == std::string::npos);
  }
  return outcome.has_value();
}

constexpr wall_time now{std::chrono::seconds{1700000000}};

/// Trusts an authority whose key no input can know.
trust_store& store() {
  static auto made = [] {
    const auto key = node_key::generate().value();
    const auto root = make_root(key, "fuzz", now, std::chrono::hours{24}).value();
    return trust_store::of({root}).value();
  }();
  return made;
}

void feed_der(byte_view der) {
  if (const auto c = parse_certificate(der); read(c)) {
    expect(c->id == id_of(c->key) && !c->serial.empty() && !(c->may_issue && c->may_connect));
    // A certificate cannot vouch for its own key.
    if (const auto own = trust_store::of({*c}); read(own))
      expect(!read(own->verify(std::span(&c->der, 1), c->not_before)));
  }
  const byte_vector shown(der.begin(), der.end());
  expect(!read(store().verify(std::span(&shown, 1), now)));
  if (const auto request = certificate_request::parse(der); read(request))
    expect(request->id() == id_of(request->key()));
  if (const auto list = parse_revocation_list(der); read(list))
    for (const auto& serial : list->serials)
      expect(list->has(serial));
  expect(!read(store().add_revocations(der)));
}

void feed_text(std::string_view text) {
  if (const auto key = node_key::parse("f", text); read(key)) {
    const auto signature = key->sign(byte_view{});
    expect(signature && node_key::verify(key->public_half(), byte_view{}, *signature));
  }
  if (const auto book = parse_ledger("f", text); read(book)) {
    const auto written = write_ledger(*book);
    expect(read(written));
    const auto again = parse_ledger("f", *written);
    expect(read(again) && write_ledger(*again) == written);
  }
  for (const auto kind :
       {pem_kind::certificate, pem_kind::certificate_request, pem_kind::revocation_list})
    if (const auto der = from_pem("f", kind, text); read(der))
      feed_der(*der);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  feed_der({data, size});
  feed_text({reinterpret_cast<const char*>(data), size});
  return 0;
}
