#include "http/response_head.h"

#include <gtest/gtest.h>

namespace piperoll::http {
namespace {

std::string head(const wire::Response& response, HeadFacts facts) {
  facts.request_id = "id";
  facts.date = "D";
  std::string out;
  append_response_head(out, response, facts);
  return out;
}

TEST(ResponseHead, HasLengthDateAndRequestId) {
  EXPECT_EQ(head(wire::make_response(200, "text/plain", "abc"), {}),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: D\r\nX-Request-ID: id\r\n"
            "Content-Length: 3\r\n\r\n");
}

TEST(ResponseHead, SaysWhatBecomesOfTheConnection) {
  EXPECT_EQ(head({.status = 404}, {.keep_alive = false}),
            "HTTP/1.1 404 Not Found\r\nDate: D\r\nX-Request-ID: id\r\nContent-Length: 0\r\n"
            "Connection: close\r\n\r\n");
  EXPECT_EQ(head({.status = 404}, {.keep_alive = true, .version = 10}),
            "HTTP/1.1 404 Not Found\r\nDate: D\r\nX-Request-ID: id\r\nContent-Length: 0\r\n"
            "Connection: keep-alive\r\n\r\n");
}

TEST(ResponseHead, FramesStreams) {
  EXPECT_EQ(head({}, {.framing = Framing::Chunked}),
            "HTTP/1.1 200 OK\r\nDate: D\r\nX-Request-ID: id\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(head({}, {.framing = Framing::UntilClose, .keep_alive = false, .version = 10}),
            "HTTP/1.1 200 OK\r\nDate: D\r\nX-Request-ID: id\r\nConnection: close\r\n\r\n");
}

TEST(ResponseHead, HasNoLengthWhereThereIsNoBody) {
  for (int status : {204, 304}) {
    EXPECT_EQ(head({.status = status}, {}).find("Content-Length"), std::string::npos) << status;
  }
}

TEST(ResponseHead, KeepsTheFrontsOwnHeadersToItself) {
  wire::Response response;
  response.set("content-length", "99");
  response.set("Transfer-Encoding", "gzip");
  response.set("CONNECTION", "upgrade");
  response.set("X-Request-ID", "other");
  response.set("Date", "never");
  response.set("X-Kept", "yes");

  EXPECT_EQ(head(response, {}),
            "HTTP/1.1 200 OK\r\nX-Kept: yes\r\nDate: D\r\nX-Request-ID: id\r\n"
            "Content-Length: 0\r\n\r\n");
}

TEST(ResponseHead, LetsNoValueEndItsHeader) {
  wire::Response response;
  response.set("X-A", "1\r\nX-Evil: 2\n\x7f\ttab");
  response.set("X-B\r\nX-Evil", "3");
  response.set("", "4");

  EXPECT_EQ(head(response, {}),
            "HTTP/1.1 200 OK\r\nX-A: 1  X-Evil: 2  \ttab\r\nDate: D\r\nX-Request-ID: id\r\n"
            "Content-Length: 0\r\n\r\n");
}

TEST(HttpDate, IsTheFixedFormOfRfc9110) {
  EXPECT_EQ(http_date(784'111'777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(http_date(1'709'251'199), "Thu, 29 Feb 2024 23:59:59 GMT");
}

TEST(DateCache, ChangesWithTheSecond) {
  DateCache cache;

  EXPECT_EQ(cache.at(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(cache.at(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(cache.at(1), "Thu, 01 Jan 1970 00:00:01 GMT");
}

TEST(ChunkSize, IsHexadecimal) {
  std::string out;
  append_chunk_size(out, 0x1a2b);
  EXPECT_EQ(out, "1a2b\r\n");
}

}  // namespace
}  // namespace piperoll::http
