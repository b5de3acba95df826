// How a report is printed.
#pragma once

#include <cstdio>

#include "runtime/base/json_codec.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

/// One JSON object in a line, or a line for each figure with what it means.
template <reflected Report>
void print_report(const Report& report, bool as_json) {
  if (as_json) {
    std::puts(to_json_value(report).dump().c_str());
    return;
  }
  for_each_field<Report>([&](const auto& field) {
    const auto value = to_json_value(report.*(field.member));
    const auto text = value.is_number_float() ? std::to_string(value.template get<double>())
                      : value.is_string()     ? value.template get<std::string>()
                                              : value.dump();
    std::printf("%-34s %14s   %s\n", std::string(field.name).c_str(), text.c_str(),
                std::string(field.doc).c_str());
  });
  std::puts("");
}

} // namespace dci
