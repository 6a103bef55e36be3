#pragma once
// ValueGrowth: tells by how fast new values come whether the values of a field come back
// (docs/adr/0078-values-that-come-back.md). A value; constant size.

#include <bit>
#include <cstdint>

namespace piperoll::store::rocks {

class ValueGrowth {
 public:
  // The record seq brought a new value, and with it there are so many. For every new value, in
  // order; whoever begins in the middle knows less for two doublings.
  void saw(std::uint64_t values, std::uint64_t seq) {
    if (std::has_single_bit(values)) {
      quarter_ = half_;
      half_ = whole_;
      whole_ = seq;
    }
  }

  // The last half of the values, as of when their number was a power of two, came as fast as the
  // quarter before it, but for one in thirty-three. Where values come back, new ones become rarer;
  // ids that are made once come as they came. False while that is not known.
  bool is_steady() const {
    return quarter_ != kNever && 32 * (whole_ - half_) < 33 * 2 * (half_ - quarter_);
  }

 private:
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};
  // Seqs of the records with which there were a quarter, half and all of so many values.
  std::uint64_t quarter_ = kNever, half_ = kNever, whole_ = kNever;
};

}  // namespace piperoll::store::rocks
