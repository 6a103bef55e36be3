#include "event/record_parts.h"

#include <optional>

#include "base/check.h"
#include "base/short_bytes.h"
#include "base/uuid.h"
#include "event/event_encoding.h"
#include "event/record.h"

namespace piperoll::event {
namespace {

constexpr std::size_t kUuidBytes = sizeof(base::Uuid::bytes);
static_assert(kSeedBytes == sizeof(RecordSeed));
static_assert(kRandomPartBytesMax == kSeedBytes + kUuidBytes);
static_assert(kBytesOfTextMax == base::Uuid::kTextBytes - kUuidBytes);

// The id of an encoded event, and where its text lies, if that can be made again from 16 bytes.
struct ChosenId {
  std::size_t at = 0;
  base::Uuid id;
};
std::optional<ChosenId> chosen_id_of(base::ByteView encoded_event) {
  const std::optional<std::size_t> at = uuid_text_at(encoded_event);
  if (!at.has_value() || encoded_event.size() - *at < base::Uuid::kTextBytes) {
    return std::nullopt;
  }
  const std::optional<base::Uuid> id =
      base::parse_canonical_uuid(encoded_event.substr(*at, base::Uuid::kTextBytes));
  return id.has_value() ? std::optional(ChosenId{*at, *id}) : std::nullopt;
}

}  // namespace

std::size_t size_of(RandomPart part) {
  switch (part) {
    case RandomPart::Nothing:
      return 0;
    case RandomPart::Seed:
      return kSeedBytes;
    case RandomPart::SeedAndMadeId:
    case RandomPart::SeedAndChosenId:
      break;
  }
  return kRandomPartBytesMax;
}

RandomPart divide_record(base::ByteView bytes, base::Bytes& random, base::Bytes& rest) {
  const std::optional<HeadShape> head = head_shape_of(bytes);
  if (!head.has_value()) {
    rest.append(bytes);
    return RandomPart::Nothing;
  }
  rest.append(bytes.substr(0, kRecordSeedAt));
  random.append(bytes.substr(kRecordSeedAt, head->end - kRecordSeedAt));
  const base::ByteView encoded_event = bytes.substr(head->end);
  if (head->has_made_id) {
    rest.append(encoded_event);
    return RandomPart::SeedAndMadeId;
  }
  const std::optional<ChosenId> chosen = chosen_id_of(encoded_event);
  if (!chosen.has_value()) {
    rest.append(encoded_event);
    return RandomPart::Seed;
  }
  random.append(chosen->id.as_bytes());
  rest.append(encoded_event.substr(0, chosen->at));
  rest.append(encoded_event.substr(chosen->at + base::Uuid::kTextBytes));
  return RandomPart::SeedAndChosenId;
}

bool join_record(base::Bytes& out, RandomPart part, base::ByteView random, base::ByteView rest) {
  CHECK(random.size() == size_of(part));
  if (part == RandomPart::Nothing) {
    out.append(rest);
    return true;
  }
  if (rest.size() < kRecordSeedAt) {
    return false;
  }
  const base::ByteView encoded_event = rest.substr(kRecordSeedAt);
  const bool is_chosen = part == RandomPart::SeedAndChosenId;
  std::size_t id_at = 0;
  if (is_chosen) {
    // Found without the text as it was with it: what tells where it lies is before it.
    const std::optional<std::size_t> found = uuid_text_at(encoded_event);
    if (!found.has_value()) {
      return false;
    }
    id_at = *found;
  }
  const std::size_t begin = out.size();
  out.resize(begin + rest.size() + random.size() + (is_chosen ? kBytesOfTextMax : 0));
  char* at = base::copy_text(out.data() + begin, rest.substr(0, kRecordSeedAt));
  at = base::copy_text(at, random.substr(0, kSeedBytes));
  if (!is_chosen) {
    at = base::copy_text(at, random.substr(kSeedBytes));
    base::copy_text(at, encoded_event);
    return true;
  }
  at = base::copy_text(at, encoded_event.substr(0, id_at));
  base::Uuid::from_bytes(random.substr(kSeedBytes)).write_text(at);
  base::copy_text(at + base::Uuid::kTextBytes, encoded_event.substr(id_at));
  return true;
}

}  // namespace piperoll::event
