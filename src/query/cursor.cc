#include "query/cursor.h"

#include "base/coding.h"
#include "crypto/constant_time.h"
#include "crypto/hmac.h"
#include "crypto/sha256.h"

namespace piperoll::query {

namespace {

// A token is base64url of
//
//   offset size
//        0    1  version (1) and direction: 0x02 backward, 0x03 forward
//        1    8  seq, big-endian
//        9    8  tree size, big-endian
//       17   16  first half of HMAC-SHA-256 over the name below, the length-prefixed binding and
//                bytes [0, 17)
constexpr std::uint8_t kBackward = 0x02;
constexpr std::uint8_t kForward = 0x03;
constexpr std::size_t kBodyBytes = 17;
constexpr std::size_t kTagBytes = 16;
constexpr std::string_view kPurpose = "piperoll cursor 1";  // the key may serve other purposes

base::Bytes tag_of(const CursorKey& key, std::string_view binding, base::ByteView body) {
  base::Bytes message;
  base::put_string(message, kPurpose);
  base::put_string(message, binding);
  message.append(body);
  base::Bytes tag = crypto::hmac_sha256(key.bytes, message);
  tag.resize(kTagBytes);
  return tag;
}

// One answer for everything that is wrong: the difference is nobody's business.
base::Error refused() {
  return {.kind = base::ErrorKind::InvalidArgument,
          .message = "the cursor is not one of this request",
          .code = "invalid_cursor"};
}

}  // namespace

std::string cursor_binding(std::string_view surface, const event::LogId& log, const Filter& filter,
                           const Sort& sort) {
  base::Bytes parts;
  base::put_string(parts, surface);
  base::put_string(parts, log.org.as_bytes());
  base::put_u8(parts, static_cast<std::uint8_t>(log.kind));
  base::put_string(parts, print(normalize(filter)));
  base::put_string(parts, print(sort));
  return base::Bytes(crypto::as_bytes(crypto::sha256(parts)));
}

std::string seal_cursor(const CursorKey& key, std::string_view binding, const Cursor& cursor) {
  base::Bytes token;
  base::put_u8(token, cursor.forward ? kForward : kBackward);
  base::put_be64(token, cursor.seq);
  base::put_be64(token, cursor.tree_size);
  token.append(tag_of(key, binding, token));
  return base::base64url_encode(token);
}

base::Result<Cursor> open_cursor(const CursorKey& key, std::string_view binding,
                                 std::string_view token) {
  const base::Result<base::Bytes> decoded = base::base64url_decode(token);
  if (!decoded || decoded->size() != kBodyBytes + kTagBytes) {
    return refused();
  }
  const base::ByteView bytes = *decoded;
  const base::ByteView body = bytes.substr(0, kBodyBytes);
  if (!crypto::equal_constant_time(tag_of(key, binding, body), bytes.substr(kBodyBytes))) {
    return refused();
  }
  base::Decoder decoder(body);
  const std::uint8_t head = decoder.u8();
  Cursor cursor;
  cursor.forward = head == kForward;
  cursor.seq = decoder.be64();
  cursor.tree_size = decoder.be64();
  if (head != kForward && head != kBackward) {
    return refused();  // a later version, sealed with the same key
  }
  return cursor;
}

}  // namespace piperoll::query
