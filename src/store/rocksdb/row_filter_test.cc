#include "store/rocksdb/row_filter.h"

#include <utility>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/unicode.h"
#include "event/testing/event_arbitrary.h"
#include "query/match.h"
#include "query/testing/query_arbitrary.h"
#include "store/rocksdb/testing/record_of.h"

namespace piperoll::store::rocks {
namespace {

using event::Field;
using query::Filter;
using testing::record_of;

std::string print(const std::optional<NeededText>& needed) {
  if (!needed.has_value()) {
    return "-";
  }
  if (needed->kind == NeededText::Kind::Text) {
    return "'" + needed->text + "'";
  }
  std::string text = needed->kind == NeededText::Kind::All ? "(all" : "(any";
  for (const NeededText& child : needed->children) {
    text += " " + print(child);
  }
  return text + ")";
}

std::string needed(const Filter& filter) {
  return print(needed_text(filter));
}

event::FieldRef ref(const char* name) {
  return event::parse_field_ref(name).value();
}

TEST(NeededText, IsWhatEveryMatchHolds) {
  EXPECT_EQ(needed(query::words("Alice  BOB")), "(all 'alice' 'bob')");
  EXPECT_EQ(needed(query::contains(ref("target.id"), "Acme")), "'acme'");
  EXPECT_EQ(needed(query::prefix(ref("target.id"), "User.")), "'user.'");
  EXPECT_EQ(needed(query::in(ref("target.type"), {"User", "Team"})), "(any 'user' 'team')");
  EXPECT_EQ(needed(query::all_of({query::equal(ref("target.type"), "user"),
                                  query::exists(ref("target.id")), query::words("alice")})),
            "(all 'user' 'alice')");
  EXPECT_EQ(needed(query::any_of({query::contains(ref("summary"), "bob"),
                                  query::contains(ref("target.id"), "bob")})),
            "'bob'");
}

TEST(NeededText, OfAPathIsItsLastNameAndTheValueBesideIt) {
  EXPECT_EQ(needed(query::equal(ref("metadata.plan"), "Pro")), R"('plan":"pro"')");
  EXPECT_EQ(needed(query::equal(ref("metadata.plan"), "high")), R"('plan":"high"')");
  EXPECT_EQ(needed(query::equal(ref("metadata.Labels.env"), "")), R"((any 'env":""' 'env":'))");
  EXPECT_EQ(needed(query::equal(ref("params.n"), "10")), R"((any 'n":"10"' 'n":10'))");
  EXPECT_EQ(needed(query::equal(ref("params.n"), "a\"b")), R"('n":')");
  EXPECT_EQ(needed(query::in(ref("context.x"), {"ab", "cd"})), R"((any 'x":"ab"' 'x":"cd"'))");
  EXPECT_EQ(needed(query::prefix(ref("context.x"), "ab")), R"('x":"ab')");
  EXPECT_EQ(needed(query::contains(ref("context.x"), "Ab")), R"((all 'x":' 'ab'))");
  EXPECT_EQ(needed(query::exists(ref("context.x.yz"))), R"('yz":')");
  EXPECT_EQ(needed(query::equal(ref("context.\xc3\x84"), "ab")), "'ab'");
}

TEST(NeededText, LeavesOutWhatRecordsMayHoldInOtherLetters) {
  EXPECT_EQ(needed(query::words("say\"hello\\now")), "'hello'") << "escaped in JSON";
  EXPECT_EQ(needed(query::words("M\xc3\xbcller")), "'ller'") << "folds from other letters";
  for (const char* word : {"gen", "GENERAL", "low", "su", "fail", "x", "\xc3\xa9", "\x7f\x01"}) {
    EXPECT_EQ(needed(query::words(word)), "-") << word;
  }
}

TEST(NeededText, IsNothingWhereTheBytesDoNotTell) {
  EXPECT_EQ(needed(query::all()), "-");
  EXPECT_EQ(needed(query::negate(query::words("alice"))), "-");
  EXPECT_EQ(needed(query::any_of({query::words("alice"), query::exists(ref("error"))})), "-");
  EXPECT_EQ(needed(query::equal(ref("seq"), "1234")), "-");
  EXPECT_EQ(needed(query::equal(ref("request.status_code"), "404")), "-");
  EXPECT_EQ(needed(query::prefix(ref("occurred_at"), "2026-")), "-");
  EXPECT_EQ(needed(query::seq_contains("123", 1)), "-");
  EXPECT_EQ(needed(query::words("")), "-");
}

bool may_match(const Filter& filter, const event::Record& record) {
  const std::optional<NeededText> needed = needed_text(filter);
  base::Bytes folded;
  append_folded_row(folded, record.bytes());
  return !needed.has_value() || may_hold(*needed, folded);
}

TEST(NeededText, TellsRowsApart) {
  event::Event event = event::make_event("user.create");
  event.target.name = "The \xe2\x84\xaa\xc5\xbf files";  // fold_case: "the ks files"
  const event::Record record = record_of(event, 0);
  for (const char* word : {"USER.create", "ks", "files", "7abc-8def", "018bcfe5-6800"}) {
    EXPECT_TRUE(query::match(query::words(word), event::view_of(record))) << word;
    EXPECT_TRUE(may_match(query::words(word), record)) << word;
  }
  EXPECT_TRUE(may_match(query::words("user 7abc-8def"), record)) << "one is in the id";
  EXPECT_FALSE(may_match(query::words("user alice"), record));
  EXPECT_FALSE(may_match(query::words("filet"), record));
  EXPECT_FALSE(may_match(query::words("7abc-8dee"), record));
}

// needed_text() relies on it.
TEST(NeededText, OnlyTwoLettersOutsideAsciiFoldIntoIt) {
  for (char32_t code_point = 0x80; code_point <= 0x10ffff; ++code_point) {
    if (code_point >= 0xd800 && code_point <= 0xdfff) {
      continue;
    }
    std::string text;
    base::append_utf8(text, code_point);
    const bool ascii = static_cast<unsigned char>(base::fold_case(text).front()) < 0x80;
    EXPECT_EQ(ascii, code_point == 0x212a || code_point == 0x017f) << std::uint32_t{code_point};
  }
}

RC_GTEST_PROP(NeededText, IsInEveryRowThatMatches, ()) {
  std::vector<event::Record> records;
  std::vector<event::RecordView> views;
  for (std::uint64_t seq = 0; seq < 6; ++seq) {
    records.push_back(record_of(*event::arbitrary_event(), seq));
  }
  for (const event::Record& record : records) {
    views.push_back(event::view_of(record));
  }
  const query::VocabularyPointer vocabulary = query::vocabulary_of(views, views.size());
  for (int i = 0; i < 8; ++i) {
    const Filter filter = *query::arbitrary_filter(vocabulary);
    for (const event::Record& record : records) {
      RC_ASSERT(!query::match(filter, event::view_of(record)) || may_match(filter, record));
    }
  }
}

}  // namespace
}  // namespace piperoll::store::rocks
