// BloodHound's query: filters, sort, window and page. Whatever is sent is refused with a message or
// becomes a filter that means the same before and after it is normalised.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/unicode.h"
#include "dialect/bloodhound/decode.h"
#include "dialect/bloodhound/filter_grammar.h"
#include "event/event_encoding.h"
#include "event/record.h"
#include "query/match.h"

using namespace piperoll;

namespace {

constexpr base::Timestamp kNow{1'767'323'045'678'901};

// seq 9: the id is 10.
event::Record sample_record() {
  event::Event event = event::make_event("CreateUser");
  event.id = "e-1";
  event.actor.name = "Zo\xc3\xab";
  event.request.ip = "2001:db8::1";
  event.occurred_at = kNow;
  event::RecordHead head;
  head.seq = 9;
  head.recorded_at = kNow;
  base::Bytes bytes;
  event::append_record(bytes, head, event::encode_event(event::view_of(event)));
  auto record = event::Record::decode(bytes);
  CHECK(record.has_value());
  return *std::move(record);
}

void check_predicate(std::string_view value) {
  auto found = dialect::bloodhound::find_predicate(value);
  if (found) {
    CHECK(!found->predicate.empty() && !found->value.empty());
    CHECK(value.ends_with(found->value));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const event::Record record = sample_record();
  std::string_view text(reinterpret_cast<const char*>(data), size);
  wire::Parameters parameters = wire::parse_query_leniently(text);
  for (const auto& [name, value] : parameters) {
    check_predicate(value);
  }

  auto query = dialect::bloodhound::read_query(parameters, kNow);
  if (!query) {
    CHECK(query.error().kind == base::ErrorKind::InvalidArgument);
    CHECK(!query.error().message.empty() && base::is_valid_utf8(query.error().message));
    return 0;
  }
  CHECK(query->limit >= 0 && query->skip >= 0);
  CHECK(!query->find.page.sort.empty() && query->find.page.sort.size() <= 10);

  auto columns =
      dialect::bloodhound::build_filter(*dialect::bloodhound::read_column_filters(parameters));
  CHECK(columns.has_value());
  event::RecordView view = event::view_of(record);
  CHECK(query::match(*columns, view) == query::match(*query->find.count, view));
  CHECK(query::print(*query->find.count) == query::print(query::normalize(*columns)));
  return 0;
}
