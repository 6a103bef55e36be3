#pragma once
// The key that this server cosigns other logs with: one line in a file of mode 0600,
// "PRIVATE+KEY+<name>+<key id>+<base64(0x04 || seed)>". Apart from the key of our own logs: who has
// that one must not be able to vouch for himself.

#include <string>

#include "base/result.h"
#include "tlog/note.h"

namespace piperoll::server {

// "DIR/witness_key" unless a path is configured.
std::string path_of_witness_key(const std::string& directory, const std::string& path);

// NotFound where there is none; Corruption for one that is damaged (code "damaged_key") or that
// others may read ("key_exposed").
base::Result<tlog::NoteSigner> load_witness_key(const std::string& path);

// InvalidArgument when name is no key name; Conflict (code "key_exists") where there is a file.
base::Result<tlog::NoteSigner> create_witness_key(const std::string& path, const std::string& name);

}  // namespace piperoll::server
