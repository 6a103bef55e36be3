#pragma once
// FirstItems: the first so many, in an order, of what is added. Memory follows how many are wanted,
// not how many there are. One thread at a time.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/check.h"

namespace piperoll::store::rocks {

// Before: bool(const Item&, const Item&), a strict order.
template <class Item, class Before>
class FirstItems {
 public:
  // REQUIRES: wanted > 0.
  FirstItems(std::uint64_t wanted, Before before) : wanted_(wanted), before_(std::move(before)) {
    CHECK(wanted > 0);
  }

  // What does not come before it need not be added; nullptr: anything may be among the first.
  const Item* last() const { return cut_ ? &items_[wanted_ - 1] : nullptr; }
  void add(Item item) {
    items_.push_back(std::move(item));
    if (items_.size() / 2 > wanted_) {
      cut();
    }
  }
  // In the order. Ends the use of it.
  std::vector<Item> take() {
    cut();
    std::sort(items_.begin(), items_.end(), before_);
    return std::move(items_);
  }

 private:
  void cut() {
    if (items_.size() <= wanted_) {
      return;
    }
    const auto last = items_.begin() + static_cast<std::ptrdiff_t>(wanted_ - 1);
    std::nth_element(items_.begin(), last, items_.end(), before_);
    items_.erase(last + 1, items_.end());
    cut_ = true;
  }

  const std::uint64_t wanted_;
  const Before before_;
  std::vector<Item> items_;
  bool cut_ = false;  // the first wanted_ items are the first so far, the last of them at the end
};

}  // namespace piperoll::store::rocks
