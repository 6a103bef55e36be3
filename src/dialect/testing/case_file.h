#pragma once
// Recorded cases: what a client sends, how the surface reads it, what the service answers, what the
// client gets. One file holds several:
//
//   === title
//   --- request
//   GET /api/v2/audit?limit=1 HTTP/1.1
//   Authorization: Bearer key-1
//
//   <body>
//   --- call
//   <the decoded call, print_call.h; absent where the surface answers by itself>
//   --- reply
//   <what the service answers, service_reply.h; absent: the error of the call's operation>
//   --- response
//   200
//   Content-Type: application/json
//
//   <body>
//
// Lines before the first title are comment. The request is as HTTP/1.1 has it, so that it can be
// sent to a server too; "\r" at line ends is left out.

#include <string>
#include <string_view>
#include <vector>

#include "wire/message.h"

namespace piperoll::dialect::testing {

struct Case {
  std::string title;
  std::string request, call, reply, response;  // without the final line end
};

struct CaseFile {
  std::string comment;
  std::vector<Case> cases;
};

// Ends the test program with a message when the text is not of this form.
CaseFile parse_case_file(std::string_view text);
std::string print_case_file(const CaseFile& file);

// Views into text, which must outlive them.
wire::Request parse_request(std::string_view text);
// status, headers and body as in a case; a stream is read to its end.
std::string print_response(wire::Response&& response);

}  // namespace piperoll::dialect::testing
