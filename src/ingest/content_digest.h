#pragma once
// "Same content" of contract section 3, in 24 bytes: HMAC-SHA-256 (cut to 16) of everything but
// occurred_at, then occurred_at or a mark that it was left out. For events that are not applied
// yet; it is not stored. Pure but for the key.

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/timestamp.h"
#include "crypto/hmac.h"

namespace piperoll::ingest {

std::string content_digest(const crypto::HmacKey& key, base::ByteView encoded_event,
                           std::optional<base::Timestamp> occurred_at);
// Where either side left occurred_at out it is not compared.
bool same_content(std::string_view digest_a, std::string_view digest_b);

}  // namespace piperoll::ingest
