#pragma once
// What files that must survive a crash are written with. errno tells why something failed; an
// interrupted call is made again.

#include <string>
#include <string_view>

namespace piperoll::base {

// All of bytes, in as many calls as it takes.
bool write_all(int fd, std::string_view bytes);

// Makes it durable that path, a file, was made, renamed or removed.
bool sync_parent_directory(const std::string& path);

}  // namespace piperoll::base
