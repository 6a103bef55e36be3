#pragma once
// RapidCheck generators of events, for the tests of this and other modules. What they make is valid
// (event_validate.h) and canonical. Vocabularies are small, so that values repeat; members are
// absent, empty, not ASCII, full of dots and quotes, at their limits.

#include <algorithm>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <rapidcheck.h>

#include "base/json.h"
#include "event/event.h"
#include "event/event_json.h"
#include "event/event_limits.h"
#include "event/record.h"

namespace piperoll::event {

// Printed by RapidCheck and GoogleTest when a test fails.
inline std::ostream& operator<<(std::ostream& out, const Event& event) {
  return out << canonical_json(view_of(event));
}
inline void showValue(const Event& event, std::ostream& out) {
  out << canonical_json(view_of(event));
}

namespace arbitrary {

// One of a few texts that are short, awkward, or differ only in case.
inline rc::Gen<std::string> word() {
  return rc::gen::elementOf(std::vector<std::string>{"a",
                                                     "b",
                                                     "alice",
                                                     "Alice",
                                                     "bob",
                                                     "user.login",
                                                     "user.logout",
                                                     "user",
                                                     "billing",
                                                     "10",
                                                     "9",
                                                     "zo\xc3\xab",
                                                     "ZO\xc3\x8b",
                                                     "\xe6\x9d\xb1\xe4\xba\xac",
                                                     "\xf0\x9f\x98\x80 smile",
                                                     "\xef\xbf\xbd",
                                                     "with space",
                                                     "quote\"d",
                                                     "back\\slash",
                                                     "line\nbreak",
                                                     "tab\tend",
                                                     "\x01\x1f\x7f",
                                                     "a.b",
                                                     "100%",
                                                     "x,y",
                                                     "{\"n\":1}",
                                                     "null",
                                                     ""});
}

inline rc::Gen<std::optional<std::string>> maybe_word() {
  return rc::gen::weightedOneOf<std::optional<std::string>>(
      {{2, rc::gen::just(std::optional<std::string>())},
       {3, rc::gen::map(word(), [](std::string text) { return std::optional(std::move(text)); })}});
}

template <class T>
rc::Gen<std::optional<T>> maybe_of(std::vector<T> values) {
  return rc::gen::weightedOneOf<std::optional<T>>(
      {{2, rc::gen::just(std::optional<T>())},
       {1, rc::gen::map(rc::gen::elementOf(std::move(values)),
                        [](T value) { return std::optional<T>(std::move(value)); })}});
}

inline rc::Gen<std::optional<std::string>> maybe_uuid() {
  return maybe_of<std::string>({"00000000-0000-0000-0000-000000000000",
                                "5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f",
                                "ffffffff-ffff-ffff-ffff-ffffffffffff"});
}

// Hours around two instants, the ends of the range, and equal ones.
inline rc::Gen<Timestamp> time() {
  return rc::gen::oneOf(
      rc::gen::elementOf(std::vector<Timestamp>{base::kTimestampMin, base::kTimestampMax,
                                                Timestamp{1'767'323'045'678'000}}),
      rc::gen::map(rc::gen::inRange<std::int64_t>(0, 200), [](std::int64_t n) {
        return Timestamp{1'767'225'600'000'000 + n * 900'000'001};
      }));
}

// Names of members; some hold dots, so that paths are ambiguous, some sort apart in UTF-16 and
// UTF-8.
inline rc::Gen<std::string> member_name() {
  return rc::gen::elementOf(std::vector<std::string>{"a", "b", "a.b", "a.b.c", "c", "plan", "", ".",
                                                     "n\"q", "\n", "\xc3\xa9", "\xf0\x9f\x98\x80",
                                                     "\xef\xbf\xbd"});
}

// Appends a canonical JSON value of at most levels levels.
inline void append_value(std::string& out, int levels) {
  int kind = *rc::gen::inRange(0, levels > 0 ? 9 : 6);
  if (kind <= 2) {
    base::append_canonical_string(out, *word());
  } else if (kind == 3) {
    base::append_canonical_number(
        out, *rc::gen::elementOf(
                 std::vector<double>{0, 1, -1, 10, 9, 0.5, -2.25, 1e21, 1e-7, 9007199254740991}));
  } else if (kind <= 5) {
    out += *rc::gen::elementOf(std::vector<std::string>{"null", "true", "false"});
  } else if (kind == 6) {
    out += '[';
    int count = *rc::gen::inRange(0, 4);
    for (int i = 0; i < count; ++i) {
      out += i > 0 ? "," : "";
      append_value(out, levels - 1);
    }
    out += ']';
  } else {
    auto names = *rc::gen::container<std::vector<std::string>>(member_name());
    std::sort(names.begin(), names.end(), base::utf16_less);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    names.resize(std::min<std::size_t>(names.size(), 6));
    out += '{';
    for (std::size_t i = 0; i < names.size(); ++i) {
      out += i > 0 ? "," : "";
      base::append_canonical_string(out, names[i]);
      out += ':';
      append_value(out, levels - 1);
    }
    out += '}';
  }
}

// A canonical JSON object, or "" for absence.
inline rc::Gen<std::string> object() {
  return rc::gen::exec([] {
    auto names = *rc::gen::container<std::vector<std::string>>(member_name());
    std::sort(names.begin(), names.end(), base::utf16_less);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    names.resize(std::min<std::size_t>(names.size(), 6));
    std::string out;
    for (const std::string& name : names) {
      out += out.empty() ? '{' : ',';
      base::append_canonical_string(out, name);
      out += ':';
      append_value(out, 3);
    }
    return out.empty() ? out : out + '}';
  });
}

}  // namespace arbitrary

// A valid event; its id is empty (to be made by a server) in a part of the cases.
inline rc::Gen<Event> arbitrary_event() {
  return rc::gen::exec([] {
    using arbitrary::maybe_of, arbitrary::maybe_uuid, arbitrary::maybe_word, arbitrary::object;
    Event event = make_event(*rc::gen::elementOf(
        std::vector<std::string>{"user.login", "user.logout", "user.update", "User.Login", "a",
                                 "\xe6\x9d\xb1\xe4\xba\xac", std::string(kActionMax, 'x')}));
    event.id = *rc::gen::elementOf(
        std::vector<std::string>{"", "e-1", "e-2", "01234567-89ab-7def-8123-456789abcdef",
                                 "a/b:c@d+e=f_g.h", std::string(kIdMax, 'i')});
    event.occurred_at = *rc::gen::oneOf(
        rc::gen::just(std::optional<Timestamp>()),
        rc::gen::map(arbitrary::time(), [](Timestamp at) { return std::optional(at); }));
    event.source = *maybe_word();
    event.category =
        *rc::gen::elementOf(std::vector<std::string>{"general", "general", "iam", "", "General"});
    event.summary = *maybe_word();
    event.severity = static_cast<Severity>(*rc::gen::inRange(0, 5));
    event.status = static_cast<Status>(*rc::gen::inRange(0, 3));
    event.error = *maybe_word();
    event.commit_id = *maybe_uuid();
    event.version = *rc::gen::elementOf(std::vector<std::string>{"1", "1", "2", "", "v\xc3\xa9"});
    event.actor = {*maybe_word(), *maybe_word(), *maybe_word(), *maybe_word()};
    event.target = {*maybe_word(), *maybe_word(), *maybe_word()};
    event.application = {*maybe_uuid(), *maybe_of<std::string>({"shop", "shop_2"})};
    event.cluster_id = *maybe_uuid();
    event.request.id = *maybe_word();
    event.request.ip =
        *maybe_of<std::string>({"192.0.2.7", "198.51.100.9", "2001:db8::1", "::ffff:192.0.2.1"});
    event.request.method = *maybe_of<std::string>({"GET", "POST", "get", ""});
    event.request.path = *maybe_of<std::string>({"/", "/v1/users/42", "/caf\xc3\xa9?q=1"});
    event.request.status_code = *maybe_of<std::uint16_t>({100, 200, 404, 599});
    event.request.user_agent = *maybe_word();
    event.context = *object();
    event.params = *object();
    event.metadata = *object();
    return event;
  });
}

}  // namespace piperoll::event
