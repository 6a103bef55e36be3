// Round trips over arbitrary events.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "event/event_encoding.h"
#include "event/event_json.h"
#include "event/event_validate.h"
#include "event/testing/event_arbitrary.h"

namespace piperoll::event {
namespace {

RC_GTEST_PROP(ArbitraryEvent, IsValidAndCanonical, ()) {
  Event event = *arbitrary_event();
  Event before = event;
  RC_ASSERT(faults_of(event).empty());
  RC_ASSERT(validate(event).has_value());
  RC_ASSERT(event == before);
}

RC_GTEST_PROP(View, OwnedAgainIsTheSameEvent, ()) {
  Event event = *arbitrary_event();
  RC_ASSERT(own(view_of(event)) == event);
}

RC_GTEST_PROP(CanonicalJson, ReadsBackAsTheSameEvent, ()) {
  Event event = *arbitrary_event();
  std::string json = canonical_json(view_of(event));
  base::JsonParser parser;
  auto value = parser.parse(json);
  RC_ASSERT(value.has_value());
  auto read = read_event(*value);
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == event);
}

RC_GTEST_PROP(CanonicalJson, IsWhatTheGeneralWriterMakes, ()) {
  Event event = *arbitrary_event();
  std::string json = canonical_json(view_of(event));
  base::JsonParser parser;
  std::string again;
  base::append_canonical(again, parser.parse(json).value());
  RC_ASSERT(again == json);
}

RC_GTEST_PROP(EventEncoding, DecodesToTheSameEvent, ()) {
  Event event = *arbitrary_event();
  base::Bytes bytes = encode_event(view_of(event));
  auto decoded = decode_event(bytes);
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(own(*decoded) == event);
}

RC_GTEST_PROP(EventEncoding, FingerprintIgnoresOccurredAtAlone, ()) {
  Event event = *arbitrary_event();
  Event other = *arbitrary_event();
  base::Bytes bytes = encode_event(view_of(event));
  base::Bytes fingerprint(fingerprint_part(bytes));
  RC_ASSERT(bytes.starts_with(fingerprint));
  Event moved = event;
  moved.occurred_at = other.occurred_at;
  base::Bytes moved_bytes = encode_event(view_of(moved));
  RC_ASSERT(fingerprint_part(moved_bytes) == fingerprint);
  other.occurred_at = event.occurred_at;
  base::Bytes other_bytes = encode_event(view_of(other));
  RC_ASSERT((fingerprint_part(other_bytes) == fingerprint) == (other == event));
}

}  // namespace
}  // namespace piperoll::event
