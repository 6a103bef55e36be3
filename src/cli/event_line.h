#pragma once
// One event as a line for people who watch a terminal. Pure functions.

#include <string>
#include <string_view>

#include "base/result.h"

namespace piperoll::cli {

// "2026-01-02 03:04:05.678  failure  high      user.update  Zoë -> user 42  192.0.2.7  denied",
// from the JSON of an event as the native API shows it. With colours: the status in green, red or
// yellow, high and critical severity in bold. Control characters are shown as their escapes: what
// others wrote into an event commands no terminal. InvalidArgument when the text is no event.
base::Result<std::string> event_line(std::string_view event_json, bool colours);

// The events of a stream of server-sent events, fed as it comes. One thread at a time.
class EventStreamReader {
 public:
  struct Event {
    std::string name, id, data;  // name: "message" unless the stream says another
  };

  // The whole events that end in this piece.
  template <class Take>
  void feed(std::string_view piece, Take take) {
    pending_.append(piece);
    std::size_t begin = 0;
    for (std::size_t end = pending_.find('\n'); end != std::string::npos;
         end = pending_.find('\n', begin)) {
      if (read_line(std::string_view(pending_).substr(begin, end - begin))) {
        take(event_);
        event_.name = "message";
        event_.data.clear();
      }
      begin = end + 1;
    }
    pending_.erase(0, begin);
  }

 private:
  bool read_line(std::string_view line);  // whether an event is whole

  std::string pending_;
  Event event_{.name = "message", .id = "", .data = ""};
};

}  // namespace piperoll::cli
