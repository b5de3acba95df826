// What reports look like.
#pragma once

#include <vector>

#include "runtime/sim/alpha_beta_experiment.hpp"
#include "runtime/sim/chart.hpp"
#include "runtime/sim/chord_experiment.hpp"
#include "runtime/sim/conditions_experiment.hpp"
#include "runtime/sim/coordinates_experiment.hpp"
#include "runtime/sim/gossip_experiment.hpp"
#include "runtime/sim/membership_experiment.hpp"
#include "runtime/sim/records_experiment.hpp"
#include "runtime/sim/ring_experiment.hpp"

namespace dci {

/// How long lookups take, by how owners are looked for and fingers are chosen.
picture picture_of(const std::vector<chord_report>& reports);
/// How many values can still be read.
picture picture_of(const std::vector<records_report>& reports);
/// How soon a death is noticed.
picture picture_of(const std::vector<membership_report>& reports);
/// How old and how wrong what nodes know of one another is.
picture picture_of(const std::vector<gossip_report>& reports);
/// How wrong guesses are.
picture picture_of(const std::vector<coordinates_report>& reports);
/// How long rings are, by how they are chosen.
picture picture_of(const std::vector<ring_report>& reports);
/// Times of decoding and of prefilling over alpha.
picture picture_of(const std::vector<alpha_beta_report>& reports);
/// A row for the ring, for lookups and for membership, a column for each condition.
picture picture_of(const std::vector<conditions_report>& reports);

} // namespace dci
