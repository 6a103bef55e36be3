#include "dialect/native/pages.h"

#include "base/json.h"
#include "event/event_json.h"
#include "query/aggregate.h"

namespace piperoll::dialect::native {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using operation::Operation;

operation::Consistency take_consistency(ParameterReader& parameters) {
  return parameters.take_word("consistency", {"latest", "applied"}) == 1
             ? operation::Consistency::Applied
             : operation::Consistency::Latest;
}

bool take_explain(ParameterReader& parameters) {
  return parameters.take_word("explain", {"false", "true"}) == 1;
}

// A line each, so that people can read them in the answer.
void write_explanation(base::JsonWriter& json, const std::optional<std::string>& explanation) {
  if (!explanation) {
    return;
  }
  std::string_view text = *explanation;
  json.key("explain").begin_array();
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    json.string(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  json.end_array();
}

}  // namespace

Result<Operation> read_find(ParameterReader& parameters, event::LogKind log) {
  operation::FindEvents find;
  find.log = log;
  find.page.limit = parameters.take_number("limit", kPageLimitDefault, 1, kPageLimitMax);
  find.page.offset =
      parameters.take_number("offset", 0, 0, std::numeric_limits<std::int64_t>::max());
  find.page.sort = parameters.take_sort();
  find.cursor = parameters.take("cursor");
  const bool count = parameters.take_word("count", {"none", "exact"}) == 1;
  find.explain = take_explain(parameters);
  find.consistency = take_consistency(parameters);
  find.page.filter = parameters.take_filter();
  find.want_cursors = true;
  if (count) {
    find.count = find.page.filter;
  }
  RETURN_IF_ERROR(parameters.finish());
  return Operation(std::move(find));
}

Result<Operation> read_facets(ParameterReader& parameters) {
  operation::FacetEvents facets;
  const std::string name = parameters.take("field").value_or("");
  if (auto field = event::parse_field_ref(name);
      field && event::type_of(field->field) != event::FieldType::Time) {
    facets.field = *std::move(field);
  } else {
    parameters.fault("field", name.empty()
                                  ? "is required: a field of the event, for example action"
                                  : "cannot be counted by value: name a text or number field");
  }
  facets.limit = parameters.take_number("limit", kFacetLimitDefault, 1, kFacetLimitMax);
  facets.explain = take_explain(parameters);
  facets.consistency = take_consistency(parameters);
  facets.filter = parameters.take_filter();
  RETURN_IF_ERROR(parameters.finish());
  return Operation(std::move(facets));
}

Result<Operation> read_histogram(ParameterReader& parameters) {
  constexpr query::Interval kIntervals[] = {query::Interval::Day, query::Interval::Hour,
                                            query::Interval::Month};
  operation::HistogramEvents histogram;
  histogram.interval = kIntervals[parameters.take_word("interval", {"day", "hour", "month"})];
  histogram.explain = take_explain(parameters);
  histogram.consistency = take_consistency(parameters);
  histogram.filter = parameters.take_filter();
  RETURN_IF_ERROR(parameters.finish());
  return Operation(std::move(histogram));
}

wire::Response encode_found(const operation::Found& found, const base::Uuid& org) {
  std::string body;
  body.reserve(128 + found.records.size() * 512);
  base::JsonWriter json(body);
  json.begin_object();
  json.key("events").begin_array();
  std::string record_text;
  for (const event::Record& record : found.records) {
    record_text.clear();
    event::write_record(record_text, event::view_of(record), org);
    json.raw(record_text);
  }
  json.end_array();
  json.key("next_cursor");
  if (found.next_cursor) {
    json.string(*found.next_cursor);
  } else {
    json.null();
  }
  if (found.count) {
    json.key("count").unsigned_integer(*found.count);
  }
  json.key("tree_size").unsigned_integer(found.tree_size);
  write_explanation(json, found.explanation);
  json.end_object();
  return wire::make_response(200, "application/json", std::move(body));
}

wire::Response encode_got(const operation::Got& got, const base::Uuid& org) {
  std::string body;
  event::write_record(body, event::view_of(got.record), org);
  return wire::make_response(200, "application/json", std::move(body));
}

wire::Response encode_facets(const operation::Faceted& faceted) {
  std::string body;
  base::JsonWriter json(body);
  json.begin_object();
  json.member("field", faceted.field.print());
  json.key("values").begin_array();
  for (const query::FacetValue& value : faceted.facets.values) {
    json.begin_object();
    json.member("value", value.value);
    json.key("count").unsigned_integer(value.count);
    json.end_object();
  }
  json.end_array();
  json.key("other").unsigned_integer(faceted.facets.other);
  json.key("missing").unsigned_integer(faceted.facets.missing);
  write_explanation(json, faceted.explanation);
  json.end_object();
  return wire::make_response(200, "application/json", std::move(body));
}

wire::Response encode_histogram(const operation::Histogrammed& histogrammed) {
  std::string body;
  base::JsonWriter json(body);
  json.begin_object();
  json.member("interval", name_of(histogrammed.interval));
  json.key("buckets").begin_array();
  for (const query::Bucket& bucket : histogrammed.buckets) {
    json.begin_object();
    json.member("start", base::format_rfc3339_trimmed(bucket.start));
    json.key("count").unsigned_integer(bucket.count);
    json.end_object();
  }
  json.end_array();
  write_explanation(json, histogrammed.explanation);
  json.end_object();
  return wire::make_response(200, "application/json", std::move(body));
}

}  // namespace piperoll::dialect::native
