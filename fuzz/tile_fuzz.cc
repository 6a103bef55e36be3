// Any bytes as the path of a tile, as a tile, a bundle and a tlog-proof. What is read prints as the
// same bytes, and a place in a tile is one in which its node lies.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/check.h"
#include "base/coding.h"
#include "tlog/proof_file.h"
#include "tlog/tile.h"

namespace {

using namespace piperoll::tlog;

void check_place(std::string_view bytes) {
  piperoll::base::Decoder decoder(bytes);
  const NodeId node{decoder.u8(), decoder.be64()};
  const std::uint64_t tree_size = decoder.be64();
  if (!decoder.ok() || !is_complete(node, tree_size)) {
    return;
  }
  const TilePlace place = place_of(node);
  CHECK(place.first + place.count <= tile_width(place.level, place.index, tree_size));
  CHECK(place.first % place.count == 0);
}

void check_bytes(std::string_view bytes) {
  if (const auto hashes = decode_tile(bytes)) {
    CHECK(encode_tile(*hashes) == bytes);
  }
  if (bytes.empty()) {
    return;
  }
  const auto width = static_cast<unsigned char>(bytes.front());
  if (const auto leaves = decode_bundle(bytes.substr(1), width)) {
    CHECK(leaves->size() == width);
    std::string printed;
    for (const std::string_view leaf : *leaves) {
      append_entry(printed, leaf);
    }
    CHECK(printed == bytes.substr(1));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto resource = parse_tile_path(text)) {
    CHECK(std::visit([](const auto& tile) { return path_of(tile); }, *resource) == text);
  }
  if (const auto proof = parse_proof_file(text)) {
    const auto again = parse_proof_file(print_proof_file(*proof));
    CHECK(again && *again == *proof);
  }
  check_bytes(text);
  check_place(text);
  return 0;
}
