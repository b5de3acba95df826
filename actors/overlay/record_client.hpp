// A node's own records: published, and published again while they are to last; and reading those
// of others. A pure state machine.
#pragma once

#include <map>
#include <vector>

#include "actors/overlay/chord.hpp"
#include "actors/overlay/record_keeper.hpp"

namespace dci {

class record_client {
 public:
  /// settings and world must outlive it.
  record_client(const contact& self, const record_settings& settings, const record_world& world,
                random_source random);

  /// From now on, again and again, in the place of what this node published there before. Its
  /// first result comes out under the number returned.
  std::uint64_t publish(const node_id& name, std::vector<std::uint8_t> value, chord& ring,
                        node_time now, overlay_output& out);
  /// No more; what is there expires.
  void withdraw(const node_id& name);
  /// Reads all publishers' records of the name.
  std::uint64_t read(const node_id& name, chord& ring, node_time now, overlay_output& out);

  /// Whether it was a lookup of ours.
  bool take(const lookup_result& found, node_time now, overlay_output& out);
  void receive(const contact& from, const overlay_message& message, node_time now,
               overlay_output& out);
  void tick(chord& ring, node_time now, overlay_output& out);
  node_time next_tick() const;

 private:
  enum class stage : std::uint8_t { looking, asked, waiting };

  struct job {
    std::uint64_t number = 0;
    record_result result;
    record_ptr record; ///< to be stored; nullptr: to be read
    stage at = stage::waiting;
    std::uint64_t lookup = 0;
    contact owner, whom;
    std::uint32_t nonce = 0;
    bool direct = false;
    node_time began{}, until{}; ///< of what is waited for
  };
  struct publication {
    std::vector<std::uint8_t> value;
    std::uint64_t version = 0;
    node_time again{};
  };

  void on(const contact& from, const store_reply& m, node_time now, overlay_output& out);
  void on(const contact& from, const fetch_reply& m, node_time now, overlay_output& out);

  void begin(job j, chord& ring, node_time now, overlay_output& out);
  void look_up(job& j, chord& ring, node_time now, overlay_output& out);
  void ask(job& j, const contact& whom, bool direct, node_time now, overlay_output& out);
  void try_again(job& j, node_time now, overlay_output& out);
  void end(job& j, bool done, node_time now, overlay_output& out);
  bool is_sound(const record_redirect& r, const job& j, node_time now) const;
  std::uint64_t store(const node_id& name, publication& what, chord& ring, node_time now,
                      overlay_output& out);
  job* find(const contact& from, std::uint32_t nonce);

  contact self_;
  const record_settings* settings_;
  const record_world* world_;
  hidden_random random_;
  std::map<node_id, publication> published_;
  std::vector<job> jobs_;
};

} // namespace dci
