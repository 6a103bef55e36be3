#include "dialect/testing/case_file.h"

#include <cstdio>
#include <cstdlib>
#include <optional>

namespace piperoll::dialect::testing {
namespace {

[[noreturn]] void refuse(std::string_view what, std::string_view line) {
  std::fprintf(stderr, "case file: %.*s: %.*s\n", static_cast<int>(what.size()), what.data(),
               static_cast<int>(line.size()), line.data());
  std::abort();
}

// The next line without its end; nothing when there is none.
std::optional<std::string_view> take_line(std::string_view& text) {
  if (text.empty()) {
    return std::nullopt;
  }
  std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::string* section_named(Case& in, std::string_view name) {
  if (name == "request") {
    return &in.request;
  }
  if (name == "call") {
    return &in.call;
  }
  if (name == "reply") {
    return &in.reply;
  }
  return name == "response" ? &in.response : nullptr;
}

void append_section(std::string& out, std::string_view name, const std::string& text) {
  if (!text.empty()) {
    out.append("--- ").append(name).append("\n").append(text).append("\n");
  }
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) {
    text.remove_prefix(1);
  }
  while (text.ends_with(' ')) {
    text.remove_suffix(1);
  }
  return text;
}

void drop_final_line_ends(std::string& text) {
  while (text.ends_with('\n')) {
    text.pop_back();
  }
}

}  // namespace

CaseFile parse_case_file(std::string_view text) {
  CaseFile file;
  std::string* section = &file.comment;
  while (auto line = take_line(text)) {
    if (line->starts_with("=== ")) {
      file.cases.emplace_back();
      file.cases.back().title = line->substr(4);
      section = nullptr;
    } else if (line->starts_with("--- ") && !file.cases.empty()) {
      section = section_named(file.cases.back(), line->substr(4));
      if (section == nullptr) {
        refuse("unknown section", *line);
      }
    } else if (section != nullptr) {
      section->append(*line).append("\n");
    } else {
      refuse("text outside a section", *line);
    }
  }
  drop_final_line_ends(file.comment);
  for (Case& each : file.cases) {
    for (std::string* part : {&each.request, &each.call, &each.reply, &each.response}) {
      drop_final_line_ends(*part);
    }
  }
  return file;
}

std::string print_case_file(const CaseFile& file) {
  std::string out = file.comment.empty() ? "" : file.comment + "\n";
  for (const Case& each : file.cases) {
    out.append(out.empty() ? "" : "\n").append("=== ").append(each.title).append("\n");
    append_section(out, "request", each.request);
    append_section(out, "call", each.call);
    append_section(out, "reply", each.reply);
    append_section(out, "response", each.response);
  }
  return out;
}

wire::Request parse_request(std::string_view text) {
  wire::Request request;
  std::string_view line = take_line(text).value_or("");
  std::size_t first = line.find(' '), last = line.rfind(' ');
  if (first == last || line.substr(last + 1) != "HTTP/1.1") {
    refuse("no request line", line);
  }
  request.method = line.substr(0, first);
  request.target = line.substr(first + 1, last - first - 1);
  while (auto header = take_line(text)) {
    if (header->empty()) {
      break;
    }
    std::size_t colon = header->find(':');
    if (colon == std::string_view::npos) {
      refuse("no header", *header);
    }
    request.headers.push_back({header->substr(0, colon), trimmed(header->substr(colon + 1))});
  }
  request.body = text;
  request.remote_address = "192.0.2.7";
  request.request_id = "req-1";
  return request;
}

std::string print_response(wire::Response&& response) {
  std::string out = std::to_string(response.status) + "\n";
  for (const auto& [name, value] : response.headers) {
    out.append(name).append(": ").append(value).append("\n");
  }
  out.append("\n").append(response.body);
  while (response.stream) {
    auto piece = response.stream->next();
    if (!piece) {
      out.append("\n<the stream broke: ").append(piece.error().message).append(">");
      break;
    }
    out.append(piece->bytes);
    if (piece->last) {
      break;
    }
  }
  drop_final_line_ends(out);
  return out;
}

}  // namespace piperoll::dialect::testing
