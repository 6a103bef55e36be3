#pragma once
// RecentlyUsed: things made from the database, such as lists of values, that are worth keeping, as
// long as they fit into a number of bytes; the one used least lately goes first. Thread-safe.

#include <cstddef>
#include <iterator>
#include <list>
#include <map>
#include <memory>
#include <utility>

#include "base/check.h"
#include "base/mutex.h"

namespace piperoll::store::rocks {

template <class Key, class Thing>
class RecentlyUsed {
 public:
  using Pointer = std::shared_ptr<const Thing>;

  explicit RecentlyUsed(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // Null: not kept.
  Pointer find(const Key& key) {
    base::MutexLock lock(mutex_);
    const auto found = places_.find(key);
    if (found == places_.end()) {
      return nullptr;
    }
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->thing;
  }

  // bytes: of the thing, which is kept even if it alone is more than fits. What is kept under that
  // key already, as another reader was faster or the log was smaller, stays if is_enough(it), and
  // is replaced if not. is_enough is called under the lock: it compares, no more. REQUIRES: thing
  // != nullptr.
  template <class IsEnough>
  void keep(const Key& key, Pointer thing, std::size_t bytes, IsEnough is_enough) {
    CHECK(thing != nullptr);
    base::MutexLock lock(mutex_);
    const auto found = places_.find(key);
    if (found != places_.end()) {
      if (is_enough(*found->second->thing)) {
        return;
      }
      remove(found->second);
    }
    entries_.push_front({key, std::move(thing), bytes});
    places_.emplace(key, entries_.begin());
    bytes_ += bytes;
    while (bytes_ > bytes_max_ && entries_.size() > 1) {
      remove(std::prev(entries_.end()));
    }
  }

  bool has_room() const {
    base::MutexLock lock(mutex_);
    return bytes_ < bytes_max_;
  }
  std::size_t bytes() const {
    base::MutexLock lock(mutex_);
    return bytes_;
  }

 private:
  struct Entry {
    Key key;
    Pointer thing;
    std::size_t bytes = 0;
  };
  using Place = typename std::list<Entry>::iterator;

  void remove(Place place) REQUIRES_LOCK(mutex_) {
    bytes_ -= place->bytes;
    places_.erase(place->key);
    entries_.erase(place);
  }

  const std::size_t bytes_max_;
  mutable base::Mutex mutex_;
  std::list<Entry> entries_ GUARDED_BY(mutex_);  // the one used last at the front
  std::map<Key, Place> places_ GUARDED_BY(mutex_);
  std::size_t bytes_ GUARDED_BY(mutex_) = 0;
};

}  // namespace piperoll::store::rocks
