#include "dialect/testing/run_cases.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

#include <gtest/gtest.h>

#include "base/json.h"
#include "dialect/testing/case_file.h"
#include "dialect/testing/print_call.h"
#include "dialect/testing/service_reply.h"

namespace piperoll::dialect::testing {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// Runs one case; call and response of the result are what came out.
Case run(const Dialect& dialect, const Case& recorded) {
  Case actual = recorded;
  wire::Request request = parse_request(recorded.request);
  EXPECT_TRUE(dialect.owns(request.path())) << recorded.title;
  Decoded decoded = dialect.decode(request, {kCaseTime});
  if (auto* response = std::get_if<wire::Response>(&decoded)) {
    EXPECT_EQ(recorded.reply, "") << recorded.title << ": answered without the service";
    actual.call.clear();
    actual.response = print_response(std::move(*response));
    return actual;
  }
  auto& exchange = std::get<Exchange>(decoded);
  actual.call = print_call(exchange.call);
  EXPECT_EQ(exchange.call.surface, dialect.surface()) << recorded.title;
  if (recorded.reply.empty() && exchange.call.operation) {
    ADD_FAILURE() << recorded.title << ": needs a reply";
    return actual;
  }
  ServiceReply reply = recorded.reply.empty() ? failed_reply(exchange.call.operation.error())
                                              : parse_reply(recorded.reply);
  actual.response = print_response(exchange.encode(std::move(reply.reply)));
  return actual;
}

// The body of a printed response in canonical form, so that order and spelling do not count.
std::string comparable(const std::string& response) {
  std::size_t gap = response.find("\n\n");
  if (gap == std::string::npos) {
    return response;
  }
  base::JsonParser parser;
  auto body = parser.parse(std::string_view(response).substr(gap + 2));
  if (!body) {
    return response;
  }
  std::string out = response.substr(0, gap + 2);
  base::append_canonical(out, *body);
  return out;
}

void expect_file(const Dialect& dialect, const std::filesystem::path& path) {
  CaseFile recorded = parse_case_file(read_file(path));
  CaseFile actual = recorded;
  for (std::size_t i = 0; i < recorded.cases.size(); ++i) {
    const Case& expected = recorded.cases[i];
    actual.cases[i] = run(dialect, expected);
    if (std::getenv("PIPEROLL_UPDATE_CASES") == nullptr) {
      std::string where = path.filename().string() + ": " + expected.title;
      EXPECT_EQ(actual.cases[i].call, expected.call) << where;
      EXPECT_EQ(comparable(actual.cases[i].response), comparable(expected.response)) << where;
    }
  }
  if (std::getenv("PIPEROLL_UPDATE_CASES") != nullptr) {
    std::ofstream(path, std::ios::binary) << print_case_file(actual);
  }
}

}  // namespace

void expect_cases(const Dialect& dialect, const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".case") {
      files.push_back(entry.path());
    }
  }
  EXPECT_FALSE(files.empty()) << folder;
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    expect_file(dialect, file);
  }
}

}  // namespace piperoll::dialect::testing
