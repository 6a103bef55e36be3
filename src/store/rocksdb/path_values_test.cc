#include "store/rocksdb/path_values.h"

#include <algorithm>
#include <array>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "base/json.h"
#include "event/canonical_scan.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {
namespace {

using Hashes = std::vector<std::uint32_t>;

std::string canonical(const std::string& json) {
  base::JsonParser parser;
  std::string text;
  base::append_canonical(text, parser.parse(json).value());
  return text;
}

event::EventView with_context(std::string_view context) {
  event::EventView event;
  event.context = context;
  return event;
}

query::Filter at_path(std::string path, std::vector<std::string> texts) {
  return query::in({event::Field::Context, std::move(path)}, std::move(texts));
}

bool is_without(base::ByteView parts, std::uint32_t hash, std::uint16_t low) {
  SeqSet without;
  EXPECT_TRUE(find_without(parts, Hashes{hash}, 0, without).has_value());
  return without.contains(low);
}

TEST(PathValues, AreThoseAtTheEndsOfPaths) {
  const std::string object =
      canonical(R"({"a":{"b":"x","c.d":7},"l":[1,{"m":2}],"n":null,"s":"q\"\n","t":true})");
  Hashes hashes;
  append_path_values(object, hashes);
  Hashes expected = {path_value_hash("a.b", "x"), path_value_hash("a.c.d", "7"),
                     path_value_hash("n", "null"), path_value_hash("s", "q\"\n"),
                     path_value_hash("t", "true")};
  EXPECT_EQ(hashes, expected);
}

TEST(PathValues, OfNothingAreNone) {
  Hashes hashes;
  append_path_values("", hashes);
  EXPECT_TRUE(hashes.empty());
}

TEST(PathValues, AreKnownOfFiltersOnScalars) {
  EXPECT_EQ(path_value_hashes(at_path("a.b", {"x", "y"})),
            (Hashes{path_value_hash("b", "x"), path_value_hash("b", "y")}));
  EXPECT_TRUE(path_value_hashes(at_path("a.b", {"x", "[1]"})).empty());
  EXPECT_TRUE(path_value_hashes(at_path("a.b", {"{\"c\":1}"})).empty());
  EXPECT_TRUE(path_value_hashes(query::prefix({event::Field::Context, "a"}, "x")).empty());
  EXPECT_TRUE(path_value_hashes(query::equal({event::Field::Action, {}}, "x")).empty());
}

// Objects whose names hold dots and whose values are of every kind, some of them odd.
class RandomObject {
 public:
  explicit RandomObject(std::mt19937_64& random) : random_(random) {}

  std::string make(int levels) {
    std::string json = "{";
    std::vector<std::string> names;
    for (std::uint64_t i = random_() % 5; i > 0; --i) {
      names.push_back(some_name());
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    for (const std::string& name : names) {
      json += (json.size() > 1 ? ",\"" : "\"") + name + "\":" + some_value(levels);
    }
    return json + "}";
  }
  std::string some_path() {
    std::string path = some_name();
    for (std::uint64_t i = random_() % 3; i > 0; --i) {
      path += "." + some_name();
    }
    return path;
  }

 private:
  std::string some_name() {
    constexpr std::array<std::string_view, 7> kNames = {"a", "b", "a.b", "c", "b.c", "", "."};
    return std::string(kNames[random_() % kNames.size()]);
  }
  std::string some_value(int levels) {
    constexpr std::array<std::string_view, 9> kValues = {
        "\"\"", "\"x\"", "1", "-2.5", "true", "null", "[]", "[{\"a\":1}]", R"("\"\\\n")"};
    return levels > 0 && random_() % 2 == 0 ? make(levels - 1)
                                            : std::string(kValues[random_() % kValues.size()]);
  }
  std::mt19937_64& random_;
};

TEST(PathValues, HoldWhateverAPathFinds) {
  std::mt19937_64 random(41);
  RandomObject objects(random);
  int found_scalars = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::string object = canonical(objects.make(3));
    Hashes hashes;
    append_path_values(object, hashes);
    const std::string path = objects.some_path();
    const auto found = event::find_path(object, path);
    std::string room;
    if (!found.has_value() || found->starts_with('{') || found->starts_with('[')) {
      continue;
    }
    ++found_scalars;
    const std::uint32_t hash = path_value_hash(path, event::value_text(*found, room));
    ASSERT_TRUE(std::find(hashes.begin(), hashes.end(), hash) != hashes.end())
        << path << " in " << object;
  }
  EXPECT_GT(found_scalars, 500);
}

TEST(PathValuesPart, MissesNothingAndHardlySeemsToHaveMore) {
  std::vector<std::string> contexts;
  PathValuesPart part;
  for (std::uint32_t i = 0; i < kSegmentSeqs; ++i) {
    contexts.push_back(R"({"region":"eu","session":"s)" + std::to_string(i) + "\"}");
    part.add(with_context(contexts.back()));
  }
  base::Bytes parts;
  part.append_to(parts, 0);
  EXPECT_LT(parts.size(), 2 * kSegmentSeqs);

  int seem_there = 0;
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    const bool without = is_without(parts, path_value_hash("session", "s" + std::to_string(i)), 0);
    if (i < kSegmentSeqs) {
      ASSERT_FALSE(without) << i;
    } else {
      seem_there += without ? 0 : 1;
    }
  }
  EXPECT_LT(seem_there, 60) << "one in a thousand is meant";
  EXPECT_FALSE(is_without(parts, path_value_hash("region", "eu"), 0));
}

TEST(PathValuesPart, SpeaksOfItsOwnRecords) {
  base::Bytes parts;
  PathValuesPart part;
  for (const auto& [first, context] :
       {std::pair(0U, R"({"a":1})"), std::pair(1U, R"({"a":2})"), std::pair(5U, "")}) {
    part.clear();
    part.add(with_context(context));
    part.append_to(parts, first);
  }
  SeqSet without;
  ASSERT_TRUE(find_without(parts, Hashes{path_value_hash("a", "2")}, 100, without).has_value());
  EXPECT_EQ(without.list(), (std::vector<std::uint16_t>{100, 105}));
  without = {};
  const Hashes both = {path_value_hash("a", "2"), path_value_hash("a", "1")};
  ASSERT_TRUE(find_without(parts, both, 100, without).has_value());
  EXPECT_EQ(without.list(), std::vector<std::uint16_t>{105});
}

TEST(PathValuesPart, IsFullWithTooManyValues) {
  PathValuesPart part;
  for (std::size_t i = 0; i < kPathValuesMax / 16; ++i) {
    std::string context = "{";
    for (std::size_t j = 10; j < 60; ++j) {
      context += "\"m" + std::to_string(j) + "\":\"" + std::to_string(i) + "\",";
    }
    context.back() = '}';
    part.add(with_context(context));
  }
  EXPECT_TRUE(part.is_full());
  EXPECT_LE(part.memory_bytes(), 8 * kPathValuesMax * sizeof(std::uint32_t));
  part.clear();
  EXPECT_FALSE(part.is_full());
  // The same values again and again are few.
  for (std::size_t i = 0; i < 4 * kPathValuesMax; ++i) {
    part.add(with_context(R"({"a":1})"));
  }
  EXPECT_FALSE(part.is_full());
}

TEST(PathValuesPart, TakesNoHarmFromAnyBytes) {
  std::mt19937_64 random(42);
  const Hashes hashes = {1, 2, 3};
  for (int round = 0; round < 20'000; ++round) {
    base::Bytes bytes(random() % 40, '\0');
    for (char& byte : bytes) {
      byte = static_cast<char>(random() % 5 == 0 ? random() : random() % 8);
    }
    SeqSet without;
    (void)find_without(bytes, hashes, 0, without).has_value();
  }
  base::Bytes parts;
  PathValuesPart part;
  part.add(with_context(R"({"a":1})"));
  part.append_to(parts, 3);
  for (std::size_t size = 1; size < parts.size(); ++size) {
    SeqSet without;
    EXPECT_FALSE(
        find_without(base::ByteView(parts).substr(0, size), hashes, 0, without).has_value());
  }
}

}  // namespace
}  // namespace piperoll::store::rocks
