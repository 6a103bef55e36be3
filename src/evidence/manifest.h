#pragma once
// The two texts above the slots: the manifest, which lists their digests, and the leaf, which
// commits to the manifest (docs/formats/evidence.md). Values, pure functions.
//
//   manifest  {"_sd":["<digest>" x
//   12],"_sd_alg":"sha-256","log":"<origin>","recorded_at":"...","v":1} leaf      {"c":"<base64url
//   of SHA-256(manifest)>","t":"<recorded_at>","v":1}         91 bytes
//
// The manifest is also the payload of the SD-JWT form (RFC 9901).

#include <array>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "evidence/slots.h"
#include "tlog/hash.h"

namespace piperoll::evidence {

inline constexpr std::size_t kDigestChars = 43;  // 32 bytes as base64url
inline constexpr std::size_t kLeafBytes = 91;

// The digests of all slots as texts, present, absent and erased ones alike; kept as the manifest
// has them.
class SlotDigests {
 public:
  SlotDigests();  // zeros
  std::string_view at(Slot slot) const { return {place(slot), kDigestChars}; }
  // REQUIRES: digest.size() == kDigestChars
  void set(Slot slot, std::string_view digest);
  // The same from the 32 bytes. REQUIRES: that many
  void set_bytes(Slot slot, base::ByteView digest);
  // `"<digest>","<digest>" ...`
  std::string_view joined() const { return {text_.data(), text_.size()}; }
  bool operator==(const SlotDigests&) const = default;

 private:
  static constexpr std::size_t kStride = kDigestChars + 3;  // with quotes and comma
  const char* place(Slot slot) const { return text_.data() + 1 + index_of(slot) * kStride; }
  char* place(Slot slot) { return text_.data() + 1 + index_of(slot) * kStride; }

  std::array<char, kSlotCount * kStride - 1> text_;
};

struct Manifest {
  SlotDigests digests;
  std::string log;  // origin
  base::Timestamp recorded_at;
  bool operator==(const Manifest&) const = default;
};

void append_manifest(std::string& out, const Manifest& manifest);
// InvalidArgument for anything that append_manifest would not give, in any byte; two equal digests
// too (RFC 9901).
base::Result<Manifest> parse_manifest(std::string_view text);

struct Leaf {
  tlog::Hash commitment{};  // SHA-256 of the manifest's text
  base::Timestamp recorded_at;
  bool operator==(const Leaf&) const = default;
};

Leaf leaf_of(std::string_view manifest, base::Timestamp recorded_at);
void append_leaf(std::string& out, const Leaf& leaf);
// InvalidArgument for anything that append_leaf would not give, in any byte.
base::Result<Leaf> parse_leaf(std::string_view text);

}  // namespace piperoll::evidence
