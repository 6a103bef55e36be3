#include "evidence/verdict.h"

#include "base/json.h"

namespace piperoll::evidence {

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::Valid:
      return "valid";
    case Verdict::Invalid:
      return "invalid";
    case Verdict::Gap:
      return "gap";
    case Verdict::Missing:
      return "missing";
    case Verdict::Truncated:
      return "truncated";
    case Verdict::Forked:
      return "forked";
  }
  return "invalid";
}

std::string print_finding(const Finding& finding) {
  std::string text;
  base::JsonWriter json(text);
  json.begin_object().member("verdict", to_string(finding.verdict)).member("log", finding.log);
  json.key("checked").unsigned_integer(finding.checked).key("first_bad");
  if (finding.first_bad) {
    json.unsigned_integer(*finding.first_bad);
  } else {
    json.null();
  }
  json.member("detail", finding.detail).end_object();
  return text;
}

}  // namespace piperoll::evidence
