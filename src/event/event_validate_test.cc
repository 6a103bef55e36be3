#include "event/event_validate.h"

#include <functional>

#include <gtest/gtest.h>

#include "event/event_json.h"
#include "event/event_limits.h"

namespace piperoll::event {
namespace {

using Change = std::function<void(Event&)>;

Event changed(const Change& change) {
  Event event = make_event("user.login");
  change(event);
  return event;
}

std::vector<std::string> pointers_of(const std::vector<base::Fault>& faults) {
  std::vector<std::string> pointers;
  for (const base::Fault& fault : faults) {
    pointers.push_back(fault.pointer);
  }
  return pointers;
}

std::string repeated(std::size_t count, std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    out += text;
  }
  return out;
}

void expect_only_fault(const Event& event, const std::string& pointer, const std::string& part) {
  auto faults = faults_of(event);
  ASSERT_EQ(pointers_of(faults), std::vector<std::string>{pointer});
  EXPECT_NE(faults[0].detail.find(part), std::string::npos) << faults[0].detail;
}

struct TextLimit {
  std::string pointer;
  std::size_t length_max;
  std::function<void(Event&, std::string)> set;
};

std::vector<TextLimit> text_limits() {
  return {
      {"/action", 128, [](Event& e, std::string t) { e.action = t; }},
      {"/source", 128, [](Event& e, std::string t) { e.source = t; }},
      {"/category", 64, [](Event& e, std::string t) { e.category = t; }},
      {"/summary", 1024, [](Event& e, std::string t) { e.summary = t; }},
      {"/error", 8192, [](Event& e, std::string t) { e.error = t; }},
      {"/version", 32, [](Event& e, std::string t) { e.version = t; }},
      {"/actor/id", 256, [](Event& e, std::string t) { e.actor.id = t; }},
      {"/actor/type", 64, [](Event& e, std::string t) { e.actor.type = t; }},
      {"/actor/name", 256, [](Event& e, std::string t) { e.actor.name = t; }},
      {"/actor/email", 320, [](Event& e, std::string t) { e.actor.email = t; }},
      {"/target/id", 256, [](Event& e, std::string t) { e.target.id = t; }},
      {"/target/type", 64, [](Event& e, std::string t) { e.target.type = t; }},
      {"/target/name", 256, [](Event& e, std::string t) { e.target.name = t; }},
      {"/request/id", 128, [](Event& e, std::string t) { e.request.id = t; }},
      {"/request/method", 16, [](Event& e, std::string t) { e.request.method = t; }},
      {"/request/path", 2048, [](Event& e, std::string t) { e.request.path = t; }},
      {"/request/user_agent", 1024, [](Event& e, std::string t) { e.request.user_agent = t; }},
  };
}

TEST(Validate, AcceptsEveryTextAtItsLimitAndNoneBeyond) {
  // One, two, three and four bytes: the limit counts code points.
  for (std::string_view character : {"x", "\xc3\xa9", "\xe6\x9d\xb1", "\xf0\x9f\x98\x80"}) {
    for (const TextLimit& limit : text_limits()) {
      Event event = make_event("a");
      limit.set(event, repeated(limit.length_max, character));
      EXPECT_TRUE(faults_of(event).empty()) << limit.pointer << " " << character;

      limit.set(event, repeated(limit.length_max + 1, character));
      SCOPED_TRACE(limit.pointer);
      expect_only_fault(event, limit.pointer,
                        "at most " + std::to_string(limit.length_max) + " characters, is " +
                            std::to_string(limit.length_max + 1));
    }
  }
}

TEST(Validate, AcceptsEmptyTextsButNoEmptyAction) {
  for (const TextLimit& limit : text_limits()) {
    Event event = make_event("a");
    limit.set(event, "");
    if (limit.pointer == "/action") {
      expect_only_fault(event, "/action", "required");
    } else {
      EXPECT_TRUE(faults_of(event).empty()) << limit.pointer;
    }
  }
}

TEST(Validate, RefusesTextThatIsNoText) {
  for (const TextLimit& limit : text_limits()) {
    SCOPED_TRACE(limit.pointer);
    Event event = make_event("a");
    for (std::string_view bad :
         {"\xff", "aaaaaaaa\xc3", "\xed\xa0\x80", "\xc0\x80", "\xf4\x90\x80\x80"}) {
      limit.set(event, std::string(bad));
      expect_only_fault(event, limit.pointer, "valid UTF-8");
    }
    for (std::string bad : {std::string(1, '\0'), std::string("aaaaaaa\0aaaaaaaa", 16),
                            std::string("\xc3\xa9\0", 3)}) {
      if (bad.size() > limit.length_max) {
        continue;
      }
      limit.set(event, bad);
      expect_only_fault(event, limit.pointer, "NUL");
    }
  }
}

TEST(Validate, RefusesAnActionOfWhiteSpace) {
  for (std::string_view blank : {" ", "\t\n", "\xc2\xa0", "\xe3\x80\x80 "}) {
    expect_only_fault(make_event(std::string(blank)), "/action", "white space");
  }
  EXPECT_TRUE(faults_of(make_event(" a ")).empty());
}

TEST(Validate, AcceptsTheCharactersOfAnIdAndNoOther) {
  const std::string allowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:/@+=";
  for (int c = 0; c < 256; ++c) {
    std::string id = "a" + std::string(1, static_cast<char>(c));
    bool is_allowed = allowed.find(static_cast<char>(c)) != std::string::npos;
    EXPECT_EQ(is_valid_event_id(id), is_allowed) << c;
    auto faults = faults_of(changed([&](Event& e) { e.id = id; }));
    EXPECT_EQ(faults.empty(), is_allowed) << c;
  }
  EXPECT_FALSE(is_valid_event_id(""));
  EXPECT_TRUE(is_valid_event_id(std::string(128, 'x')));
  EXPECT_FALSE(is_valid_event_id(std::string(129, 'x')));
  expect_only_fault(changed([](Event& e) { e.id = std::string(129, 'x'); }), "/id",
                    "1 to 128 characters of A-Z a-z 0-9 - _ . : / @ + =");
}

TEST(Validate, AcceptsTheTimesOfTheYears1970To9999) {
  for (std::int64_t micros : {base::kTimestampMin.micros, base::kTimestampMax.micros}) {
    EXPECT_TRUE(faults_of(changed([&](Event& e) { e.occurred_at = Timestamp{micros}; })).empty());
  }
  for (std::int64_t micros : {base::kTimestampMin.micros - 1, base::kTimestampMax.micros + 1}) {
    expect_only_fault(changed([&](Event& e) { e.occurred_at = Timestamp{micros}; }), "/occurred_at",
                      "1970 to 9999");
  }
}

TEST(Validate, WantsUuids) {
  const std::pair<std::string, std::function<void(Event&, std::string)>> members[] = {
      {"/commit_id", [](Event& e, std::string t) { e.commit_id = t; }},
      {"/cluster_id", [](Event& e, std::string t) { e.cluster_id = t; }},
      {"/application/id", [](Event& e, std::string t) { e.application.id = t; }},
  };
  for (const auto& [pointer, set] : members) {
    SCOPED_TRACE(pointer);
    Event event = make_event("a");
    for (std::string_view good :
         {"5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f", "00000000-0000-0000-0000-000000000000",
          "5B8A1F0E-2D4C-4C59-9E5E-0A1B2C3D4E5F"}) {
      set(event, std::string(good));
      EXPECT_TRUE(faults_of(event).empty()) << good;
    }
    for (std::string_view bad :
         {"", "x", "5b8a1f0e2d4c4c599e5e0a1b2c3d4e5f", "5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5",
          "5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f0", "{5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5}",
          "5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5g", "5b8a1f0e_2d4c_4c59_9e5e_0a1b2c3d4e5f"}) {
      set(event, std::string(bad));
      expect_only_fault(event, pointer, "UUID");
    }
  }
}

TEST(Validate, WantsApplicationKeysOfThePattern) {
  for (std::string_view good : {"a", "z9_", "shop"}) {
    EXPECT_TRUE(is_valid_application_key(good)) << good;
  }
  EXPECT_TRUE(is_valid_application_key(std::string(64, 'a')));
  EXPECT_FALSE(is_valid_application_key(std::string(65, 'a')));
  for (std::string_view bad : {"", "A", "9a", "_a", "a-b", "a b", "a\xc3\xa9", "aB"}) {
    EXPECT_FALSE(is_valid_application_key(bad)) << bad;
    expect_only_fault(changed([&](Event& e) { e.application.key = std::string(bad); }),
                      "/application/key", "^[a-z][a-z0-9_]{0,63}$");
  }
}

TEST(Validate, WantsIpAddresses) {
  for (std::string_view good : {"192.0.2.7", "::", "2001:DB8::1", "::ffff:1.2.3.4"}) {
    EXPECT_TRUE(faults_of(changed([&](Event& e) { e.request.ip = std::string(good); })).empty())
        << good;
  }
  for (std::string_view bad : {"", "1.2.3", "256.1.1.1", "01.2.3.4", "fe80::1%eth0", "[::1]",
                               "localhost", "1.2.3.4:80", "1.2.3.4, 5.6.7.8"}) {
    expect_only_fault(changed([&](Event& e) { e.request.ip = std::string(bad); }), "/request/ip",
                      "IPv4 or IPv6");
  }
}

TEST(Validate, WantsStatusCodesFrom100To599) {
  for (std::uint16_t code : std::initializer_list<std::uint16_t>{100, 599}) {
    EXPECT_TRUE(faults_of(changed([&](Event& e) { e.request.status_code = code; })).empty());
  }
  for (std::uint16_t code : std::initializer_list<std::uint16_t>{0, 99, 600, 65535}) {
    expect_only_fault(changed([&](Event& e) { e.request.status_code = code; }),
                      "/request/status_code", "100 to 599");
  }
}

std::string nested(std::size_t levels) {
  return repeated(levels, R"({"a":)") + "1" + std::string(levels, '}');
}

TEST(Validate, CountsLevelsFromTheEvent) {
  const std::pair<std::string, std::string Event::*> objects[] = {
      {"/context", &Event::context}, {"/params", &Event::params}, {"/metadata", &Event::metadata}};
  for (const auto& [pointer, member] : objects) {
    Event event = make_event("a");
    event.*member = nested(15);
    EXPECT_TRUE(faults_of(event).empty()) << pointer;
    event.*member = nested(16);
    expect_only_fault(event, pointer, "at most 15 levels deep, is 16");
    event.*member = R"({"s":")" + std::string(40, '[') + R"("})";
    EXPECT_TRUE(faults_of(event).empty()) << "brackets in strings are no levels";
  }
}

TEST(Validate, WantsObjectsThatAreObjects) {
  for (std::string_view bad : {"{}", "[1]", "1", "{", "}", "{\"a\":1", "\"{}\""}) {
    expect_only_fault(changed([&](Event& e) { e.params = std::string(bad); }), "/params", "object");
  }
}

TEST(Validate, CountsTheBytesOfCanonicalJson) {
  Event event = make_event("a");
  event.metadata = R"({"a":""})";
  std::size_t rest = canonical_json(view_of(event)).size();
  event.metadata = R"({"a":")" + std::string(kCanonicalBytesMax - rest, 'x') + R"("})";
  ASSERT_EQ(canonical_json(view_of(event)).size(), kCanonicalBytesMax);
  EXPECT_TRUE(faults_of(event).empty());

  event.metadata.insert(6, "x");
  expect_only_fault(event, "", "at most 49152 bytes of canonical JSON, is 49153");
}

TEST(Validate, CountsEscapesInTheBytes) {
  // 8192 control characters are 8 KiB here and 48 KiB as \u0001.
  Event event = make_event("a");
  event.error = std::string(8192, '\x01');
  expect_only_fault(event, "", "49152 bytes");
  event.error = std::string(8192, '"');
  EXPECT_TRUE(faults_of(event).empty());
}

TEST(Validate, TellsEveryFaultInTheOrderOfTheContract) {
  Event event;
  std::string bad(70'000, 'x');
  event.metadata = event.params = event.context = nested(16);
  event.request = {bad, bad, bad, bad, std::uint16_t{1}, bad};
  event.cluster_id = event.commit_id = bad;
  event.application = {bad, bad};
  event.target = {bad, bad, bad};
  event.actor = {bad, bad, bad, bad};
  event.version = event.category = bad;
  event.error = event.summary = event.source = bad;
  event.occurred_at = Timestamp{-1};
  event.id = "?";

  EXPECT_EQ(pointers_of(faults_of(event)), (std::vector<std::string>{"/id",
                                                                     "/occurred_at",
                                                                     "/action",
                                                                     "/source",
                                                                     "/category",
                                                                     "/summary",
                                                                     "/error",
                                                                     "/commit_id",
                                                                     "/version",
                                                                     "/actor/id",
                                                                     "/actor/type",
                                                                     "/actor/name",
                                                                     "/actor/email",
                                                                     "/target/id",
                                                                     "/target/type",
                                                                     "/target/name",
                                                                     "/application/id",
                                                                     "/application/key",
                                                                     "/cluster_id",
                                                                     "/request/id",
                                                                     "/request/ip",
                                                                     "/request/method",
                                                                     "/request/path",
                                                                     "/request/status_code",
                                                                     "/request/user_agent",
                                                                     "/context",
                                                                     "/params",
                                                                     "/metadata",
                                                                     ""}));
}

TEST(Validate, PutsThePointerBaseBeforeEveryPointer) {
  Event event = changed([](Event& e) {
    e.id = "?";
    e.metadata = R"({"a":")" + std::string(kCanonicalBytesMax, 'x') + R"("})";
  });
  EXPECT_EQ(pointers_of(faults_of(event, "/events/7")),
            (std::vector<std::string>{"/events/7/id", "/events/7"}));
}

TEST(Validate, SaysTheFirstFaultAndTheNumberOfOthers) {
  Event event = changed([](Event& e) {
    e.id = "?";
    e.action = "";
  });

  auto result = validate(event);

  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().kind, base::ErrorKind::InvalidArgument);
  EXPECT_EQ(result.error().code, "invalid_event");
  EXPECT_EQ(result.error().message,
            "the event is not valid: /id must be 1 to 128 characters of A-Z a-z 0-9 - _ . : / @ "
            "+ = (and 1 more)");
  EXPECT_EQ(result.error().faults.size(), 2U);
}

TEST(Canonicalise, BringsAddressesAndUuidsToOneForm) {
  Event event = changed([](Event& e) {
    e.request.ip = "2001:DB8:0:0:0:0:0:1";
    e.commit_id = e.cluster_id = e.application.id = "5B8A1F0E-2D4C-4c59-9E5E-0A1B2C3D4E5F";
  });

  ASSERT_TRUE(validate(event).has_value());

  EXPECT_EQ(event.request.ip, "2001:db8::1");
  for (const auto& id : {event.commit_id, event.cluster_id, event.application.id}) {
    EXPECT_EQ(id, "5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f");
  }
}

TEST(Canonicalise, LeavesWhatIsNotValid) {
  Event event = changed([](Event& e) {
    e.request.ip = "Nowhere";
    e.commit_id = "ABC";
  });
  Event before = event;
  canonicalise(event);
  EXPECT_EQ(event, before);
}

}  // namespace
}  // namespace piperoll::event
