#include "cli/import_formats.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/uuid.h"
#include "cli/import_values.h"

namespace piperoll::cli {
namespace {

std::vector<event::Event> read(ImportFormat format, std::string_view line,
                               std::uint64_t number = 1) {
  base::JsonParser parser;
  auto events = read_import_line(format, parser, line, {"audit.log", number});
  EXPECT_TRUE(events) << (events ? "" : events.error().message);
  return events ? *std::move(events) : std::vector<event::Event>();
}

std::string error_of(ImportFormat format, std::string_view line) {
  base::JsonParser parser;
  auto events = read_import_line(format, parser, line, {"audit.log", 1});
  return events ? "" : events.error().message;
}

TEST(ImportFormats, HaveNames) {
  EXPECT_EQ(parse_import_format("native"), ImportFormat::Native);
  EXPECT_EQ(parse_import_format("k8s"), ImportFormat::Kubernetes);
  EXPECT_EQ(parse_import_format("csv"), std::nullopt);
}

TEST(ImportFormats, ALineWithoutIdGetsOneOfItsBytesAndPlace) {
  const auto once = read(ImportFormat::Native, R"({"action":"a"})", 7);
  EXPECT_EQ(once[0].id, read(ImportFormat::Native, R"({"action":"a"})", 7)[0].id);
  EXPECT_NE(once[0].id, read(ImportFormat::Native, R"({"action":"a"})", 8)[0].id);
  EXPECT_NE(once[0].id, read(ImportFormat::Native, R"({"action":"b"})", 7)[0].id);
}

TEST(ImportFormats, WhatAnExportAddsIsIgnored) {
  EXPECT_EQ(
      read(
          ImportFormat::Native,
          R"({"action":"a","id":"x","seq":3,"recorded_at":"2026-01-01T00:00:00Z","org_id":"o","seed":"s"})")
          .size(),
      1U);
  EXPECT_TRUE(read(ImportFormat::Native, R"({"piperoll_export":{"complete":true}})").empty());
  EXPECT_TRUE(read(ImportFormat::Native, R"({"piperoll_withheld":{"from":0,"to":1}})").empty());
}

TEST(ImportFormats, NativeLinesKeepTheRulesOfTheEvent) {
  EXPECT_NE(error_of(ImportFormat::Native, R"({"action":"a","color":1})").find("/color"),
            std::string::npos);
  EXPECT_NE(error_of(ImportFormat::Native, "[]"), "");
  EXPECT_NE(error_of(ImportFormat::Native, "{"), "");
}

TEST(ImportFormats, CloudTrailRecordsAloneWrappedAndListed) {
  const std::string record =
      R"({"eventID":"c-1","eventSource":"ec2.amazonaws.com","eventName":"RunInstances",)"
      R"("eventTime":"2023-07-10T11:42:36Z","sourceIPAddress":"192.0.2.1",)"
      R"("userIdentity":{"type":"Root","principalId":"p"},)"
      R"("resources":[{"ARN":"arn:x","type":"AWS::EC2"}],"awsRegion":"eu"})";
  for (const std::string& line :
       {record, R"({"event":)" + record + "}", R"({"Records":[)" + record + "]}"}) {
    const auto events = read(ImportFormat::CloudTrail, line);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].id, "c-1");
    EXPECT_EQ(events[0].action, "ec2.RunInstances");
    EXPECT_EQ(events[0].actor.id, "p");
    EXPECT_EQ(events[0].target.id, "arn:x");
    EXPECT_EQ(events[0].request.ip, "192.0.2.1");
    EXPECT_EQ(events[0].status, event::Status::Success);
    EXPECT_NE(events[0].metadata.find("\"awsRegion\":\"eu\""), std::string::npos);
  }
  EXPECT_NE(error_of(ImportFormat::CloudTrail, R"({"eventTime":"now"})").find("eventTime"),
            std::string::npos);
  EXPECT_NE(error_of(ImportFormat::CloudTrail, R"({"eventID":"x"})").find("action"),
            std::string::npos);
}

TEST(ImportFormats, KubernetesStagesPairByAuditId) {
  auto line = [](const char* stage, int code) {
    return std::string(R"({"auditID":"0f0e0d0c-1111-4222-8333-444444444444","stage":")") + stage +
           R"(","verb":"get","requestURI":"/version","user":{"username":"ada"},"responseStatus":{"code":)" +
           std::to_string(code) +
           R"(,"message":"why"},"stageTimestamp":"2026-01-02T03:04:05.000001Z"})";
  };
  const auto intent = read(ImportFormat::Kubernetes, line("RequestReceived", 0))[0];
  const auto good = read(ImportFormat::Kubernetes, line("ResponseComplete", 200))[0];
  const auto bad = read(ImportFormat::Kubernetes, line("ResponseComplete", 404))[0];
  const auto panic = read(ImportFormat::Kubernetes, line("Panic", 200))[0];

  EXPECT_EQ(intent.status, event::Status::Intent);
  EXPECT_EQ(good.status, event::Status::Success);
  EXPECT_EQ(bad.status, event::Status::Failure);
  EXPECT_EQ(bad.error, "why");
  EXPECT_EQ(panic.status, event::Status::Failure);
  EXPECT_EQ(intent.commit_id, good.commit_id);
  EXPECT_NE(intent.id, good.id);
  EXPECT_EQ(good.action, "get");
  EXPECT_EQ(good.actor.id, "ada");
}

TEST(ImportFormats, TextsOverALimitAreCut) {
  const std::string line =
      R"({"source":"s1","action":"a1","actor":{"name":")" + std::string(300, 'n') + R"("}})";
  EXPECT_EQ(read(ImportFormat::Frontier, line)[0].actor.name->size(), 256U);
  EXPECT_EQ(cut_code_points("äöü", 2), "äö");
  EXPECT_EQ(cut_code_points("abc", 5), "abc");
  EXPECT_EQ(cut_code_points("", 0), "");
}

TEST(ImportFormats, ALineWithoutIdHasTheIdOfItsPlace) {
  const auto id = [](std::string_view file, std::uint64_t number,
                     std::string_view line = R"({"action":"a"})") {
    base::JsonParser parser;
    return read_import_line(ImportFormat::Native, parser, line, {file, number}).value()[0].id;
  };
  EXPECT_EQ(id("/a/x.ndjson", 1), id("/a/x.ndjson", 1));
  EXPECT_EQ(id("/a/x.ndjson", 1), id("/a/x.ndjson.gz", 1));
  EXPECT_EQ(id("/a/x.ndjson", 1), id("/a/x.ndjson.zst", 1));
  EXPECT_NE(id("/a/x.ndjson", 1), id("/a/x.ndjson", 2));
  EXPECT_NE(id("/a/x.ndjson", 1), id("/b/x.ndjson", 1));
  EXPECT_NE(id("/a/x.ndjson", 1), id("/a/x.ndjson", 1, R"({"action":"b"})"));
  const std::string dated =
      id("x", 1, R"({"action":"a","occurred_at":"2026-01-02T03:04:05.678Z"})");
  EXPECT_EQ(dated.substr(0, 15), "019b7ca9-8f2e-7") << dated;
  EXPECT_EQ(base::parse_uuid(dated)->bytes[8] >> 6, 2);
}

}  // namespace
}  // namespace piperoll::cli
