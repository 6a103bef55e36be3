#pragma once
// DeltaScan: looks for numbers in an ascending list that is kept as varints (coding.h) of the
// differences, passing over most of them a vector of bytes at a time. One thread at a time.

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/coding.h"

namespace piperoll::base {

class DeltaScan {
 public:
  // The list begins with bytes and has count numbers; the first is the difference to 0.
  DeltaScan(ByteView bytes, std::size_t count) : decoder_(bytes), left_(count) {}

  // Goes on to the first number that is not less than wanted; stays where it is when the one there
  // is not. False: there is none, and the scan is behind the list, or the bytes are no such list.
  bool seek(std::uint64_t wanted);
  // REQUIRES: the last seek() found something.
  std::size_t index() const { return passed_ - 1; }
  std::uint64_t value() const { return value_; }

  // Goes behind the list and gives what follows it.
  ByteView skip_rest();
  bool ok() const { return decoder_.ok(); }

 private:
  bool read_one();
  bool skip_some(std::uint64_t wanted);

  Decoder decoder_;
  std::size_t left_;
  std::size_t passed_ = 0;
  std::uint64_t value_ = 0;  // of the last number passed
};

}  // namespace piperoll::base
