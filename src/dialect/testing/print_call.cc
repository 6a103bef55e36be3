#include "dialect/testing/print_call.h"

#include "event/event_encoding.h"
#include "event/event_json.h"

namespace piperoll::dialect::testing {
namespace {

std::string print_error(const base::Error& error) {
  std::string out = std::string("error ") + base::to_string(error.kind);
  if (!error.code.empty()) {
    out += " " + error.code;
  }
  return out + ": " + error.message;
}

std::string print_event(base::ByteView encoded) {
  auto event = event::decode_event(encoded);
  return event ? event::canonical_json(*event) : print_error(event.error());
}

std::string print_limit(std::uint64_t limit) {
  return limit == query::kNoLimit ? "none" : std::to_string(limit);
}

struct Printer {
  std::string operator()(const operation::AppendEvents& append) const {
    std::string out = "append";
    out += append.atomic ? " atomic" : "";
    out += append.stamp_caller ? " stamp_caller" : "";
    out += append.want_records ? " want_records" : "";
    for (const auto& event : append.batch.events) {
      out += "\n  " +
             (event ? print_event(append.batch.bytes_of(*event)) : print_error(event.error()));
    }
    return out;
  }
  std::string operator()(const operation::FindEvents& find) const {
    std::string out = "find " + query::print(find.page.filter);
    out += "\n  sort " + query::print(find.page.sort);
    out += "\n  limit " + print_limit(find.page.limit);
    out += " offset " + std::to_string(find.page.offset);
    out += find.stream ? " stream" : "";
    out += find.want_cursors ? " want_cursors" : "";
    out += find.cursor ? " cursor " + *find.cursor : "";
    out += find.count ? "\n  count " + query::print(*find.count) : "";
    return out;
  }
  std::string operator()(const operation::GetEvent& get) const {
    const auto* id = std::get_if<std::string>(&get.id_or_seq);
    return "get " +
           (id != nullptr ? *id : "seq " + std::to_string(std::get<std::uint64_t>(get.id_or_seq)));
  }
  template <class Other>
  std::string operator()(const Other& other) const {
    return std::string(operation::name_of(other));
  }
};

std::string print_org(const operation::OrgReference& org) {
  switch (org.place) {
    case operation::OrgReference::Place::Credential:
      return "of the credential";
    case operation::OrgReference::Place::Query:
      return "query " + org.text;
    case operation::OrgReference::Place::Path:
      break;
  }
  return "path " + org.text;
}

std::string print_credential(const auth::Credential& credential) {
  if (credential.kind == auth::Credential::Kind::None) {
    return "none";
  }
  if (const auth::SignedRequest* request = credential.signed_request.get()) {
    return "signed by " + request->key_id.to_string() + " over " + request->method + " " +
           request->target + " " + request->date_hour + " " + std::to_string(request->body.size()) +
           " bytes";
  }
  if (const auth::PasswordLogin* login = credential.login.get()) {
    return "password " + login->password + " of " + login->email +
           (login->organisation.empty() ? "" : " in " + login->organisation);
  }
  if (const auth::SessionProof* session = credential.session.get()) {
    return "session " + session->id + (session->changes ? " that changes" : "") +
           (session->same_origin ? " from our page" : "") + " with token \"" +
           session->csrf_header + "\"";
  }
  return credential.secret +
         (credential.client_id.empty() ? "" : " of client " + credential.client_id);
}

}  // namespace

std::string print_call(const operation::Call& call) {
  std::string out = "credential ";
  out += print_credential(call.credential);
  out += "\norg " + print_org(call.org);
  out += "\nright " + std::string(auth::to_string(call.right)) + "\n";
  if (call.wait_micros_max) {
    out += "wait at most " + std::to_string(*call.wait_micros_max) + " us\n";
  }
  return out + (call.operation ? std::visit(Printer{}, *call.operation)
                               : print_error(call.operation.error()));
}

}  // namespace piperoll::dialect::testing
