#include "store/rocksdb/log_head.h"

#include "base/coding.h"

namespace piperoll::store::rocks {

base::Bytes encode_log_head(const LogHead& head) {
  base::Bytes out;
  base::put_be32(out, head.number);
  base::put_varint(out, head.size);
  base::put_signed_varint(out, head.newest_recorded_at.micros);
  return out;
}

base::Result<LogHead> decode_log_head(base::ByteView bytes) {
  base::Decoder decoder(bytes);
  LogHead head;
  head.number = decoder.be32();
  head.size = decoder.varint();
  head.newest_recorded_at.micros = decoder.signed_varint();
  if (!decoder.ok() || !decoder.at_end()) {
    return base::Error{.kind = base::ErrorKind::Corruption,
                       .message = "the head of a log is damaged",
                       .code = "damaged_store"};
  }
  return head;
}

}  // namespace piperoll::store::rocks
