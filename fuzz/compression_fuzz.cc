// Any bytes as a compressed body: never more output than the limit, and the streaming decoder, fed
// in slices, agrees with the other. The first byte chooses the coding and the size of the slices.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/compression.h"

namespace {

using namespace piperoll::base;

constexpr std::size_t kOutputBytesMax = std::size_t{1} << 20;

bool decode_in_slices(Compression coding, std::string_view input, std::size_t slice,
                      std::string& output) {
  auto decoder = make_stream_decompressor(coding, kOutputBytesMax);
  for (; !input.empty(); input.remove_prefix(std::min(slice, input.size()))) {
    if (!decoder->feed(input.substr(0, slice), output)) {
      return false;
    }
  }
  return decoder->finish().has_value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  Compression coding = (data[0] & 1) != 0 ? Compression::Gzip : Compression::Zstd;
  auto whole = decompress(coding, input, kOutputBytesMax);
  std::string streamed;
  bool good = decode_in_slices(coding, input, 1 + (data[0] >> 1), streamed);
  if (whole) {
    CHECK(whole->size() <= kOutputBytesMax);
    CHECK(good && streamed == *whole);
    CHECK(*decompress(coding, compress(coding, *whole, 1), whole->size()) == *whole);
  } else if (whole.error().kind != ErrorKind::TooLarge) {
    CHECK(!good);
  }
  return 0;
}
