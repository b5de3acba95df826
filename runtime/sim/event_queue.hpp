// The simulator's future: events in the order of their time, those of one instant in the order
// in which they were added.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "runtime/base/node_clock.hpp"

namespace dci {

template <class Event>
class event_queue {
 public:
  bool empty() const {
    return heap_.empty();
  }
  std::size_t size() const {
    return heap_.size();
  }
  /// When the next one is. Not of an empty queue.
  node_time next_time() const {
    return heap_.front().at;
  }

  void add(node_time at, Event event) {
    std::uint32_t place;
    if (free_.empty()) {
      place = static_cast<std::uint32_t>(events_.size());
      events_.push_back(std::move(event));
    } else {
      place = free_.back();
      free_.pop_back();
      events_[place] = std::move(event);
    }
    heap_.push_back({at, ++added_, place});
    up(heap_.size() - 1);
  }

  /// Takes the next one out.
  std::pair<node_time, Event> pop() {
    const auto first = heap_.front();
    heap_.front() = heap_.back();
    heap_.pop_back();
    if (!heap_.empty())
      down(0);
    free_.push_back(first.place);
    return {first.at, std::move(events_[first.place])};
  }

 private:
  // Events stay where they are; only these move.
  struct key {
    node_time at;
    std::uint64_t number;
    std::uint32_t place;

    bool before(const key& other) const {
      return at != other.at ? at < other.at : number < other.number;
    }
  };
  // Four children: half as deep as two, and side by side in memory.
  static constexpr std::size_t children = 4;

  void up(std::size_t at) {
    const auto moved = heap_[at];
    while (at > 0 && moved.before(heap_[(at - 1) / children])) {
      heap_[at] = heap_[(at - 1) / children];
      at = (at - 1) / children;
    }
    heap_[at] = moved;
  }
  void down(std::size_t at) {
    const auto moved = heap_[at];
    while (true) {
      const auto first = at * children + 1;
      if (first >= heap_.size())
        break;
      auto least = first;
      for (auto i = first + 1; i < first + children && i < heap_.size(); ++i)
        if (heap_[i].before(heap_[least]))
          least = i;
      if (!heap_[least].before(moved))
        break;
      heap_[at] = heap_[least];
      at = least;
    }
    heap_[at] = moved;
  }

  std::vector<key> heap_;
  std::vector<Event> events_;
  std::vector<std::uint32_t> free_;
  std::uint64_t added_ = 0;
};

} // namespace dci
