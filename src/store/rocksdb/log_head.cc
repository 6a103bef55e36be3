#include "store/rocksdb/log_head.h"

#include <bit>
#include <vector>

#include "base/coding.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {
namespace {

constexpr std::uint8_t kEndOfFields = 0;

// Fields without values are left out. stopped_at + 1 is stored, so that never is 0.
void append_field(base::Bytes& out, std::uint8_t number, const FieldHead& field) {
  if (field == FieldHead{}) {
    return;
  }
  base::put_u8(out, number);
  base::put_varint(out, field.next_code);
  base::put_varint(out, field.value_bytes);
  base::put_varint(out, field.stopped_at + 1);
}

tlog::Frontier read_tree(base::Decoder& decoder) {
  const std::uint64_t leaves = decoder.varint();
  std::vector<tlog::Hash> edge(static_cast<std::size_t>(std::popcount(leaves)));
  for (tlog::Hash& hash : edge) {
    hash = tlog::hash_from_bytes(decoder.bytes(tlog::kHashBytes)).value_or(tlog::Hash{});
  }
  return tlog::Frontier::restore(leaves, edge).value();  // as many as it says
}

void read_fields(base::Decoder& decoder, LogHead& head) {
  std::uint8_t number = decoder.u8();
  Slot slot = 0;
  while (decoder.ok() && number != kEndOfFields) {
    while (slot < kSlotCount && kIndexedFields[slot].number != number) {
      ++slot;
    }
    if (slot == kSlotCount) {
      decoder.fail();
      return;
    }
    FieldHead& field = head.fields[slot];
    field.next_code = static_cast<Code>(decoder.varint());
    field.value_bytes = decoder.varint();
    field.stopped_at = decoder.varint() - 1;
    number = decoder.u8();
  }
}

}  // namespace

base::Bytes encode_log_head(const LogHead& head) {
  base::Bytes out;
  base::put_be32(out, head.number);
  base::put_varint(out, head.size);
  base::put_signed_varint(out, head.newest_recorded_at.micros);
  base::put_varint(out, head.tree.size());
  for (const tlog::Hash& hash : head.tree.edge()) {
    out.append(tlog::as_bytes(hash));
  }
  base::put_varint(out, head.indexed);
  if (head.indexed > 0) {
    base::put_varint(out, head.posted.buckets);
    base::put_u8(out, static_cast<std::uint8_t>(head.posted.slots));
    for (Slot slot = 0; slot < kSlotCount; ++slot) {
      append_field(out, kIndexedFields[slot].number, head.fields[slot]);
    }
    base::put_u8(out, kEndOfFields);
  }
  return out;
}

base::Result<LogHead> decode_log_head(base::ByteView bytes) {
  base::Decoder decoder(bytes);
  LogHead head;
  head.number = decoder.be32();
  head.size = decoder.varint();
  head.newest_recorded_at.micros = decoder.signed_varint();
  head.tree = read_tree(decoder);
  head.indexed = decoder.varint();
  if (head.indexed > 0) {
    head.posted.buckets = static_cast<std::uint32_t>(decoder.varint());
    head.posted.slots = decoder.u8();
    read_fields(decoder, head);
  }
  if (!decoder.ok() || !decoder.at_end() || head.indexed > head.size ||
      head.tree.size() > head.size || head.posted.buckets > head.indexed >> kBucketBits ||
      head.posted.slots >= kSlotCount) {
    return base::Error{.kind = base::ErrorKind::Corruption,
                       .message = "the head of a log is damaged",
                       .code = "damaged_store"};
  }
  return head;
}

}  // namespace piperoll::store::rocks
