#include "event/fields.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "event/event_json.h"
#include "event/testing/event_arbitrary.h"

namespace piperoll::event {
namespace {

using Strings = std::vector<std::string>;

Event full_event() {
  base::JsonParser parser;
  return read_event(parser
                        .parse(R"({
    "id":"e-1","occurred_at":"2026-01-02T03:04:05.6Z","action":"user.update","source":"billing",
    "category":"iam","summary":"A summary","severity":"critical","status":"intent","error":"late",
    "commit_id":"5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f","version":"2",
    "actor":{"id":"u-1","type":"user","name":"Zo\u00eb","email":"zoe@example.com"},
    "target":{"id":"42","type":"account","name":"Ada"},
    "application":{"id":"00000000-0000-0000-0000-0000000000aa","key":"shop"},
    "cluster_id":"00000000-0000-0000-0000-0000000000bb",
    "request":{"id":"r-9","ip":"192.0.2.7","method":"PATCH","path":"/x","status_code":200,
               "user_agent":"curl/8"},
    "context":{"k":"v"},
    "params":{"a":{"b":1},"a.b":2,"list":["x",{"y":"z\n"}],"s":"q\"","t":true,"n":null,"f":1.50},
    "metadata":{"plan":"pro"}})")
                        .value())
      .value();
}

RecordView record_of(const Event& event) {
  RecordView record;
  record.event = view_of(event);
  record.head.seq = 12;
  record.head.recorded_at = base::parse_rfc3339("2026-01-02T03:04:06Z").value();
  return record;
}

std::optional<std::string> text(const RecordView& record, std::string_view name) {
  FieldScratch scratch;
  auto found = text_of(record, parse_field_ref(name).value(), scratch);
  return found ? std::optional(std::string(*found)) : std::nullopt;
}

TEST(Fields, HaveOneNameEach) {
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    auto field = static_cast<Field>(i);
    EXPECT_EQ(field_named(name_of(field)), field);
  }
  for (std::string_view name :
       {"", "actor", "actor.", "Actor.id", "target.email", "seed", "request"}) {
    EXPECT_EQ(field_named(name), std::nullopt) << name;
  }
}

TEST(Fields, HaveTypes) {
  EXPECT_EQ(type_of(Field::Seq), FieldType::Integer);
  EXPECT_EQ(type_of(Field::RequestStatusCode), FieldType::Integer);
  EXPECT_EQ(type_of(Field::OccurredAt), FieldType::Time);
  EXPECT_EQ(type_of(Field::RecordedAt), FieldType::Time);
  EXPECT_EQ(type_of(Field::Severity), FieldType::Text);
  EXPECT_EQ(type_of(Field::Params), FieldType::Object);
}

TEST(FieldRef, IsReadAndPrinted) {
  for (std::string_view name : {"id", "seq", "actor.id", "request.status_code", "metadata.plan",
                                "params.a.b.c", "context.\xc3\xa9", "params..", "params.a."}) {
    auto ref = parse_field_ref(name);
    ASSERT_TRUE(ref.has_value()) << name;
    EXPECT_EQ(ref->print(), name);
  }
  EXPECT_EQ(parse_field_ref("metadata.a.b"), (FieldRef{Field::Metadata, "a.b"}));
  for (std::string_view name : {"", "metadata", "params.", "context", "contexts.a", "metadatax",
                                "actor", "actor.x", "id.x", "request", "a"}) {
    EXPECT_EQ(parse_field_ref(name), std::nullopt) << name;
  }
}

TEST(TextOf, ShowsEveryField) {
  Event event = full_event();
  RecordView record = record_of(event);
  const std::pair<std::string_view, std::string_view> expected[] = {
      {"id", "e-1"},
      {"seq", "12"},
      {"occurred_at", "2026-01-02T03:04:05.600000Z"},
      {"recorded_at", "2026-01-02T03:04:06.000000Z"},
      {"action", "user.update"},
      {"source", "billing"},
      {"category", "iam"},
      {"summary", "A summary"},
      {"severity", "critical"},
      {"status", "intent"},
      {"error", "late"},
      {"commit_id", "5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f"},
      {"version", "2"},
      {"actor.id", "u-1"},
      {"actor.type", "user"},
      {"actor.name", "Zo\xc3\xab"},
      {"actor.email", "zoe@example.com"},
      {"target.id", "42"},
      {"target.type", "account"},
      {"target.name", "Ada"},
      {"application.id", "00000000-0000-0000-0000-0000000000aa"},
      {"application.key", "shop"},
      {"cluster_id", "00000000-0000-0000-0000-0000000000bb"},
      {"request.id", "r-9"},
      {"request.ip", "192.0.2.7"},
      {"request.method", "PATCH"},
      {"request.path", "/x"},
      {"request.status_code", "200"},
      {"request.user_agent", "curl/8"},
  };
  EXPECT_EQ(std::size(expected) + 3, kFieldCount);
  for (const auto& [name, value] : expected) {
    EXPECT_EQ(text(record, name), value) << name;
  }
  FieldScratch scratch;
  EXPECT_EQ(text_of(record, Field::Context, scratch), R"({"k":"v"})");
  EXPECT_EQ(text_of(record, FieldRef{Field::Metadata, ""}, scratch), R"({"plan":"pro"})");
}

TEST(TextOf, IsNothingForAbsentMembers) {
  Event event = make_event("a");
  RecordView record = record_of(event);
  FieldScratch scratch;
  const Strings present = {"seq",      "occurred_at", "recorded_at", "action",
                           "category", "severity",    "status",      "version"};
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    auto field = static_cast<Field>(i);
    bool is_present = std::count(present.begin(), present.end(), name_of(field)) > 0;
    EXPECT_EQ(text_of(record, field, scratch).has_value(), is_present) << name_of(field);
  }
  EXPECT_EQ(text(record, "metadata.plan"), std::nullopt);
  EXPECT_EQ(text(record, "occurred_at"), text(record, "recorded_at"));
}

TEST(TextOf, TellsAnEmptyTextFromNone) {
  Event event = make_event("a");
  event.source = "";
  event.category = "";
  RecordView record = record_of(event);
  EXPECT_EQ(text(record, "source"), "");
  EXPECT_EQ(text(record, "category"), "");
  EXPECT_EQ(text(record, "summary"), std::nullopt);
}

TEST(TextOf, FollowsPaths) {
  Event event = full_event();
  RecordView record = record_of(event);
  EXPECT_EQ(text(record, "params.a.b"), "1");
  EXPECT_EQ(text(record, "params.a"), R"({"b":1})");
  EXPECT_EQ(text(record, "params.list"), R"(["x",{"y":"z\n"}])");
  EXPECT_EQ(text(record, "params.s"), "q\"");
  EXPECT_EQ(text(record, "params.t"), "true");
  EXPECT_EQ(text(record, "params.n"), "null");
  EXPECT_EQ(text(record, "params.f"), "1.5");
  EXPECT_EQ(text(record, "params.a.c"), std::nullopt);
  EXPECT_EQ(text(record, "params.list.0"), std::nullopt);
  EXPECT_EQ(text(record, "context.plan"), std::nullopt);
}

TEST(NumberOf, GivesIntegersAndTimesAlone) {
  Event event = full_event();
  RecordView record = record_of(event);
  EXPECT_EQ(number_of(record, Field::Seq), 12);
  EXPECT_EQ(number_of(record, Field::RequestStatusCode), 200);
  EXPECT_EQ(number_of(record, Field::OccurredAt), 1'767'323'045'600'000);
  EXPECT_EQ(number_of(record, Field::RecordedAt), 1'767'323'046'000'000);
  EXPECT_EQ(number_of(record, Field::Action), std::nullopt);
  EXPECT_EQ(number_of(record, Field::Params), std::nullopt);
  Event bare = make_event("a");
  EXPECT_EQ(number_of(record_of(bare), Field::RequestStatusCode), std::nullopt);
  EXPECT_EQ(number_of(record_of(bare), Field::OccurredAt), 1'767'323'046'000'000);
}

TEST(TextsOf, HoldsEveryTextAndEveryStringValue) {
  EXPECT_EQ(texts_of(record_of(full_event())), (Strings{"e-1",
                                                        "user.update",
                                                        "billing",
                                                        "iam",
                                                        "A summary",
                                                        "critical",
                                                        "intent",
                                                        "late",
                                                        "5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f",
                                                        "2",
                                                        "u-1",
                                                        "user",
                                                        "Zo\xc3\xab",
                                                        "zoe@example.com",
                                                        "42",
                                                        "account",
                                                        "Ada",
                                                        "00000000-0000-0000-0000-0000000000aa",
                                                        "shop",
                                                        "00000000-0000-0000-0000-0000000000bb",
                                                        "r-9",
                                                        "192.0.2.7",
                                                        "PATCH",
                                                        "/x",
                                                        "curl/8",
                                                        "v",
                                                        "x",
                                                        "z\n",
                                                        "q\"",
                                                        "pro"}));
  EXPECT_EQ(texts_of(record_of(make_event("a"))), (Strings{"a", "general", "low", "success", "1"}));
}

// What is shown as JSON and what is found by name are the same.
RC_GTEST_PROP(TextOf, AgreesWithTheJsonForm, ()) {
  Event event = *arbitrary_event();
  RecordView record = record_of(event);
  base::JsonParser parser;
  std::string json = canonical_json(record.event);
  base::JsonValue tree = parser.parse(json).value();
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    auto field = static_cast<Field>(i);
    if (type_of(field) != FieldType::Text) {
      continue;
    }
    std::string_view name = name_of(field);
    base::JsonValue value = tree;
    bool found = true;
    for (std::size_t dot = 0; found && dot != std::string_view::npos;) {
      dot = name.find('.');
      found = base::JsonValue(value).find(name.substr(0, dot), value);
      name.remove_prefix(dot == std::string_view::npos ? name.size() : dot + 1);
    }
    FieldScratch scratch;
    auto shown = text_of(record, field, scratch);
    RC_ASSERT(shown.has_value() == found);
    if (found) {
      RC_ASSERT(*shown == value.as_string());
    }
  }
}

}  // namespace
}  // namespace piperoll::event
