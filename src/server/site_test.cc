#include "server/site.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/compression.h"
#include "base/json.h"
#include "server/application.h"
#include "server/version.h"

namespace piperoll::server {
namespace {

using testing::HasSubstr;
using testing::Not;

wire::Request get(std::string_view path, std::vector<wire::HeaderView> headers = {}) {
  wire::Request request;
  request.method = "GET";
  request.target = path;
  request.headers = std::move(headers);
  return request;
}

std::string header(const wire::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (wire::header_name_equal(key, name)) {
      return value;
    }
  }
  return "";
}

std::string asset_path() {
  for (const SiteFile& file : site_files()) {
    if (file.immutable) {
      return std::string(file.path);
    }
  }
  return "";
}

// "GET /v1/events", of every operation that the description has.
std::set<std::string> described() {
  const std::string text = Site().answer(get("/openapi.json")).body;
  base::JsonParser parser;
  auto document = parser.parse(text);
  base::JsonValue paths;
  EXPECT_TRUE(document && document->find("paths", paths));
  std::set<std::string> operations;
  for (const base::JsonMember& path : paths.members()) {
    for (const base::JsonMember& method : path.value.members()) {
      if (method.name != "parameters") {
        std::string upper(method.name);
        std::transform(upper.begin(), upper.end(), upper.begin(),
                       [](char c) { return static_cast<char>(c - 'a' + 'A'); });
        operations.insert(upper + " " + std::string(path.name));
      }
    }
  }
  return operations;
}

TEST(Site, DescribesEveryRouteOfEverySurfaceAndNoOther) {
  std::set<std::string> routes;
  for (const dialect::Route& route : operational_routes()) {
    routes.insert(std::string(route.method) + " " + std::string(route.pattern));
  }
  for (const auto& dialect : all_dialects()) {
    for (const dialect::Route& route : dialect->routes()) {
      std::string path(route.pattern);
      if (path.ends_with("*}")) {
        path.erase(path.size() - 2, 1);  // OpenAPI has no word for "and what follows"
      }
      routes.insert(std::string(route.method) + " " + path);
    }
  }

  EXPECT_THAT(described(), testing::ContainerEq(routes));
}

TEST(Site, DescribesThisVersion) {
  EXPECT_THAT(Site().answer(get("/openapi.json")).body,
              HasSubstr("\"version\":\"" + std::string(kVersion) + "\""));
}

TEST(Site, AnswersPlainBytesUnlessGzipIsTaken) {
  const Site site;

  wire::Response plain = site.answer(get("/openapi.json"));
  wire::Response refused = site.answer(get("/openapi.json", {{"Accept-Encoding", "gzip;q=0, br"}}));
  wire::Response packed = site.answer(get("/openapi.json", {{"Accept-Encoding", "br, gzip"}}));

  EXPECT_EQ(header(plain, "Content-Encoding"), "");
  EXPECT_EQ(refused.body, plain.body);
  EXPECT_EQ(header(packed, "Content-Encoding"), "gzip");
  EXPECT_EQ(header(packed, "Vary"), "Accept-Encoding");
  EXPECT_EQ(*base::decompress(base::Compression::Gzip, packed.body, plain.body.size()), plain.body);
}

TEST(Site, SaysNotModifiedToWhomHasIt) {
  const Site site;
  const std::string tag = header(site.answer(get("/")), "ETag");

  wire::Response again = site.answer(get("/", {{"If-None-Match", "W/\"other\", " + tag}}));
  wire::Response strong = site.answer(get("/", {{"If-None-Match", tag.substr(2)}}));
  wire::Response other = site.answer(get("/", {{"If-None-Match", "W/\"other\""}}));

  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(header(again, "ETag"), tag);
  EXPECT_EQ(strong.status, 304);
  EXPECT_EQ(other.status, 200);
}

TEST(Site, ThePageIsAskedForAgainAndItsPartsAreKept) {
  const Site site;

  EXPECT_EQ(header(site.answer(get("/")), "Cache-Control"), "no-cache");
  if (!asset_path().empty()) {  // not in a build without the viewer
    EXPECT_THAT(header(site.answer(get(asset_path())), "Cache-Control"), HasSubstr("immutable"));
    EXPECT_THAT(site.answer(get("/")).body, HasSubstr("/assets/app-"));
  }
}

TEST(Site, AllowsNothingInlineAndNoFrame) {
  const Site site;
  const wire::Response page = site.answer(get("/"));
  const std::string policy = header(page, "Content-Security-Policy");

  EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
  EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  EXPECT_THAT(page.body, Not(HasSubstr("<style")));
  EXPECT_THAT(page.body, Not(HasSubstr("style=")));
}

TEST(Site, ThePageOfTheApiHasAPolicyOfItsOwnForDrawings) {
  const Site site;
  const wire::Response page = site.answer(get("/docs"));

  EXPECT_THAT(header(page, "Content-Type"), HasSubstr("text/html"));
  EXPECT_THAT(header(page, "Content-Security-Policy"), HasSubstr("img-src 'self' data:"));
  EXPECT_THAT(header(page, "Content-Security-Policy"), Not(HasSubstr("unsafe")));
  EXPECT_THAT(header(site.answer(get("/")), "Content-Security-Policy"), Not(HasSubstr("data:")));
}

TEST(Site, HasItsOwnFilesAlone) {
  const Site site;

  EXPECT_TRUE(site.has("/"));
  EXPECT_TRUE(site.has("/openapi.json"));
  EXPECT_FALSE(site.has(""));
  EXPECT_FALSE(site.has("/index.html"));
  EXPECT_FALSE(site.has("/docs.html"));
  EXPECT_FALSE(site.has("/assets/"));
  EXPECT_FALSE(site.has("/assets/../openapi.json"));
}

}  // namespace
}  // namespace piperoll::server
