#include "event/event_encoding.h"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/json.h"
#include "event/event_json.h"
#include "event/testing/event_arbitrary.h"

namespace piperoll::event {
namespace {

std::string testdata(const std::string& name) {
  std::ifstream file(PIPEROLL_SOURCE_DIR "/src/event/testdata/" + name, std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

base::Bytes bytes_of(std::string_view hex) {
  std::string digits;
  for (char c : hex) {
    if (c != ' ' && c != '\n') {
      digits.push_back(c);
    }
  }
  return base::hex_decode(digits).value();
}

Event event_of(std::string_view json) {
  base::JsonParser parser;
  return read_event(parser.parse(json).value()).value();
}

// Head of an event with the defaults and the given presence bits.
base::Bytes head(std::uint32_t bits, std::uint32_t severity = 3, std::uint32_t status = 1) {
  std::uint32_t flags = bits | severity << 26 | status << 29;
  base::Bytes out = "\x01";
  for (unsigned i = 0; i < 4; ++i) {
    out.push_back(static_cast<char>(flags >> (8 * i)));
  }
  return out;
}

const base::Bytes kNoTime = "\xff";

// Encodings are permanent: the files are never made anew for version 1.
TEST(EventEncoding, MatchesTheGoldenFiles) {
  for (const char* name : {"event-v1-minimal", "event-v1-full"}) {
    Event event = event_of(testdata(std::string(name) + ".json"));
    base::Bytes golden = bytes_of(testdata(std::string(name) + ".hex"));

    EXPECT_EQ(base::hex_encode(encode_event(view_of(event))), base::hex_encode(golden)) << name;
    auto decoded = decode_event(golden);
    ASSERT_TRUE(decoded.has_value()) << name;
    EXPECT_EQ(canonical_json(*decoded), canonical_json(view_of(event))) << name;
  }
}

TEST(EventEncoding, SpendsNothingOnDefaults) {
  EXPECT_EQ(base::hex_encode(encode_event(view_of(make_event("a")))), "010000002c0161ff");
}

TEST(EventEncoding, AppendsBehindWhatIsThere) {
  base::Bytes out = "before";
  append_encoded_event(out, view_of(make_event("a")));
  EXPECT_EQ(out, "before" + encode_event(view_of(make_event("a"))));
}

TEST(EventEncoding, TellsEmptyFromAbsent) {
  Event event = make_event("a");
  event.source = "";
  event.category = "";
  event.actor.email = "";
  base::Bytes bytes = encode_event(view_of(event));

  EventView decoded = decode_event(bytes).value();

  EXPECT_EQ(decoded.source, "");
  EXPECT_EQ(decoded.category, "");
  EXPECT_EQ(decoded.actor.email, "");
  EXPECT_EQ(decoded.actor.name, std::nullopt);
}

TEST(EventEncoding, CarriesTextsOfEveryLengthOfLength) {
  for (std::size_t length : {0U, 1U, 127U, 128U, 16'383U, 16'384U, 45'000U, 2'097'152U}) {
    Event event = make_event("a");
    event.summary = std::string(length, 's');
    base::Bytes bytes = encode_event(view_of(event));
    auto decoded = decode_event(bytes);
    ASSERT_TRUE(decoded.has_value()) << length;
    EXPECT_EQ(own(*decoded), event) << length;
  }
}

TEST(EventEncoding, CarriesTheFirstAndTheLastTime) {
  for (Timestamp time : {base::kTimestampMin, base::kTimestampMax, Timestamp{0xff}}) {
    Event event = make_event("a");
    event.occurred_at = time;
    base::Bytes bytes = encode_event(view_of(event));
    EXPECT_EQ(decode_event(bytes)->occurred_at, time);
    EXPECT_EQ(fingerprint_part(bytes).size() + 8, bytes.size());
  }
}

TEST(DecodeEvent, PointsIntoTheBytes) {
  base::Bytes bytes = encode_event(view_of(make_event("user.login")));
  EventView event = decode_event(bytes).value();
  EXPECT_EQ(event.action.data(), bytes.data() + 6);
}

TEST(DecodeEvent, RefusesWhatWasNeverEncoded) {
  constexpr std::uint32_t kId = 1, kSource = 2, kCategory = 4, kVersion = 1 << 6,
                          kStatusCode = 1 << 21, kMetadata = 1 << 25;
  const base::Bytes action =
      "\x01"
      "a";
  const base::Bytes time = bytes_of("0000000000000000");
  const std::pair<const char*, base::Bytes> cases[] = {
      {"empty", ""},
      {"version alone", "\x01"},
      {"version 0", base::Bytes(1, '\0') + head(0).substr(1) + action + kNoTime},
      {"no tail", head(0)},
      {"no action", head(0) + kNoTime},
      {"no time", head(0) + action},
      {"severity 5", head(0, 5) + action + kNoTime},
      {"severity 7", head(0, 7) + action + kNoTime},
      {"status 3", head(0, 3, 3) + action + kNoTime},
      {"last bit", head(1U << 31) + action + kNoTime},
      {"action beyond the end", head(0) +
                                    "\x02"
                                    "a" +
                                    kNoTime},
      {"action into the time", head(0) +
                                   "\x05"
                                   "a" +
                                   time},
      {"text missing", head(kSource) + action + kNoTime},
      {"text beyond the end", head(kSource) + action + "\x01" + kNoTime},
      {"trailing byte", head(0) + action + "x" + kNoTime},
      {"trailing time", head(0) + action + time + time},
      {"long form of a length", head(0) + bytes_of("8100") + "a" + kNoTime},
      {"longer form of a length", head(0) + bytes_of("818000") + "a" + kNoTime},
      {"length without end", head(0) + bytes_of("8080808080808080") + kNoTime},
      {"length of 2^35", head(0) + bytes_of("808080808001") + "a" + kNoTime},
      {"huge length", head(0) + bytes_of("ffffffff7f") + "a" + kNoTime},
      {"empty id", head(kId) + action + bytes_of("00") + kNoTime},
      {"default category", head(kCategory) + action + "\x07general" + kNoTime},
      {"default version", head(kVersion) + action +
                              "\x01"
                              "1" +
                              kNoTime},
      {"half a status code", head(kStatusCode) + action + "\x64" + kNoTime},
      {"status code 99", head(kStatusCode) + action + bytes_of("6300") + kNoTime},
      {"status code 600", head(kStatusCode) + action + bytes_of("5802") + kNoTime},
      {"empty object text", head(kMetadata) + action + bytes_of("00") + kNoTime},
      {"empty object", head(kMetadata) + action + "\x02{}" + kNoTime},
      {"array", head(kMetadata) + action + "\x03[1]" + kNoTime},
      {"half an object", head(kMetadata) + action + "\x03{12" + kNoTime},
      {"time after year 9999", head(0) + action + bytes_of("006073cc0c448403")},
      {"negative time", head(0) + action + bytes_of("ffffffffffffff80")},
  };
  for (const auto& [name, bytes] : cases) {
    auto decoded = decode_event(bytes);
    ASSERT_FALSE(decoded.has_value()) << name;
    EXPECT_EQ(decoded.error().kind, base::ErrorKind::Corruption) << name;
    EXPECT_EQ(decoded.error().code, "damaged_event") << name;
  }
}

TEST(DecodeEvent, SaysThatAFormatIsNewer) {
  base::Bytes bytes = encode_event(view_of(make_event("a")));
  for (int version : {2, 3, 0x7f, 0xff}) {
    bytes[0] = static_cast<char>(version);
    auto decoded = decode_event(bytes);
    ASSERT_FALSE(decoded.has_value());
    EXPECT_EQ(decoded.error().kind, base::ErrorKind::Corruption);
    EXPECT_EQ(decoded.error().code, "newer_format");
  }
  EXPECT_EQ(decode_event("\x02").error().code, "newer_format");
}

// A copy on the heap without a byte to spare, so that a sanitizer sees reads beyond it.
bool decodes_and_encodes_back(std::string_view bytes) {
  std::vector<char> block(bytes.begin(), bytes.end());
  auto decoded = decode_event({block.data(), block.size()});
  return !decoded.has_value() || encode_event(*decoded) == bytes;
}

RC_GTEST_PROP(DecodeEvent, RefusesEveryPrefix, ()) {
  base::Bytes bytes = encode_event(view_of(*arbitrary_event()));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    std::string_view prefix = std::string_view(bytes).substr(0, size);
    RC_ASSERT(decodes_and_encodes_back(prefix));
  }
}

// One event, one encoding: what is accepted after a change encodes to just these bytes.
RC_GTEST_PROP(DecodeEvent, AcceptsOnlyWhatEncodes, ()) {
  base::Bytes bytes = encode_event(view_of(*arbitrary_event()));
  for (int i = 0; i < 50; ++i) {
    base::Bytes changed = bytes;
    for (int n = *rc::gen::inRange(1, 4); n > 0; --n) {
      auto at = *rc::gen::inRange<std::size_t>(0, changed.size());
      switch (*rc::gen::inRange(0, 3)) {
        case 0:
          changed[at] = *rc::gen::arbitrary<char>();
          break;
        case 1:
          changed[at] = static_cast<char>(changed[at] ^ 1 << *rc::gen::inRange(0, 8));
          break;
        default:
          changed.insert(at, 1, *rc::gen::arbitrary<char>());
          break;
      }
    }
    RC_ASSERT(decodes_and_encodes_back(changed));
  }
}

RC_GTEST_PROP(DecodeEvent, SurvivesAnyBytes, (const std::string& bytes)) {
  RC_ASSERT(decodes_and_encodes_back(bytes));
  RC_ASSERT(decodes_and_encodes_back("\x01" + bytes));
  RC_ASSERT(decodes_and_encodes_back(head(0) + bytes));
}

TEST(FingerprintPart, StaysInsideAnyBytes) {
  EXPECT_EQ(fingerprint_part(""), "");
  EXPECT_EQ(fingerprint_part("abc"), "abc");
  EXPECT_EQ(fingerprint_part("\xff"), "");
}

}  // namespace
}  // namespace piperoll::event
