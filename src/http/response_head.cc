#include "http/response_head.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace piperoll::http {
namespace {

constexpr std::string_view kOwnHeaders[] = {"Content-Length", "Transfer-Encoding", "Connection",
                                            "Date", "X-Request-ID"};

bool is_ours(std::string_view name) {
  return std::any_of(std::begin(kOwnHeaders), std::end(kOwnHeaders), [&](std::string_view own) {
    return own.size() == name.size() && wire::header_name_equal(own, name);
  });
}

bool is_token(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool is_control(char c) {
  auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

void append_number(std::string& out, std::size_t number, int base) {
  std::array<char, 24> digits{};
  auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  out.append(digits.data(), end);
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  std::size_t start = out.size();
  out.append(value);
  std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(start), out.end(), is_control, ' ');
  out.append("\r\n");
}

void append_status_line(std::string& out, int status) {
  if (status == 200) {
    out.append("HTTP/1.1 200 OK\r\n");
    return;
  }
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::size_t>(status), 10);
  out.append(" ").append(wire::reason_phrase(status)).append("\r\n");
}

}  // namespace

void append_response_head(std::string& out, const wire::Response& response,
                          const HeadFacts& facts) {
  append_status_line(out, response.status);
  for (const auto& [name, value] : response.headers) {
    if (is_token(name) && !is_ours(name)) {
      append_header(out, name, value);
    }
  }
  out.append("Date: ").append(facts.date).append("\r\n");
  if (facts.tls) {
    append_header(out, "Strict-Transport-Security", "max-age=31536000");
  }
  append_header(out, "X-Request-ID", facts.request_id);
  if (status_has_body(response.status)) {
    if (facts.framing == Framing::Length) {
      out.append("Content-Length: ");
      append_number(out, response.body.size(), 10);
      out.append("\r\n");
    } else if (facts.framing == Framing::Chunked) {
      out.append("Transfer-Encoding: chunked\r\n");
    }
  }
  if (!facts.keep_alive) {
    out.append("Connection: close\r\n");
  } else if (facts.version == 10) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
}

bool status_has_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

std::string http_date(std::int64_t unix_seconds) {
  constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::chrono::sys_seconds time{std::chrono::seconds(unix_seconds)};
  auto day = std::chrono::floor<std::chrono::days>(time);
  std::chrono::year_month_day date(day);
  std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                kDays.at(std::chrono::weekday(day).c_encoding()), unsigned(date.day()),
                kMonths.at(unsigned(date.month()) - 1), int(date.year()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

void append_chunk_size(std::string& out, std::size_t size) {
  append_number(out, size, 16);
  out.append("\r\n");
}

}  // namespace piperoll::http
