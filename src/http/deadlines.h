#pragma once
// Deadlines of many owners, all of one duration, so that the order in which they are set is the
// order in which they pass: setting and clearing are a few pointers, looking is at the first alone.
// One thread at a time.

#include <cstdint>

namespace piperoll::http {

template <class Owner>
class DeadlineList;

// A place in at most one list; leaves it when destroyed.
template <class Owner>
class Deadline {
 public:
  explicit Deadline(Owner& owner) : owner_(owner) {}
  ~Deadline() { clear(); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  bool is_set() const { return list_ != nullptr; }
  void clear() {
    if (list_ == nullptr) {
      return;
    }
    (before_ != nullptr ? before_->after_ : list_->first_) = after_;
    (after_ != nullptr ? after_->before_ : list_->last_) = before_;
    before_ = after_ = nullptr;
    list_ = nullptr;
  }

 private:
  friend class DeadlineList<Owner>;
  Owner& owner_;
  DeadlineList<Owner>* list_ = nullptr;
  Deadline* before_ = nullptr;
  Deadline* after_ = nullptr;
  std::int64_t at_micros_ = 0;
};

template <class Owner>
class DeadlineList {
 public:
  // 0 or less: deadlines of this list are never set.
  explicit DeadlineList(std::int64_t duration_micros) : duration_micros_(duration_micros) {}
  DeadlineList(const DeadlineList&) = delete;
  DeadlineList& operator=(const DeadlineList&) = delete;

  // Passes duration after now, whatever list it was in before. now never goes back.
  void set(Deadline<Owner>& deadline, std::int64_t now_micros) {
    deadline.clear();
    if (duration_micros_ <= 0) {
      return;
    }
    deadline.list_ = this;
    deadline.at_micros_ = now_micros + duration_micros_;
    deadline.before_ = last_;
    (last_ != nullptr ? last_->after_ : first_) = &deadline;
    last_ = &deadline;
  }

  // The owner of a deadline that has passed, which leaves the list; null when there is none.
  Owner* take_passed(std::int64_t now_micros) {
    if (first_ == nullptr || first_->at_micros_ > now_micros) {
      return nullptr;
    }
    Deadline<Owner>* deadline = first_;
    deadline->clear();
    return &deadline->owner_;
  }

  bool empty() const { return first_ == nullptr; }

 private:
  friend class Deadline<Owner>;
  const std::int64_t duration_micros_;
  Deadline<Owner>* first_ = nullptr;
  Deadline<Owner>* last_ = nullptr;
};

}  // namespace piperoll::http
