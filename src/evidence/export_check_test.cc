#include "evidence/export_check.h"

#include <functional>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/bytes.h"
#include "event/event_json.h"
#include "event/testing/event_arbitrary.h"
#include "evidence/signed_log_test_support.h"

namespace piperoll::evidence {
namespace {

const base::Uuid kOrg = base::parse_uuid("5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f").value();
constexpr std::size_t kEvents = 9;

std::string line_of(const event::RecordView& record) {
  std::string line;
  event::write_record(line, record, kOrg, {.seed = record.head.seed.bytes});
  return line;
}

std::string ending_of(const SignedLog& log, std::string_view checkpoint) {
  const std::string size = std::to_string(log.frontier().size());
  std::string text;
  base::JsonWriter json(text);
  json.begin_object().key("piperoll_export").begin_object().member("log", log.origin());
  json.key("from").integer(0).key("to").raw(size).key("tree_size").raw(size);
  json.key("count").raw(size).key("complete").boolean(true);
  json.member("checkpoint", checkpoint).end_object().end_object();
  return text;
}

using Lines = std::vector<std::string>;

Lines lines_of(const SignedLog& log) {
  Lines lines;
  for (std::size_t i = 0; i < log.frontier().size(); ++i) {
    lines.push_back(line_of(log.record(i)));
  }
  lines.push_back(ending_of(log, log.checkpoint()));
  return lines;
}

Finding check(const Lines& lines, const SignedLog& log) {
  auto checking = ExportCheck::make({log.signer().verifier_key()}).value();
  for (const std::string& line : lines) {
    checking.add_line(line);
  }
  return checking.finish();
}

void change(std::string& line, const std::string& from, const std::string& to) {
  const std::size_t at = line.find(from);
  ASSERT_NE(at, std::string::npos) << from << " in " << line;
  line.replace(at, from.size(), to);
}

TEST(ExportCheck, AWholeExportIsValid) {
  for (const std::size_t events : {std::size_t{0}, std::size_t{1}, kEvents}) {
    const SignedLog log(events);
    const Finding finding = check(lines_of(log), log);
    EXPECT_EQ(finding.verdict, Verdict::Valid) << finding.detail;
    EXPECT_EQ(finding.checked, events);
    EXPECT_EQ(finding.log, kSampleOrigin);
  }
}

TEST(ExportCheck, BlankLinesDoNotMatter) {
  const SignedLog log(2);
  Lines lines = lines_of(log);
  lines.insert(lines.begin() + 1, {"", " \t\r"});
  lines.push_back("");
  EXPECT_EQ(check(lines, log).verdict, Verdict::Valid);
}

struct Tampering {
  const char* what;
  std::function<void(Lines&)> apply;
  Verdict verdict;
  std::optional<std::uint64_t> first_bad;
};

const Tampering kTamperings[] = {
    {"a value",
     [](Lines& lines) { change(lines[4], "billing", "shipping"); },
     Verdict::Invalid,
     {}},
    {"a seed",
     [](Lines& lines) { change(lines[4], "\"seed\":\"A", "\"seed\":\"B"); },
     Verdict::Invalid,
     {}},
    {"recorded_at",
     [](Lines& lines) { change(lines[8], "\"recorded_at\":\"2026", "\"recorded_at\":\"2027"); },
     Verdict::Invalid,
     {}},
    {"the clock set back",
     [](Lines& lines) { change(lines[4], "\"recorded_at\":\"2026", "\"recorded_at\":\"2025"); },
     Verdict::Invalid, 4},
    {"the organisation",
     [](Lines& lines) { change(lines[4], "\"org_id\":\"5b8a1f0e", "\"org_id\":\"5b8a1f0f"); },
     Verdict::Invalid, 4},
    {"two events swapped", [](Lines& lines) { std::swap(lines[3], lines[4]); }, Verdict::Invalid,
     3},
    {"two events of one instant swapped with their numbers",
     [](Lines& lines) {
       change(lines[2], "\"seq\":2", "\"seq\":3");
       change(lines[3], "\"seq\":3", "\"seq\":2");
       std::swap(lines[2], lines[3]);
     },
     Verdict::Invalid,
     {}},
    {"an event twice", [](Lines& lines) { lines.insert(lines.begin() + 4, lines[3]); },
     Verdict::Invalid, 3},
    {"one in the middle gone", [](Lines& lines) { lines.erase(lines.begin() + 4); }, Verdict::Gap,
     4},
    {"the first gone", [](Lines& lines) { lines.erase(lines.begin()); }, Verdict::Gap, 0},
    {"the last events gone", [](Lines& lines) { lines.erase(lines.end() - 3, lines.end() - 1); },
     Verdict::Truncated, 7},
    {"the export's own line gone", [](Lines& lines) { lines.pop_back(); }, Verdict::Truncated, 9},
    {"the file cut in its last line",
     [](Lines& lines) { lines.back().resize(lines.back().size() / 2); }, Verdict::Truncated, 9},
    {"the file cut in an event",
     [](Lines& lines) {
       lines.resize(5);
       lines.back().resize(30);
     },
     Verdict::Truncated, 4},
    {"a line that is no JSON", [](Lines& lines) { lines[4] = "{"; }, Verdict::Invalid, 4},
    {"a member that no event has",
     [](Lines& lines) { change(lines[4], "{\"id\"", "{\"more\":1,\"id\""); }, Verdict::Invalid, 4},
    {"an invented event behind the others",
     [](Lines& lines) {
       lines.insert(lines.end() - 1, lines[8]);
       change(lines[9], "\"seq\":8", "\"seq\":9");
     },
     Verdict::Invalid,
     {}},
    {"something behind the end", [](Lines& lines) { lines.push_back(lines[0]); }, Verdict::Invalid,
     9},
    {"seeds held back",
     [](Lines& lines) { change(lines[2], ",\"seed\":\"", ",\"seed\":null,\"x\":\""); },
     Verdict::Invalid, 2},
    {"no seeds",
     [](Lines& lines) {
       const std::size_t at = lines[2].find(",\"seed\"");
       lines[2] = lines[2].substr(0, at) + "}";
     },
     Verdict::Missing, 2},
    {"no checkpoint",
     [](Lines& lines) {
       const std::size_t at = lines.back().find("\"checkpoint\"");
       lines.back() = lines.back().substr(0, at) + "\"checkpoint\":null}}";
     },
     Verdict::Missing,
     {}},
    {"not complete", [](Lines& lines) { change(lines.back(), "true", "false"); },
     Verdict::Truncated, 9},
    {"not from the first", [](Lines& lines) { change(lines.back(), "\"from\":0", "\"from\":1"); },
     Verdict::Missing, 0},
    {"another log",
     [](Lines& lines) { change(lines.back(), "\"log\":\"a", "\"log\":\"b"); },
     Verdict::Invalid,
     {}},
    {"another count",
     [](Lines& lines) { change(lines.back(), "\"count\":9", "\"count\":8"); },
     Verdict::Invalid,
     {}},
    {"another tree size",
     [](Lines& lines) { change(lines.back(), "\"tree_size\":9", "\"tree_size\":10"); },
     Verdict::Invalid,
     {}},
    {"a size of the checkpoint that was not signed",
     [](Lines& lines) { change(lines.back(), "\\n9\\n", "\\n8\\n"); },
     Verdict::Invalid,
     {}},
    {"the end cut off and the end's numbers with it",
     [](Lines& lines) {
       lines.erase(lines.end() - 2);
       change(lines.back(), "\"to\":9", "\"to\":8");
       change(lines.back(), "\"count\":9", "\"count\":8");
     },
     Verdict::Truncated, 8},
};

TEST(ExportCheck, FindsEachTamperingAndItsPlace) {
  const SignedLog log(kEvents);
  for (const Tampering& tampering : kTamperings) {
    Lines lines = lines_of(log);
    ASSERT_EQ(check(lines, log).verdict, Verdict::Valid);

    tampering.apply(lines);
    const Finding finding = check(lines, log);

    EXPECT_EQ(finding.verdict, tampering.verdict) << tampering.what << ": " << finding.detail;
    EXPECT_EQ(finding.first_bad, tampering.first_bad) << tampering.what << ": " << finding.detail;
    EXPECT_FALSE(finding.detail.empty());
  }
}

TEST(ExportCheck, RefusesTheExportOfAnotherLogUnderItsOwnKey) {
  const SignedLog log(3);
  const SignedLog other(3, "audit.example/00000000-0000-0000-0000-000000000001");
  EXPECT_NE(check(lines_of(other), log).verdict, Verdict::Valid);
  EXPECT_NE(check(lines_of(log), other).verdict, Verdict::Valid);
}

TEST(ExportCheck, WantsTheKeysOfOneLog) {
  EXPECT_FALSE(ExportCheck::make({}));
  EXPECT_FALSE(
      ExportCheck::make({test_signer("a").verifier_key(), test_signer("b").verifier_key()}));
  EXPECT_TRUE(
      ExportCheck::make({test_signer("a").verifier_key(), test_signer("a", 't').verifier_key()}));
}

// An export of the events of [from, to) with an even seq, the others named by their hashes.
Lines filtered_lines_of(SignedLog& log, std::uint64_t from, std::uint64_t to, bool by_leaves) {
  const std::uint64_t size = log.frontier().size();
  Lines lines;
  std::uint64_t place = 0, count = 0;
  const auto name_until = [&](std::uint64_t end) {
    if (place < end) {
      const tlog::LeafRange range{place, end};
      lines.emplace_back();
      append_withheld(
          lines.back(),
          {range,
           log.read_hashes(by_leaves ? leaf_nodes(range) : tlog::nodes_across(range)).value()});
      lines.back().pop_back();  // the line feed
    }
    place = end;
  };
  for (std::uint64_t seq = from; seq < to; seq += 2) {
    name_until(seq);
    lines.push_back(line_of(log.record(seq)));
    place = seq + 1;
    ++count;
  }
  name_until(size);
  lines.push_back(ending_of(log, log.checkpoint()));
  change(lines.back(), "\"from\":0", "\"from\":" + std::to_string(from));
  change(lines.back(), "\"to\":" + std::to_string(size), "\"to\":" + std::to_string(to));
  change(
      lines.back(), "\"count\":" + std::to_string(size),
      "\"count\":" + std::to_string(count) + ",\"withheld\":" + std::to_string(to - from - count));
  return lines;
}

TEST(ExportCheck, AFilteredExportThatNamesTheRestIsValidAndCountsIt) {
  SignedLog log(kEvents);
  for (const bool by_leaves : {true, false}) {
    const Finding all = check(filtered_lines_of(log, 0, kEvents, by_leaves), log);
    EXPECT_EQ(all.verdict, Verdict::Valid) << all.detail;
    EXPECT_EQ(all.checked, 5U);
    EXPECT_NE(all.detail.find("the other 4 of [0, 9) are withheld"), std::string::npos)
        << all.detail;

    const Finding part = check(filtered_lines_of(log, 4, 7, by_leaves), log);
    EXPECT_EQ(part.verdict, Verdict::Valid) << part.detail;
    EXPECT_NE(part.detail.find("the other 1 of [4, 7) are withheld"), std::string::npos);

    const Finding whole = check(filtered_lines_of(log, 4, 5, by_leaves), log);
    EXPECT_EQ(whole.verdict, Verdict::Valid) << whole.detail;
    EXPECT_NE(whole.detail.find("all events of [4, 5)"), std::string::npos) << whole.detail;

    const Finding none = check(filtered_lines_of(log, 9, 9, by_leaves), log);
    EXPECT_EQ(none.verdict, Verdict::Valid) << none.detail;
    EXPECT_EQ(none.checked, 0U);
  }
}

// Of events 0, 2, 4, 6, 8 with the hashes of 1, 3, 5, 7 between them.
const Tampering kFilteredTamperings[] = {
    {"an event changed",
     [](Lines& lines) { change(lines[4], "42 updated", "43 updated"); },
     Verdict::Invalid,
     {}},
    {"an event gone", [](Lines& lines) { lines.erase(lines.begin() + 4); }, Verdict::Gap, 4},
    {"what is withheld not named", [](Lines& lines) { lines.erase(lines.begin() + 3); },
     Verdict::Gap, 3},
    {"an event and its neighbours not named",
     [](Lines& lines) { lines.erase(lines.begin() + 3, lines.begin() + 6); }, Verdict::Gap, 3},
    {"named twice", [](Lines& lines) { lines.insert(lines.begin() + 4, lines[3]); },
     Verdict::Invalid, 3},
    {"an event that is there named as withheld too",
     [](Lines& lines) { change(lines[3], "\"from\":3,\"to\":4", "\"from\":2,\"to\":3"); },
     Verdict::Invalid, 2},
    {"two names swapped", [](Lines& lines) { std::swap(lines[1], lines[3]); }, Verdict::Gap, 1},
    {"a hash of another event",
     [](Lines& lines) {
       const std::size_t at = lines[1].find("[\"") + 2;
       lines[3].replace(lines[3].find("[\"") + 2, 44, lines[1].substr(at, 44));
     },
     Verdict::Invalid,
     {}},
    {"one event behind the tree named",
     [](Lines& lines) {
       lines.insert(lines.end() - 1, lines[1]);
       change(lines[9], "\"from\":1,\"to\":2", "\"from\":9,\"to\":10");
     },
     Verdict::Invalid,
     {}},
    {"the end cut off", [](Lines& lines) { lines.erase(lines.end() - 3, lines.end() - 1); },
     Verdict::Truncated, 7},
    {"another number withheld",
     [](Lines& lines) { change(lines.back(), "\"withheld\":4", "\"withheld\":3"); },
     Verdict::Invalid,
     {}},
    {"a smaller range than the events are of",
     [](Lines& lines) { change(lines.back(), "\"from\":0", "\"from\":1"); },
     Verdict::Invalid,
     {}},
    {"a range beyond the tree",
     [](Lines& lines) { change(lines.back(), "\"to\":9", "\"to\":10"); },
     Verdict::Invalid,
     {}},
    {"a name that is none", [](Lines& lines) { change(lines[3], "\"hashes\"", "\"hash\""); },
     Verdict::Invalid, 3},
};

TEST(ExportCheck, FindsEachTamperingWithAFilteredExport) {
  SignedLog log(kEvents);
  for (const Tampering& tampering : kFilteredTamperings) {
    Lines lines = filtered_lines_of(log, 0, kEvents, true);
    ASSERT_EQ(check(lines, log).verdict, Verdict::Valid);

    tampering.apply(lines);
    const Finding finding = check(lines, log);

    EXPECT_EQ(finding.verdict, tampering.verdict) << tampering.what << ": " << finding.detail;
    EXPECT_EQ(finding.first_bad, tampering.first_bad) << tampering.what << ": " << finding.detail;
  }
}

// Whatever an event is, its line in an export gives the leaf of the record.
RC_GTEST_PROP(ExportLine, GivesTheLeafOfTheRecord, ()) {
  event::Event event = *event::arbitrary_event();
  if (event.id.empty()) {
    event.id = "made";
  }
  event::RecordView record = sample_record(event);
  record.head.seq = *rc::gen::inRange<std::uint64_t>(0, 1'000);
  record.head.recorded_at = *event::arbitrary::time();
  record.head.seed.bytes[3] = *rc::gen::arbitrary<std::uint8_t>();
  base::JsonParser parser;
  LeafMaker maker;

  const auto exported = read_export_line(parser, line_of(record));

  RC_ASSERT(exported.has_value());
  RC_ASSERT(exported->head.seq == record.seq());
  RC_ASSERT(exported->org == kOrg);
  RC_ASSERT(leaf_of_export(maker, kSampleOrigin, *exported) ==
            maker.leaf_hash(kSampleOrigin, record));
}

}  // namespace
}  // namespace piperoll::evidence
