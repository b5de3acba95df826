// Signatures of simulated nodes: the simulation forges nothing.
#pragma once

#include "actors/membership/swim.hpp"
#include "actors/overlay/record_shelf.hpp"

namespace dci {

class honest_seal : public member_seal {
 public:
  void sign(presence&) const override {
  }
  void sign(suspicion&) const override {
  }
  bool holds(const presence&) const override {
    return true;
  }
  bool holds(const suspicion&) const override {
    return true;
  }
};

class honest_record_seal : public record_seal {
 public:
  void sign(overlay_record&) const override {
  }
  void sign(record_redirect&) const override {
  }
  bool holds(const overlay_record&) const override {
    return true;
  }
  bool holds(const record_redirect&) const override {
    return true;
  }
};

} // namespace dci
