// Signatures of simulated members: the simulation forges nothing.
#pragma once

#include "actors/membership/swim.hpp"

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

} // namespace dci
