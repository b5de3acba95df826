// Every actor interface. One alias per actor, one sentence per message; the
// messages themselves are in actors/<concept>/messages.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <variant>

#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/authority/messages.hpp"
#include "actors/device_profiler/messages.hpp"
#include "actors/errors.hpp"
#include "actors/gate/messages.hpp"
#include "actors/gossip/requests.hpp"
#include "actors/handles.hpp"
#include "actors/inspect.hpp"
#include "actors/link/messages.hpp"
#include "actors/membership/requests.hpp"
#include "actors/node/messages.hpp"
#include "actors/overlay/requests.hpp"
#include "actors/partition_planner/messages.hpp"
#include "actors/proximity_prober/requests.hpp"
#include "actors/relay/messages.hpp"
#include "actors/ring/messages.hpp"
#include "actors/ring_former/messages.hpp"
#include "actors/shard_executor/messages.hpp"
#include "actors/shard_executor/steps.hpp"
#include "actors/step_link/messages.hpp"
#include "actors/tunnel/messages.hpp"
#include "net/frames/frame_port.hpp"

namespace dci {

/// As the number of its kind, and what it says.
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, step_message& x) {
  auto kind = static_cast<std::uint8_t>(x.index());
  if constexpr (Inspector::reads_state) {
    return std::visit([&](auto& message) { return f(kind, message); }, x);
  } else {
    if (auto e = f(kind))
      return e;
    const auto make = [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((kind == I ? static_cast<void>(x.emplace<I>()) : void()), ...);
    };
    if (kind >= std::variant_size_v<step_message>)
      return caf::sec::invalid_argument;
    make(std::make_index_sequence<std::variant_size_v<step_message>>{});
    return std::visit([&](auto& message) { return f(message); }, x);
  }
}

/// Stays inside: a frame has come over ZeroMQ.
struct frame_arrived {
  frame what;
  frame_route by;

  static constexpr bool stays_inside = true;
  static constexpr std::string_view type_name = "frame_arrived";
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, frame_arrived&) {
  return f(caf::meta::type_name("frame_arrived"));
}

/// Stays inside: somebody asks for a certificate over TLS. answer: once, from any thread.
struct certificate_question {
  byte_vector bytes;
  std::function<void(byte_vector)> answer;

  static constexpr bool stays_inside = true;
  static constexpr std::string_view type_name = "certificate_question";
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, certificate_question&) {
  return f(caf::meta::type_name("certificate_question"));
}

/// Stays inside: the other end of a link answers over CAF again.
struct link_found {
  epoch_id epoch;
  std::uint32_t link = 0;
  actor_ref actor;

  static constexpr bool stays_inside = true;
  static constexpr std::string_view type_name = "link_found";
  static constexpr auto fields() {
    using self = link_found;
    return std::tuple{required("epoch", &self::epoch, "the ring's epoch"),
                      required("link", &self::link, "which link of the ring"),
                      required("actor", &self::actor, "his handle; none: not this time")};
  }
};

/// Who is there, now and from now on? Answered by members_list, then
/// member_changed_event follow.
struct watch_members_request {
  actor_ref watcher;
  bool traffic = false;

  static constexpr bool stays_inside = true;
  static constexpr std::string_view type_name = "watch_members_request";
  static constexpr auto fields() {
    using self = watch_members_request;
    return std::tuple{required("watcher", &self::watcher, "whom to tell"),
                      field("traffic", &self::traffic,
                            "also, by traffic_events, what the members' answers to pings took")};
  }
};

/// A host's supervisor: describes it, starts, finds and stops actors on it,
/// connects it to other hosts.
using node_actor = caf::typed_actor<
    // What is this host and what runs on it?
    caf::replies_to<node_describe_request>::with<node_description>,
    // Start an actor of a registered type.
    caf::replies_to<spawn_request>::with<actor_info>,
    // Who has this name?
    caf::replies_to<find_request>::with<actor_info>,
    // Stop an actor; answered when it is gone.
    caf::replies_to<stop_request>::with<actor_info>,
    // Connect to another host.
    caf::replies_to<dial_request>::with<dial_reply>,
    // Tell the watcher of every start and end.
    caf::replies_to<watch_request>::with<node_description>,
    // These certificates no longer hold.
    caf::replies_to<revocations_request>::with<revocations_reply>,
    // Where does this host hear ZeroMQ?
    caf::replies_to<frames_request>::with<frame_contact>>;

/// Who wants to hear of starts and ends.
using watcher_actor = caf::typed_actor<caf::reacts_to<actor_event>>;

/// At either end of a link: a stage, or a ring.
using step_peer_actor = caf::typed_actor<
    // Over a link: a message of the other end.
    caf::reacts_to<step_frame>,
    // Over a link: what the other end has.
    caf::reacts_to<link_report_event>>;

/// Runs one layer range for many sessions.
using shard_executor_actor = caf::typed_actor<
    // Read the weights.
    caf::replies_to<load_request>::with<shard_description>,
    // What do you hold?
    caf::replies_to<shard_describe_request>::with<shard_description>,
    // Take this place in this ring.
    caf::replies_to<wire_request>::with<wire_reply>,
    // From the ring or the stage before: sessions that come and go, steps to be run. From the next
    // stage: what it has.
    caf::reacts_to<step_frame>, caf::reacts_to<link_report_event>>;

/// Assembles a pipeline of shard executors, owns its sessions, streams tokens.
using ring_actor = caf::typed_actor<
    // Put the ring together.
    caf::replies_to<assemble_request>::with<ring_description>,
    // What is it made of?
    caf::replies_to<ring_describe_request>::with<ring_description>,
    // Start an answer; tokens go to the sink.
    caf::replies_to<generate_request>::with<generate_reply>,
    // End an answer early.
    caf::replies_to<cancel_request>::with<generate_reply>,
    // From a stage: room made or refused, tokens, a session that cannot go on.
    caf::reacts_to<step_frame>, caf::reacts_to<link_report_event>>;

/// Who gets a ring's tokens.
using text_sink_actor =
    caf::typed_actor<caf::reacts_to<text_event>, caf::reacts_to<session_end_event>>;

/// Decides which node runs which layers.
using partition_planner_actor = caf::typed_actor<
    // Cut the layers over the nodes.
    caf::replies_to<plan_request>::with<plan_reply>>;

/// The link itself stays in its process: another one gets an empty handle.
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, link_handle&) {
  return f(caf::meta::type_name("link_handle"));
}

/// A node on its UDP address.
using link_actor = caf::typed_actor<
    // Who is this, and what came and went?
    caf::replies_to<link_describe_request>::with<link_description>,
    // From an actor beside it: the link.
    caf::replies_to<open_link_request>::with<link_handle>>;

/// Measures what its device can do.
using device_profiler_actor = caf::typed_actor<
    // What can it do, and what may it?
    caf::replies_to<device_profile_request>::with<device_profile>,
    // The same, measured anew.
    caf::replies_to<device_measure_request>::with<device_profile>,
    // This is what its owner lets it do.
    caf::replies_to<owner_policy_request>::with<device_profile>>;

/// Nor does the way through a tunnel.
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, tunnel_handle&) {
  return f(caf::meta::type_name("tunnel_handle"));
}

/// Opens ports that everybody can reach, for nodes that nobody can reach.
using tunnel_entry_actor = caf::typed_actor<
    // What passes, and what was refused?
    caf::replies_to<tunnel_describe_request>::with<tunnel_description>>;

/// Keeps such ports open for its host, and brings in who comes there.
using tunnel_exit_actor = caf::typed_actor<
    // What passes, and what was refused?
    caf::replies_to<tunnel_describe_request>::with<tunnel_description>,
    // From a link beside it: the way of its datagrams.
    caf::replies_to<open_tunnel_request>::with<tunnel_handle>>;

/// Makes a link slow and unsure.
using relay_actor = caf::typed_actor<
    // What is the link like?
    caf::replies_to<relay_describe_request>::with<relay_description>,
    // From now on it is like this.
    caf::replies_to<shape_request>::with<relay_description>>;

/// Knows which nodes are there.
using membership_actor = caf::typed_actor<
    // Who is there?
    caf::replies_to<membership_describe_request>::with<membership_description>,
    // From an actor beside it: the same, and tell me of changes.
    caf::replies_to<watch_members_request>::with<members_list>>;

/// Who wants to hear which nodes come and go.
using members_watcher_actor = caf::typed_actor<caf::reacts_to<member_changed_event>>;

/// Who wants to hear what traffic with members shows.
using traffic_watcher_actor = caf::typed_actor<caf::reacts_to<traffic_event>>;

/// Measures how far the members are.
using proximity_prober_actor = caf::typed_actor<
    // How far is everybody?
    caf::replies_to<proximity_describe_request>::with<proximity_description>,
    // From the membership: a node came or went.
    caf::reacts_to<member_changed_event>,
    // From whoever wrote to a member and was answered: how long it took.
    caf::reacts_to<traffic_event>>;

/// Spreads what is known of all nodes.
using gossip_actor = caf::typed_actor<
    // What is known of all nodes?
    caf::replies_to<gossip_describe_request>::with<network_map>,
    // From the membership: a node came or went.
    caf::reacts_to<member_changed_event>>;

/// A place on the overlay's ring, where nodes publish what others look for.
using overlay_actor = caf::typed_actor<
    // Where on the ring is this node?
    caf::replies_to<overlay_describe_request>::with<overlay_description>,
    // Who answers for this key?
    caf::replies_to<lookup_request>::with<lookup_reply>,
    // What does this node say of itself?
    caf::replies_to<find_node_request>::with<node_descriptor>,
    // Who holds layers of this model?
    caf::replies_to<find_layers_request>::with<layer_holders>,
    // From the membership: a node came or went.
    caf::reacts_to<member_changed_event>>;

/// Chooses the nodes of a ring by how near they are.
using ring_former_actor = caf::typed_actor<
    // Choose so many nodes, and cut the layers over them.
    caf::replies_to<form_ring_request>::with<formed_ring>>;

/// Where strangers ask, by ZeroMQ; here only what went on.
using gate_actor = caf::typed_actor<
    // What went on?
    caf::replies_to<gate_describe_request>::with<gate_description>>;

/// Vouches for nodes.
using authority_actor = caf::typed_actor<
    // A certificate for the key that this request proves.
    caf::replies_to<certify_request>::with<certify_reply>,
    // Withdraws all certificates of a node.
    caf::replies_to<withdraw_request>::with<withdraw_reply>,
    // What went on?
    caf::replies_to<authority_describe_request>::with<authority_description>>;

} // namespace dci

// Every message type, once. Types travel by name, so the order is free.
CAF_BEGIN_TYPE_ID_BLOCK(dci, first_custom_type_id)
CAF_ADD_TYPE_ID(dci, (dci::node_describe_request))
CAF_ADD_TYPE_ID(dci, (dci::node_description))
CAF_ADD_TYPE_ID(dci, (dci::spawn_request))
CAF_ADD_TYPE_ID(dci, (dci::find_request))
CAF_ADD_TYPE_ID(dci, (dci::stop_request))
CAF_ADD_TYPE_ID(dci, (dci::actor_info))
CAF_ADD_TYPE_ID(dci, (dci::dial_request))
CAF_ADD_TYPE_ID(dci, (dci::dial_reply))
CAF_ADD_TYPE_ID(dci, (dci::watch_request))
CAF_ADD_TYPE_ID(dci, (dci::actor_event))
CAF_ADD_TYPE_ID(dci, (dci::revocations_request))
CAF_ADD_TYPE_ID(dci, (dci::revocations_reply))
CAF_ADD_TYPE_ID(dci, (dci::load_request))
CAF_ADD_TYPE_ID(dci, (dci::shard_describe_request))
CAF_ADD_TYPE_ID(dci, (dci::shard_description))
CAF_ADD_TYPE_ID(dci, (dci::wire_request))
CAF_ADD_TYPE_ID(dci, (dci::wire_reply))
CAF_ADD_TYPE_ID(dci, (dci::open_session_request))
CAF_ADD_TYPE_ID(dci, (dci::open_session_reply))
CAF_ADD_TYPE_ID(dci, (dci::close_session_event))
CAF_ADD_TYPE_ID(dci, (dci::token_step))
CAF_ADD_TYPE_ID(dci, (dci::hidden_step))
CAF_ADD_TYPE_ID(dci, (dci::hidden_pass))
CAF_ADD_TYPE_ID(dci, (dci::turn_event))
CAF_ADD_TYPE_ID(dci, (dci::new_token))
CAF_ADD_TYPE_ID(dci, (dci::tokens_event))
CAF_ADD_TYPE_ID(dci, (dci::run_pass))
CAF_ADD_TYPE_ID(dci, (dci::step_failed_event))
CAF_ADD_TYPE_ID(dci, (dci::assemble_request))
CAF_ADD_TYPE_ID(dci, (dci::ring_describe_request))
CAF_ADD_TYPE_ID(dci, (dci::ring_description))
CAF_ADD_TYPE_ID(dci, (dci::generate_request))
CAF_ADD_TYPE_ID(dci, (dci::generate_reply))
CAF_ADD_TYPE_ID(dci, (dci::cancel_request))
CAF_ADD_TYPE_ID(dci, (dci::text_event))
CAF_ADD_TYPE_ID(dci, (dci::session_end_event))
CAF_ADD_TYPE_ID(dci, (dci::plan_request))
CAF_ADD_TYPE_ID(dci, (dci::plan_reply))
CAF_ADD_TYPE_ID(dci, (dci::frame_contact))
CAF_ADD_TYPE_ID(dci, (dci::frames_request))
CAF_ADD_TYPE_ID(dci, (dci::link_end))
CAF_ADD_TYPE_ID(dci, (dci::step_frame))
CAF_ADD_TYPE_ID(dci, (dci::link_report_event))
CAF_ADD_TYPE_ID(dci, (dci::link_lost_event))
CAF_ADD_TYPE_ID(dci, (dci::step_link_state))
CAF_ADD_TYPE_ID(dci, (dci::link_tick))
CAF_ADD_TYPE_ID(dci, (dci::link_found))
CAF_ADD_TYPE_ID(dci, (dci::frame_arrived))
CAF_ADD_TYPE_ID(dci, (dci::dial_again))
CAF_ADD_TYPE_ID(dci, (dci::ring_tick))
CAF_ADD_TYPE_ID(dci, (dci::overlay_describe_request))
CAF_ADD_TYPE_ID(dci, (dci::overlay_description))
CAF_ADD_TYPE_ID(dci, (dci::lookup_request))
CAF_ADD_TYPE_ID(dci, (dci::lookup_reply))
CAF_ADD_TYPE_ID(dci, (dci::find_node_request))
CAF_ADD_TYPE_ID(dci, (dci::held_layers))
CAF_ADD_TYPE_ID(dci, (dci::node_descriptor))
CAF_ADD_TYPE_ID(dci, (dci::find_layers_request))
CAF_ADD_TYPE_ID(dci, (dci::layer_holder))
CAF_ADD_TYPE_ID(dci, (dci::layer_holders))
CAF_ADD_TYPE_ID(dci, (dci::overlay_turn))
CAF_ADD_TYPE_ID(dci, (dci::form_ring_request))
CAF_ADD_TYPE_ID(dci, (dci::ring_member))
CAF_ADD_TYPE_ID(dci, (dci::formed_ring))
CAF_ADD_TYPE_ID(dci, (dci::gate_describe_request))
CAF_ADD_TYPE_ID(dci, (dci::gate_description))
CAF_ADD_TYPE_ID(dci, (dci::gate_turn))
CAF_ADD_TYPE_ID(dci, (dci::certify_request))
CAF_ADD_TYPE_ID(dci, (dci::certify_reply))
CAF_ADD_TYPE_ID(dci, (dci::withdraw_request))
CAF_ADD_TYPE_ID(dci, (dci::withdraw_reply))
CAF_ADD_TYPE_ID(dci, (dci::authority_describe_request))
CAF_ADD_TYPE_ID(dci, (dci::authority_description))
CAF_ADD_TYPE_ID(dci, (dci::certificate_question))
CAF_ADD_TYPE_ID(dci, (dci::link_describe_request))
CAF_ADD_TYPE_ID(dci, (dci::link_description))
CAF_ADD_TYPE_ID(dci, (dci::open_link_request))
CAF_ADD_TYPE_ID(dci, (dci::link_handle))
CAF_ADD_TYPE_ID(dci, (dci::contact))
CAF_ADD_TYPE_ID(dci, (dci::watch_members_request))
CAF_ADD_TYPE_ID(dci, (dci::members_list))
CAF_ADD_TYPE_ID(dci, (dci::member_changed_event))
CAF_ADD_TYPE_ID(dci, (dci::proximity_describe_request))
CAF_ADD_TYPE_ID(dci, (dci::link_measured))
CAF_ADD_TYPE_ID(dci, (dci::proximity_description))
CAF_ADD_TYPE_ID(dci, (dci::prober_turn))
CAF_ADD_TYPE_ID(dci, (dci::traffic_event))
CAF_ADD_TYPE_ID(dci, (dci::link_conditions))
CAF_ADD_TYPE_ID(dci, (dci::relay_sender))
CAF_ADD_TYPE_ID(dci, (dci::relay_describe_request))
CAF_ADD_TYPE_ID(dci, (dci::shape_request))
CAF_ADD_TYPE_ID(dci, (dci::relay_description))
CAF_ADD_TYPE_ID(dci, (dci::tunnel_door_info))
CAF_ADD_TYPE_ID(dci, (dci::tunnel_describe_request))
CAF_ADD_TYPE_ID(dci, (dci::tunnel_description))
CAF_ADD_TYPE_ID(dci, (dci::open_tunnel_request))
CAF_ADD_TYPE_ID(dci, (dci::tunnel_handle))
CAF_ADD_TYPE_ID(dci, (dci::network_place))
CAF_ADD_TYPE_ID(dci, (dci::device_figures))
CAF_ADD_TYPE_ID(dci, (dci::owner_policy))
CAF_ADD_TYPE_ID(dci, (dci::device_profile_request))
CAF_ADD_TYPE_ID(dci, (dci::device_measure_request))
CAF_ADD_TYPE_ID(dci, (dci::owner_policy_request))
CAF_ADD_TYPE_ID(dci, (dci::device_profile))
CAF_ADD_TYPE_ID(dci, (dci::gossip_describe_request))
CAF_ADD_TYPE_ID(dci, (dci::mapped_link))
CAF_ADD_TYPE_ID(dci, (dci::mapped_node))
CAF_ADD_TYPE_ID(dci, (dci::network_map))
CAF_ADD_TYPE_ID(dci, (dci::gossip_turn))
CAF_ADD_TYPE_ID(dci, (dci::membership_describe_request))
CAF_ADD_TYPE_ID(dci, (dci::member_info))
CAF_ADD_TYPE_ID(dci, (dci::refusal_count))
CAF_ADD_TYPE_ID(dci, (dci::membership_description))
CAF_ADD_TYPE_ID(dci, (dci::membership_turn))
CAF_END_TYPE_ID_BLOCK(dci)
