#include "http/request_parser.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace piperoll::http {
namespace {

using Step = RequestParser::Step;

// What one request comes to when its bytes arrive in the given pieces (0: all at once).
struct Outcome {
  Step step = Step::NeedMore;
  std::string code;
  std::string message;
  std::string method, target, headers, body;
  bool keep_alive = false;
  std::size_t left = 0;  // bytes behind the request
  bool operator==(const Outcome&) const = default;
};

std::string printed(const RequestHead& head, const char* message) {
  std::string text;
  for (const HeaderPlace& header : head.headers) {
    text +=
        std::string(header.name.in(message)) + "=" + std::string(header.value.in(message)) + ";";
  }
  return text;
}

Outcome failed(const RequestParser& parser) {
  return {.step = Step::Failed, .code = parser.error().code, .message = parser.error().message};
}

Outcome parse_chunked(RequestParser& parser, std::string_view bytes, std::size_t at,
                      const std::vector<std::size_t>& pieces, std::size_t piece, Outcome outcome) {
  std::string raw(bytes.substr(parser.head().bytes, at - parser.head().bytes));
  for (;;) {
    std::size_t consumed = 0;
    outcome.step = parser.parse_chunks(raw, consumed, outcome.body);
    raw.erase(0, consumed);
    if (outcome.step == Step::Failed) {
      return failed(parser);
    }
    if (outcome.step == Step::Done || at == bytes.size()) {
      outcome.left = raw.size() + bytes.size() - at;
      return outcome;
    }
    std::size_t next = pieces.empty() ? bytes.size() : at + pieces[piece++ % pieces.size()];
    next = std::min(next, bytes.size());
    raw.append(bytes.substr(at, next - at));
    at = next;
  }
}

Outcome parse(std::string_view bytes, const std::vector<std::size_t>& pieces = {},
              const Limits& limits = {}) {
  RequestParser parser(limits);
  std::size_t at = 0;
  std::size_t piece = 0;
  for (;;) {
    std::size_t next = pieces.empty() ? bytes.size() : at + pieces[piece++ % pieces.size()];
    at = std::min(next, bytes.size());
    std::string moved(bytes.substr(0, at));  // at another address every time
    Step step = parser.parse_head(moved);
    if (step == Step::Failed) {
      return failed(parser);
    }
    if (step == Step::Done) {
      const RequestHead& head = parser.head();
      Outcome outcome{.step = step,
                      .method = std::string(head.method.in(moved.data())),
                      .target = std::string(head.target.in(moved.data())),
                      .headers = printed(head, moved.data()),
                      .keep_alive = head.keep_alive};
      if (head.chunked) {
        return parse_chunked(parser, bytes, at, pieces, piece, std::move(outcome));
      }
      outcome.left = bytes.size() - head.bytes;
      return outcome;
    }
    if (at == bytes.size()) {
      return {};
    }
  }
}

std::string code_of(std::string_view bytes) {
  Outcome whole = parse(bytes);
  EXPECT_EQ(parse(bytes, {1}).code, whole.code) << bytes;
  return whole.code;
}

std::string request(std::string_view headers, std::string_view line = "POST /p HTTP/1.1") {
  return std::string(line) + "\r\nHost: h\r\n" + std::string(headers) + "\r\n";
}

TEST(RequestParser, ReadsAHeadAndLeavesWhatFollows) {
  Outcome outcome = parse("GET /a?b=c HTTP/1.1\r\nHost: h\r\nX-Y:  z z\t\r\nEmpty:\r\n\r\nGET /");

  EXPECT_EQ(outcome.step, Step::Done);
  EXPECT_EQ(outcome.method, "GET");
  EXPECT_EQ(outcome.target, "/a?b=c");
  EXPECT_EQ(outcome.headers, "Host=h;X-Y=z z;Empty=;");
  EXPECT_TRUE(outcome.keep_alive);
  EXPECT_EQ(outcome.left, 5u);
}

TEST(RequestParser, DecodesChunksAndDropsTrailers) {
  Outcome outcome = parse(request("Transfer-Encoding: Chunked\r\n") +
                          "3;a=b\r\nabc\r\n0a\r\n0123456789\r\n0\r\nT: 1\r\nU: 2\r\n\r\nrest");

  EXPECT_EQ(outcome.step, Step::Done);
  EXPECT_EQ(outcome.body, "abc0123456789");
  EXPECT_EQ(outcome.headers, "Host=h;Transfer-Encoding=Chunked;");
  EXPECT_EQ(outcome.left, 4u);
}

// Wherever the network cuts, the same comes out.
RC_GTEST_PROP(RequestParser, DoesNotCareHowTheBytesAreCut, ()) {
  static const std::string kRequests[] = {
      request("Content-Length: 4\r\nConnection: close\r\n") + "abcd",
      request("Transfer-Encoding: chunked\r\n") + "0\r\n\r\nGET",
      request("Transfer-Encoding: chunked\r\n") + "1\r\na\r\n2;x\r\nbc\r\n0\r\nA: b\r\n\r\n",
      request("Transfer-Encoding: chunked\r\n") + "0;ext=\"q\"\r\nA: b\r\n c\r\n\r\n",
      request("Transfer-Encoding: gzip\r\n"),
      request("X: a\r\n b\r\n"),
      "GET http://x/y HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      request("Transfer-Encoding: chunked\r\n") + "zz\r\n",
      request("Transfer-Encoding: chunked\r\n") + "1\r\nab",
  };
  const std::string& bytes =
      *rc::gen::elementOf(std::vector<std::string>(std::begin(kRequests), std::end(kRequests)));
  auto pieces = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(1, 9)));

  RC_ASSERT(parse(bytes, pieces) == parse(bytes));
}

TEST(RequestParser, KnowsWhenTheConnectionIsKept) {
  EXPECT_TRUE(parse(request("")).keep_alive);
  EXPECT_FALSE(parse(request("Connection: x, Close\r\n")).keep_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.0\r\n\r\n").keep_alive);
  EXPECT_TRUE(parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
}

TEST(RequestParser, TakesTheTargetInEveryFormThatAServerMust) {
  EXPECT_EQ(parse(request("", "GET http://h:80/a?b HTTP/1.1")).target, "/a?b");
  EXPECT_EQ(parse(request("", "GET HTTPS://h/ HTTP/1.1")).target, "/");
  EXPECT_EQ(parse(request("", "OPTIONS * HTTP/1.1")).target, "*");
  for (const char* line :
       {"GET * HTTP/1.1", "GET a/b HTTP/1.1", "CONNECT h:443 HTTP/1.1", "GET http://h HTTP/1.1",
        "GET http:///a HTTP/1.1", "GET ftp://h/a HTTP/1.1", "GET http://h?a/b HTTP/1.1"}) {
    EXPECT_EQ(code_of(request("", line)), "malformed_request") << line;
  }
}

TEST(RequestParser, RefusesWhatTwoServersCouldReadInTwoWays) {
  for (const char* headers : {
           "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
           "Content-Length: 3\r\nContent-Length: 4\r\n",
           "Content-Length: 3, 4\r\n",
           "Content-Length: +3\r\n",
           "Content-Length: -3\r\n",
           "Content-Length: 0x3\r\n",
           "Content-Length: 3 3\r\n",
           "Content-Length:\r\n",
           "Content-Length: 99999999999999999999\r\n",
           "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding : chunked\r\n",
           "Content-Length : 3\r\n",
           "X: a\r\n b\r\n",
           "X:\r\n b\r\n",
           "X:\r\n\tb\r\n c\r\n",
           " X: a\r\n",
           "X: a\nY: b\r\n",
           "X: a\rY: b\r\n",
           "X\r\n",
           ": a\r\n",
           "X: a\x01\r\n",
           "X Y: a\r\n",
           "Host: h\r\n",
       }) {
    EXPECT_EQ(code_of(request(headers)), "malformed_request") << headers;
  }
}

TEST(RequestParser, TakesTheSameContentLengthTwice) {
  EXPECT_EQ(parse(request("Content-Length: 3\r\nContent-Length: 3\r\n")).step, Step::Done);
}

TEST(RequestParser, RefusesTransferCodingsButChunked) {
  for (const char* coding : {"gzip", "gzip, chunked", "chunked, gzip", "identity",
                             "chunked, chunked", "xchunked", "\"chunked\"", "chunked;q=1"}) {
    EXPECT_EQ(code_of(request("Transfer-Encoding: " + std::string(coding) + "\r\n")),
              "transfer_coding_unsupported")
        << coding;
  }
  EXPECT_EQ(code_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), "malformed_request");
}

TEST(RequestParser, NeedsExactlyOneHost) {
  EXPECT_EQ(code_of("GET / HTTP/1.1\r\n\r\n"), "malformed_request");
  EXPECT_EQ(code_of("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), "malformed_request");
  EXPECT_EQ(code_of("GET / HTTP/1.0\r\n\r\n"), "");
}

TEST(RequestParser, SpeaksOnlyHttpOne) {
  EXPECT_EQ(code_of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "http_version_unsupported");
  EXPECT_EQ(code_of("GET / HTTP/1.2\r\n\r\n"), "http_version_unsupported");
  EXPECT_EQ(code_of("GET / HTTP/3.0\r\n\r\n"), "http_version_unsupported");
  EXPECT_EQ(code_of("GET /a b HTTP/1.1\r\n\r\n"), "malformed_request");
  EXPECT_EQ(code_of("GET /\r\n\r\n"), "malformed_request");
  EXPECT_EQ(code_of("GET / http/1.1\r\n\r\n"), "malformed_request");
  EXPECT_EQ(code_of("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 client hello"),
            "malformed_request");
  EXPECT_EQ(code_of("GET / HTTP/1.1\nHost: a\n\n GET / HTTP/1.1"), "malformed_request");
}

TEST(RequestParser, RefusesChunksThatAreNot) {
  for (const char* chunks : {"x\r\n\r\n", "1\r\nab\r\n0\r\n\r\n", "1\nab\r\n0\r\n\r\n",
                             "-1\r\n\r\n\r\n", "10000000000000000\r\n", " 1\r\na\r\n",
                             "1 \r\na\r\n0\r\n\r\n", "1;\x01\r\na\r\n0\r\n\r\n"}) {
    EXPECT_EQ(parse(request("Transfer-Encoding: chunked\r\n") + chunks).code, "malformed_request")
        << chunks;
  }
}

TEST(RequestParser, BoundsTheHeadHoweverSlowlyItComes) {
  Limits limits{.header_bytes_max = 1024};
  std::string fits = request("X: " + std::string(1024 - 37, 'x') + "\r\n");
  ASSERT_LE(fits.size(), 1024u);
  std::string line_flood = "GET /" + std::string(2000, 'x');
  std::string header_flood = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 100; ++i) {
    header_flood += "X-" + std::to_string(i) + ": some value\r\n";
  }

  for (const std::vector<std::size_t>& pieces :
       {std::vector<std::size_t>{}, std::vector<std::size_t>{1}, std::vector<std::size_t>{100}}) {
    EXPECT_EQ(parse(fits, pieces, limits).step, Step::Done);
    EXPECT_EQ(parse(line_flood, pieces, limits).code, "header_too_large");
    EXPECT_EQ(parse(header_flood, pieces, limits).code, "header_too_large");
    EXPECT_EQ(parse(fits.substr(0, fits.size() - 2) + "Y: " + std::string(100, 'y') + "\r\n\r\n",
                    pieces, limits)
                  .code,
              "header_too_large");
  }
}

TEST(RequestParser, BoundsTheNumberOfHeaders) {
  Limits limits{.header_count_max = 3};

  EXPECT_EQ(parse(request("A: 1\r\nB: 2\r\n"), {}, limits).step, Step::Done);
  Outcome more = parse(request("A: 1\r\nB: 2\r\nC: 3\r\n"), {}, limits);
  EXPECT_EQ(more.code, "header_too_large");
  EXPECT_EQ(more.message, "the request has more than 3 headers");
}

TEST(RequestParser, BoundsAChunkedBodyBeforeItComes) {
  Limits limits{.body_bytes_max = 10};
  std::string head = request("Transfer-Encoding: chunked\r\n");

  EXPECT_EQ(parse(head + "5\r\nabcde\r\n5\r\nabcde\r\n0\r\n\r\n", {}, limits).step, Step::Done);
  EXPECT_EQ(parse(head + "5\r\nabcde\r\n6\r\n", {}, limits).code, "body_too_large");
  EXPECT_EQ(parse(head + "ffffffffffffffff\r\n", {}, limits).code, "body_too_large");
}

TEST(RequestParser, BoundsWhatStandsBesideTheChunks) {
  std::string head = request("Transfer-Encoding: chunked\r\n");
  std::string long_extension = head + "1;" + std::string(40'000, 'x');
  std::string long_trailer = head + "0\r\nX: " + std::string(40'000, 'x');

  EXPECT_EQ(parse(long_extension, {1000}).code, "header_too_large");
  EXPECT_EQ(parse(long_trailer, {1000}).code, "header_too_large");

  std::string extensions = head;
  std::string one = "1;" + std::string(30'000, 'x') + "\r\na\r\n";
  for (std::size_t bytes = 0; bytes <= kChunkFramingBytesMax; bytes += 30'000) {
    extensions += one;
  }
  EXPECT_EQ(parse(extensions, {100'000}).code, "malformed_request");
}

TEST(RequestParser, KnowsContentCodingsAndExpectations) {
  auto head_of = [](const std::string& bytes) {
    RequestParser parser(Limits{});
    EXPECT_EQ(parser.parse_head(bytes), Step::Done);
    return parser.head();
  };
  auto coding = [&](const char* headers) { return head_of(request(headers)).coding; };
  auto expectation = [&](const char* headers) { return head_of(request(headers)).expectation; };

  EXPECT_EQ(coding(""), ContentCoding::Identity);
  EXPECT_EQ(coding("Content-Encoding: identity\r\n"), ContentCoding::Identity);
  EXPECT_EQ(coding("Content-Encoding: GZip\r\n"), ContentCoding::Gzip);
  EXPECT_EQ(coding("Content-Encoding: x-gzip\r\n"), ContentCoding::Gzip);
  EXPECT_EQ(coding("Content-Encoding: zstd\r\n"), ContentCoding::Zstd);
  EXPECT_EQ(coding("Content-Encoding: br\r\n"), ContentCoding::Unknown);
  EXPECT_EQ(coding("Content-Encoding: gzip, zstd\r\n"), ContentCoding::Unknown);
  EXPECT_EQ(coding("Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n"), ContentCoding::Unknown);
  EXPECT_EQ(expectation(""), Expectation::None);
  EXPECT_EQ(expectation("Expect: 100-Continue\r\n"), Expectation::Continue);
  EXPECT_EQ(expectation("Expect: 200-ok\r\n"), Expectation::Unknown);
}

TEST(RequestParser, StartsAfreshAfterReset) {
  RequestParser parser(Limits{});
  std::string first = request("X-Request-ID: 1\r\nContent-Encoding: br\r\n");
  std::string second = request("");
  ASSERT_EQ(parser.parse_head(first), Step::Done);

  parser.reset();

  ASSERT_EQ(parser.parse_head(second), Step::Done);
  EXPECT_EQ(parser.head().headers.size(), 1u);
  EXPECT_FALSE(parser.head().request_id);
  EXPECT_EQ(parser.head().coding, ContentCoding::Identity);
}

}  // namespace
}  // namespace piperoll::http
