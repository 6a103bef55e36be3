// piperoll_questions: what each class of question costs over a store that is there, without HTTP.
//
//   piperoll_questions --store DATA_DIR/store [--repeats 5] [--budget-seconds 20] [--only TEXT]
//                      [--explain]
//
// Opens the store for reading, takes its largest log, draws values from the log itself (the most
// frequent ones, the middle, the rarest) and asks every question of a class `repeats` times after
// once for warmth. One line a class: how many questions were asked (in a mixed order, until the
// budget is used up); their p50, p99 and greatest, by wall clock
// and by CPU of the asking thread, milliseconds; the question that was slowest. A question's time
// is the median of its repeats, so that what a neighbour on the machine does is not the question's.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <time.h>

#include "base/json.h"
#include "base/timestamp.h"
#include "query/query.h"
#include "store/event_store.h"
#include "store/rocksdb/rocksdb_store.h"
#include "store_ids.h"

namespace piperoll::bench {
namespace {

using event::Field;
using event::FieldRef;
using query::Filter;

constexpr std::uint64_t kPage = 50;
constexpr std::uint64_t kSkip = 100'000;
constexpr std::size_t kValuesListed = 20'000;

struct Arguments {
  std::string store;
  std::string only;
  std::size_t repeats = 5;
  double budget_seconds = 20;  // of CPU, for a class
  bool explain = false;
};

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "piperoll_questions: %s\n", why.c_str());
  std::exit(1);
}

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    auto value = [&]() -> std::string {
      return i + 1 < argc ? argv[++i] : (fail(name + " needs a value"), "");
    };
    if (name == "--store") {
      arguments.store = value();
    } else if (name == "--only") {
      arguments.only = value();
    } else if (name == "--repeats") {
      arguments.repeats = std::max<std::size_t>(1, std::stoul(value()));
    } else if (name == "--budget-seconds") {
      arguments.budget_seconds = std::stod(value());
    } else if (name == "--explain") {
      arguments.explain = true;
    } else {
      fail("unknown argument " + name);
    }
  }
  if (arguments.store.empty()) {
    fail("--store names the store of a data directory");
  }
  return arguments;
}

template <class T>
T must(base::Result<T> result) {
  if (!result) {
    fail(result.error().message + " " + result.error().detail);
  }
  return *std::move(result);
}

double now_ms(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

struct Question {
  std::string text;
  query::PageRequest plan;  // for explain
  std::function<void()> ask;
};

struct Value {
  FieldRef field;
  std::string text;
  std::uint64_t count = 0;
};

class Survey {
 public:
  Survey(store::EventStore& store, const event::LogId& log) : store_(store), log_(log) {
    for (const Field field :
         {Field::Action, Field::Source, Field::Category, Field::Severity, Field::Status,
          Field::ActorId, Field::ActorType, Field::ActorName, Field::TargetId, Field::TargetType,
          Field::TargetName, Field::RequestMethod, Field::RequestStatusCode, Field::RequestIp}) {
      const FieldRef reference{field, ""};
      const store::Facets facets = must(store.facets(log, query::all(), reference, kValuesListed));
      if (facets.values.size() > 1) {
        fields_.push_back(reference);
        values_.push_back(facets.values);
      }
    }
  }

  std::size_t field_count() const { return fields_.size(); }
  // So many from the top, the middle and the end of a field's values.
  std::vector<Value> draw(std::size_t field, std::size_t each) const {
    const std::vector<store::FacetValue>& all = values_[field];
    std::vector<std::size_t> ranks;
    for (std::size_t i = 0; i < each; ++i) {
      for (const std::size_t start : {std::size_t{0}, all.size() / 2, all.size() - 1}) {
        ranks.push_back(start == 0 ? std::min(i, all.size() - 1) : start - std::min(i, start));
      }
    }
    std::sort(ranks.begin(), ranks.end());
    ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
    std::vector<Value> values;
    values.reserve(ranks.size());
    for (const std::size_t rank : ranks) {
      values.push_back({fields_[field], all[rank].value, all[rank].count});
    }
    return values;
  }
  std::vector<Value> draw_all(std::size_t each) const {
    std::vector<Value> values;
    for (std::size_t field = 0; field < fields_.size(); ++field) {
      const std::vector<Value> drawn = draw(field, each);
      values.insert(values.end(), drawn.begin(), drawn.end());
    }
    return values;
  }
  std::vector<Filter> pairs(std::size_t each) const {
    std::vector<Filter> filters;
    for (std::size_t a = 0; a < fields_.size(); ++a) {
      for (std::size_t b = a + 1; b < fields_.size(); ++b) {
        for (const Value& left : draw(a, each)) {
          for (const Value& right : draw(b, each)) {
            filters.push_back(query::all_of(
                {query::equal(left.field, left.text), query::equal(right.field, right.text)}));
          }
        }
      }
    }
    return filters;
  }
  // The field with the most values that are listed, and parts of them.
  std::vector<Filter> substrings(std::size_t wanted) const {
    std::vector<Filter> filters;
    const auto most =
        std::max_element(values_.begin(), values_.end(),
                         [](const auto& a, const auto& b) { return a.size() < b.size(); });
    const FieldRef& field = fields_[static_cast<std::size_t>(most - values_.begin())];
    for (std::size_t i = 0; i < wanted; ++i) {
      const std::string& text = (*most)[i * most->size() / wanted].value;
      if (text.size() >= 4) {
        const std::size_t at = i * (text.size() - 4) / wanted;
        filters.push_back(query::contains(field, text.substr(at, 3 + i % 4)));
      }
    }
    return filters;
  }
  const std::vector<FieldRef>& fields() const { return fields_; }

 private:
  store::EventStore& store_;
  const event::LogId& log_;
  std::vector<FieldRef> fields_;
  std::vector<std::vector<store::FacetValue>> values_;
};

class Bench {
 public:
  Bench(store::EventStore& store, const event::LogId& log, const Arguments& arguments)
      : store_(store), log_(log), arguments_(arguments) {}

  void run(const std::string& name, std::vector<Question> questions) const {
    if (questions.empty() || name.find(arguments_.only) == std::string::npos) {
      return;
    }
    std::vector<double> wall;
    std::vector<double> cpu;
    std::shuffle(questions.begin(), questions.end(), std::mt19937_64(1));
    const double end = now_ms(CLOCK_THREAD_CPUTIME_ID) + arguments_.budget_seconds * 1e3;
    for (const Question& question : questions) {
      if (!cpu.empty() && now_ms(CLOCK_THREAD_CPUTIME_ID) > end) {
        break;
      }
      const auto [took, used] = time(question);
      wall.push_back(took);
      cpu.push_back(used);
    }
    const auto slowest =
        static_cast<std::size_t>(std::max_element(cpu.begin(), cpu.end()) - cpu.begin());
    std::printf("%-34s %5zu  %8.3f %8.3f %8.3f  %8.3f %8.3f %8.3f  %s\n", name.c_str(), cpu.size(),
                at(wall, 50), at(wall, 99), at(wall, 100), at(cpu, 50), at(cpu, 99), at(cpu, 100),
                questions[slowest].text.c_str());
    if (arguments_.explain) {
      std::printf("%s", store_.explain(log_, questions[slowest].plan).c_str());
    }
    std::fflush(stdout);
  }

  Question page(const query::PageRequest& request) const {
    std::string text = query::print(request.filter) + " " + query::print(request.sort);
    return {.text = std::move(text), .plan = request, .ask = [this, request] {
              must(store_.find(log_, request));
            }};
  }
  Question count(const Filter& filter) const {
    return {.text = query::print(filter), .plan = {.filter = filter}, .ask = [this, filter] {
              must(store_.count(log_, filter, std::nullopt));
            }};
  }
  Question facets(const Filter& filter, const FieldRef& field) const {
    return {.text = field.print() + " of " + query::print(filter),
            .plan = {.filter = filter},
            .ask = [this, filter, field] { must(store_.facets(log_, filter, field, 10)); }};
  }
  Question histogram(const Filter& filter, store::Interval interval) const {
    return {.text = query::print(filter),
            .plan = {.filter = filter},
            .ask = [this, filter, interval] { must(store_.histogram(log_, filter, interval)); }};
  }

 private:
  std::pair<double, double> time(const Question& question) const {
    std::vector<double> wall;
    std::vector<double> cpu;
    question.ask();
    for (std::size_t i = 0; i < arguments_.repeats; ++i) {
      const double wall_began = now_ms(CLOCK_MONOTONIC);
      const double cpu_began = now_ms(CLOCK_THREAD_CPUTIME_ID);
      question.ask();
      cpu.push_back(now_ms(CLOCK_THREAD_CPUTIME_ID) - cpu_began);
      wall.push_back(now_ms(CLOCK_MONOTONIC) - wall_began);
    }
    return {at(wall, 50), at(cpu, 50)};
  }
  static double at(std::vector<double> sorted, std::size_t percent) {
    std::sort(sorted.begin(), sorted.end());
    return sorted[std::min(sorted.size() - 1, sorted.size() * percent / 100)];
  }

  store::EventStore& store_;
  const event::LogId& log_;
  const Arguments& arguments_;
};

struct Span {
  std::int64_t first = 0, last = 0;  // occurred_at of the oldest and newest non-empty hour
};

Span span_of(store::EventStore& store, const event::LogId& log) {
  const std::vector<store::Bucket> hours =
      must(store.histogram(log, query::all(), store::Interval::Hour));
  return {hours.front().start.micros, hours.back().start.micros};
}

// Stretches of so many hours, spread over the log, that do not begin with an hour.
std::vector<Filter> ranges(const Span& span, std::int64_t hours, std::size_t wanted) {
  std::vector<Filter> filters;
  constexpr std::int64_t kHour = 3600 * base::kMicrosPerSecond;
  const std::int64_t room = std::max<std::int64_t>(1, span.last - span.first - hours * kHour);
  for (std::size_t i = 0; i < wanted; ++i) {
    const std::int64_t from =
        span.first + room / static_cast<std::int64_t>(wanted) * static_cast<std::int64_t>(i) +
        1'234'567;
    filters.push_back(query::range(Field::OccurredAt, from, from + hours * kHour));
  }
  return filters;
}

void ask_pages(const Bench& bench, const Survey& survey) {
  bench.run("newest 50", {bench.page({.filter = query::all()})});
  std::vector<Question> common;
  std::vector<Question> rare;
  std::vector<Question> skips;
  for (const Value& value : survey.draw_all(8)) {
    const query::PageRequest request{.filter = query::equal(value.field, value.text)};
    (value.count >= 10'000 ? common : rare).push_back(bench.page(request));
    if (value.count >= kSkip + kPage) {
      query::PageRequest skipping = request;
      skipping.offset = kSkip;
      skips.push_back(bench.page(skipping));
    }
  }
  bench.run("page, equality, common", common);
  bench.run("page, equality, rare", rare);
  std::vector<Question> absent;
  for (const FieldRef& field : survey.fields()) {
    absent.push_back(bench.page({.filter = query::equal(field, "nobody-of-that-name")}));
  }
  bench.run("page, equality, absent", absent);
  std::vector<Question> pairs;
  for (const Filter& filter : survey.pairs(2)) {
    pairs.push_back(bench.page({.filter = filter}));
  }
  bench.run("page, AND of two, every pair", pairs);
  bench.run("skip 100,000", {bench.page({.filter = query::all(), .offset = kSkip})});
  bench.run("skip 100,000, one value", skips);
}

void ask_counts(const Bench& bench, const Survey& survey) {
  std::vector<Question> counts;
  std::vector<Question> inverse;
  for (const Value& value : survey.draw_all(8)) {
    const Filter filter = query::equal(value.field, value.text);
    counts.push_back(bench.count(filter));
    inverse.push_back(bench.count(query::negate(filter)));
  }
  bench.run("count, all", {bench.count(query::all())});
  bench.run("count, one value", counts);
  bench.run("count, all but one value", inverse);
  std::vector<Question> pairs;
  for (const Filter& filter : survey.pairs(2)) {
    pairs.push_back(bench.count(filter));
  }
  bench.run("count, AND of two, every pair", pairs);
  std::vector<Question> pages;
  std::vector<Question> found;
  for (const Filter& filter : survey.substrings(40)) {
    pages.push_back(bench.page({.filter = filter}));
    found.push_back(bench.count(filter));
  }
  bench.run("substring, page", pages);
  bench.run("substring, count", found);
}

void ask_aggregates(const Bench& bench, const Survey& survey, const Span& span) {
  std::vector<Question> facets;
  std::vector<Question> filtered;
  std::vector<Question> ranged;
  std::vector<Question> sorts;
  std::vector<Question> histograms;
  const std::vector<Value> values = survey.draw_all(1);
  const std::vector<Filter> days = ranges(span, 24, 10);
  for (const FieldRef& field : survey.fields()) {
    facets.push_back(bench.facets(query::all(), field));
    for (const Value& value : values) {
      filtered.push_back(bench.facets(query::equal(value.field, value.text), field));
    }
    ranged.push_back(bench.facets(days.back(), field));
    for (const bool descending : {false, true}) {
      sorts.push_back(bench.page(
          {.filter = query::all(), .sort = {{.field = field.field, .descending = descending}}}));
    }
  }
  bench.run("facet", facets);
  bench.run("facet, one value", filtered);
  bench.run("facet, one day", ranged);
  histograms.reserve(values.size());
  for (const Value& value : values) {
    histograms.push_back(
        bench.histogram(query::equal(value.field, value.text), store::Interval::Day));
  }
  bench.run("histogram by day", {bench.histogram(query::all(), store::Interval::Day)});
  bench.run("histogram by hour", {bench.histogram(query::all(), store::Interval::Hour)});
  bench.run("histogram by day, one value", histograms);
  bench.run("sorted by a scalar", sorts);
  std::vector<Question> pages;
  std::vector<Question> counts;
  std::vector<Question> narrowed;
  std::vector<Question> narrowed_pages;
  for (const std::int64_t hours : {1, 24, 24 * 30}) {
    for (const Filter& range : ranges(span, hours, 10)) {
      pages.push_back(bench.page({.filter = range}));
      counts.push_back(bench.count(range));
      for (const Value& value : survey.draw(0, 2)) {
        narrowed.push_back(
            bench.count(query::all_of({range, query::equal(value.field, value.text)})));
      }
      for (const Value& value : values) {
        narrowed_pages.push_back(
            bench.page({.filter = query::all_of({range, query::equal(value.field, value.text)})}));
      }
    }
  }
  bench.run("page, range", pages);
  bench.run("page, one value in a range", narrowed_pages);
  bench.run("count, range", counts);
  bench.run("count, one value in a range", narrowed);
}

// Values at paths of the objects of a few records, spread over the log.
std::vector<Filter> path_filters(store::EventStore& store, const event::LogId& log) {
  constexpr std::uint64_t kSamples = 8;
  std::vector<Filter> filters;
  base::JsonParser parser;
  for (std::uint64_t i = 0; i < kSamples; ++i) {
    const event::Record record = must(store.get(log, store.size(log) * i / kSamples));
    const event::RecordView view = event::view_of(record);
    for (const Field root : {Field::Context, Field::Params, Field::Metadata}) {
      event::FieldScratch scratch;
      const auto object = event::text_of(view, root, scratch);
      if (!object.has_value()) {
        continue;
      }
      const base::JsonValue parsed = must(parser.parse(*object));
      for (const base::JsonMember& member : parsed.members()) {
        const FieldRef path{root, std::string(member.name)};
        event::FieldScratch room;
        const auto text = event::text_of(view, path, room);
        filters.push_back(query::equal(path, std::string(text.value_or(""))));
      }
    }
  }
  return filters;
}

void ask_paths(const Bench& bench, const std::vector<Filter>& filters) {
  std::vector<Question> pages;
  std::vector<Question> counts;
  for (const Filter& filter : filters) {
    pages.push_back(bench.page({.filter = filter}));
    counts.push_back(bench.count(filter));
  }
  bench.run("page, dynamic path", pages);
  bench.run("count, dynamic path", counts);
}

int run(const Arguments& arguments) {
  const std::unique_ptr<store::IdCipher> ids = must(ids_of_store(arguments.store));
  const std::unique_ptr<store::EventStore> store = must(
      store::rocks::open_rocksdb_store({.directory = arguments.store, .read_only = true}, *ids));
  const std::vector<event::LogId> logs = store->logs();
  if (logs.empty()) {
    fail("the store has no log");
  }
  const event::LogId log = *std::max_element(
      logs.begin(), logs.end(),
      [&](const auto& a, const auto& b) { return store->size(a) < store->size(b); });
  std::printf("%llu events; ms: wall p50, p99, greatest; CPU p50, p99, greatest; the slowest\n",
              static_cast<unsigned long long>(store->size(log)));
  const Survey survey(*store, log);
  const Bench bench(*store, log, arguments);
  ask_pages(bench, survey);
  ask_counts(bench, survey);
  ask_aggregates(bench, survey, span_of(*store, log));
  ask_paths(bench, path_filters(*store, log));
  std::printf("memory of the store: %.1f MiB\n",
              static_cast<double>(store->stats().memory_bytes) / (1 << 20));
  return 0;
}

}  // namespace
}  // namespace piperoll::bench

int main(int argc, char** argv) {
  return piperoll::bench::run(piperoll::bench::parse(argc, argv));
}
