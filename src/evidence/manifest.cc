#include "evidence/manifest.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/base64url.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/json.h"
#include "evidence/manifest_text_internal.h"

namespace piperoll::evidence {
namespace {

constexpr std::string_view kDigestsBegin = "{\"_sd\":[";
constexpr std::string_view kDigestsEnd = "],\"_sd_alg\":\"sha-256\",\"log\":";
constexpr std::string_view kTime = ",\"recorded_at\":\"";
constexpr std::string_view kEnd = "\",\"v\":1}";
constexpr std::string_view kLeafCommitment = "{\"c\":\"";
constexpr std::string_view kLeafTime = "\",\"t\":\"";
constexpr std::size_t kTimeChars = 27;
static_assert(kLeafCommitment.size() + kDigestChars + kLeafTime.size() + kTimeChars + kEnd.size() ==
              kLeafBytes);

template <std::size_t Size>
char* write_piece(char* to, const char (&piece)[Size]) {
  std::memcpy(to, piece, Size - 1);
  return to + Size - 1;
}

char* write_text(char* to, std::string_view text) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

// What it writes behind the digest is overwritten by what follows that.
char* write_digest(char* to, const LooseDigest& digest) {
  base::write_base64url_loosely(to, crypto::as_bytes(digest.bytes));
  return to + kDigestChars;
}

base::Error malformed(const char* why) {
  return {.kind = base::ErrorKind::InvalidArgument, .message = why};
}

}  // namespace

SlotDigests::SlotDigests() {
  for (std::size_t i = 0; i < text_.size(); ++i) {
    const std::size_t at = i % kStride;
    text_[i] = at == 0 || at == kDigestChars + 1 ? '"' : at == kDigestChars + 2 ? ',' : 'A';
  }
}

void SlotDigests::set(Slot slot, std::string_view digest) {
  CHECK(digest.size() == kDigestChars);
  std::copy(digest.begin(), digest.end(), place(slot));
}

void SlotDigests::set_bytes(Slot slot, base::ByteView digest) {
  CHECK(digest.size() == crypto::kSha256Bytes);
  base::write_base64url(place(slot), digest);
}

void append_manifest_text(std::string& out, const SlotDigests& digests, std::string_view quoted_log,
                          std::string_view time) {
  out.append(kDigestsBegin).append(digests.joined());
  out.append(kDigestsEnd).append(quoted_log).append(kTime).append(time).append(kEnd);
}

void append_leaf_text(std::string& out, const tlog::Hash& commitment, std::string_view time) {
  out.append(kLeafCommitment);
  base::append_base64url(out, tlog::as_bytes(commitment));
  out.append(kLeafTime).append(time).append(kEnd);
}

std::size_t manifest_text_bytes(std::string_view quoted_log) {
  return kDigestsBegin.size() + SlotDigests().joined().size() + kDigestsEnd.size() +
         quoted_log.size() + kTime.size() + kTimeChars + kEnd.size();
}

char* write_manifest_text(char* to, std::span<const LooseDigest, kSlotCount> digests,
                          std::string_view quoted_log, std::string_view time) {
  to = write_text(to, kDigestsBegin);
  *to++ = '"';
  for (const LooseDigest& digest : digests) {
    to = write_piece(write_digest(to, digest), "\",\"");
  }
  to -= 2;  // the last has neither comma nor another quote
  to = write_text(write_text(to, kDigestsEnd), quoted_log);
  return write_text(write_text(write_text(to, kTime), time), kEnd);
}

char* write_leaf_text(char* to, const LooseDigest& commitment, std::string_view time) {
  to = write_digest(write_text(to, kLeafCommitment), commitment);
  return write_text(write_text(write_text(to, kLeafTime), time), kEnd);
}

void append_manifest(std::string& out, const Manifest& manifest) {
  std::string quoted_log;
  base::append_canonical_string(quoted_log, manifest.log);
  append_manifest_text(out, manifest.digests, quoted_log,
                       base::format_rfc3339(manifest.recorded_at));
}

namespace {

base::Result<SlotDigests> read_digests(const base::JsonValue& value) {
  const std::vector<base::JsonValue> elements =
      value.is(base::JsonKind::Array) ? value.elements() : std::vector<base::JsonValue>();
  if (elements.size() != kSlotCount) {
    return malformed("a manifest must have twelve digests");
  }
  SlotDigests digests;
  std::vector<std::string_view> seen;
  for (const Slot slot : kSlots) {
    const base::JsonValue& element = elements[index_of(slot)];
    const std::string_view digest =
        element.is(base::JsonKind::String) ? element.as_string() : std::string_view();
    if (digest.size() != kDigestChars || !base::base64url_decode(digest)) {
      return malformed("a digest must be base64url of 32 bytes");
    }
    if (std::find(seen.begin(), seen.end(), digest) != seen.end()) {
      return malformed("a manifest must not have the same digest twice");
    }
    seen.push_back(digest);
    digests.set(slot, digest);
  }
  return digests;
}

}  // namespace

base::Result<Manifest> parse_manifest(std::string_view text) {
  base::JsonParser parser;
  ASSIGN_OR_RETURN(const base::JsonValue value, parser.parse(text));
  base::JsonValue digests, log, recorded_at;
  if (!value.is(base::JsonKind::Object) || !value.find("_sd", digests) || !value.find("log", log) ||
      !log.is(base::JsonKind::String) || !value.find("recorded_at", recorded_at) ||
      !recorded_at.is(base::JsonKind::String)) {
    return malformed("not a manifest");
  }
  Manifest manifest;
  ASSIGN_OR_RETURN(manifest.digests, read_digests(digests));
  ASSIGN_OR_RETURN(manifest.recorded_at, base::parse_rfc3339(recorded_at.as_string()));
  manifest.log = std::string(log.as_string());
  // One text for one manifest: what does not come out the same has other members or another form.
  std::string printed;
  append_manifest(printed, manifest);
  if (printed != text) {
    return malformed("not the canonical form of a manifest of version 1");
  }
  return manifest;
}

Leaf leaf_of(std::string_view manifest, base::Timestamp recorded_at) {
  return {.commitment = crypto::sha256(manifest), .recorded_at = recorded_at};
}

void append_leaf(std::string& out, const Leaf& leaf) {
  append_leaf_text(out, leaf.commitment, base::format_rfc3339(leaf.recorded_at));
}

base::Result<Leaf> parse_leaf(std::string_view text) {
  if (text.size() != kLeafBytes) {
    return malformed("a leaf must have 91 bytes");
  }
  const auto commitment = base::base64url_decode(text.substr(kLeafCommitment.size(), kDigestChars));
  const auto hash = commitment ? tlog::hash_from_bytes(*commitment) : std::nullopt;
  const auto time = base::parse_rfc3339(
      text.substr(kLeafCommitment.size() + kDigestChars + kLeafTime.size(), kTimeChars));
  if (!hash || !time) {
    return malformed("not a leaf");
  }
  const Leaf leaf{*hash, *time};
  std::string printed;
  append_leaf(printed, leaf);
  if (printed != text) {
    return malformed("not the canonical form of a leaf of version 1");
  }
  return leaf;
}

}  // namespace piperoll::evidence
