#include "server/log_keys.h"

#include <algorithm>

#include "base/base64url.h"
#include "crypto/random.h"
#include "server/small_files.h"

namespace piperoll::server {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::string_view kHeader = "piperoll-signing-key 1\nseed ";
constexpr std::string_view kKnownName = "log_keys";

Error damaged(const std::string& path, const std::string& what, const char* code = "damaged_key") {
  return {.kind = ErrorKind::Corruption, .message = path + " " + what, .code = code};
}

std::string path_of_key(const std::string& directory, const std::string& path) {
  return path.empty() ? directory + "/signing_key" : path;
}

base::ByteView view_of(const crypto::Ed25519PublicKey& key) {
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

Result<crypto::Ed25519PrivateKey> parse_private(const std::string& path, std::string_view text) {
  while (text.ends_with('\n')) {
    text.remove_suffix(1);
  }
  auto seed = text.starts_with(kHeader) ? base::hex_decode(text.substr(kHeader.size()))
                                        : Result<base::Bytes>(base::Bytes());
  if (!seed || seed->size() != crypto::kEd25519SeedBytes) {
    return damaged(path, "is no signing key, or is damaged");
  }
  RETURN_IF_ERROR(check_private_file(path));
  return crypto::Ed25519PrivateKey::from_seed(*seed);
}

Result<LogKey> parse_known(const std::string& path, std::string_view line) {
  const std::size_t space = line.find(' ');
  auto time = base::parse_rfc3339(line.substr(0, space));
  auto key = space == std::string_view::npos ? Result<base::Bytes>(base::Bytes())
                                             : base::base64_decode(line.substr(space + 1));
  LogKey known;
  if (!time || !key || key->size() != known.public_key.size()) {
    return damaged(path, "has a line that is no key: restore it from the backup");
  }
  known.since = *time;
  std::copy(key->begin(), key->end(), reinterpret_cast<char*>(known.public_key.data()));
  return known;
}

Result<void> write_known(const std::string& directory, const std::vector<LogKey>& keys) {
  std::string text;
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
    text += base::format_rfc3339(key->since) + " " + base::base64_encode(view_of(key->public_key)) +
            "\n";
  }
  return write_small_file(directory + "/" + std::string(kKnownName), text, 0644);
}

// Interrupted between the two files, a first key is found again as one that was brought along.
Result<LogKeys> make_key(const std::string& directory, const std::string& path,
                         const std::vector<LogKey>& before, base::Timestamp now) {
  const base::Bytes seed = crypto::random_bytes(crypto::kEd25519SeedBytes);
  ASSIGN_OR_RETURN(crypto::Ed25519PrivateKey key, crypto::Ed25519PrivateKey::from_seed(seed));
  std::vector<LogKey> known = {{now, key.public_key()}};
  known.insert(known.end(), before.begin(), before.end());
  RETURN_IF_ERROR(write_small_file(path_of_key(directory, path),
                                   std::string(kHeader) + base::hex_encode(seed) + "\n", 0600));
  RETURN_IF_ERROR(write_known(directory, known));
  return LogKeys{std::move(key), std::move(known)};
}

}  // namespace

Result<std::vector<LogKey>> read_known_keys(const std::string& directory) {
  const std::string path = directory + "/" + std::string(kKnownName);
  auto text = read_small_file(path);
  if (!text && text.error().kind == ErrorKind::NotFound) {
    return std::vector<LogKey>();
  }
  RETURN_IF_ERROR(text);
  std::vector<LogKey> keys;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    ASSIGN_OR_RETURN(LogKey key, parse_known(path, rest.substr(0, end)));
    keys.push_back(key);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  std::reverse(keys.begin(), keys.end());
  return keys;
}

Result<LogKeys> load_log_keys(const std::string& directory, const std::string& path,
                              base::Timestamp now) {
  ASSIGN_OR_RETURN(std::vector<LogKey> known, read_known_keys(directory));
  const std::string file = path_of_key(directory, path);
  auto text = read_small_file(file);
  if (!text && text.error().kind == ErrorKind::NotFound) {
    if (known.empty()) {
      return make_key(directory, path, {}, now);
    }
    return damaged(file,
                   "is missing, but checkpoints were signed with it: restore it from the backup, "
                   "name where it is with signing_key, or make a new one with: piperoll "
                   "signing-key rotate",
                   "signing_key_missing");
  }
  RETURN_IF_ERROR(text);
  ASSIGN_OR_RETURN(crypto::Ed25519PrivateKey key, parse_private(file, *text));
  if (known.empty()) {
    known.push_back({now, key.public_key()});  // one that was brought along
    RETURN_IF_ERROR(write_known(directory, known));
  }
  if (known.front().public_key != key.public_key()) {
    return damaged(file,
                   "is not the key that signed the newest checkpoints of this data: restore that, "
                   "or make a new one with: piperoll signing-key rotate",
                   "signing_key_unknown");
  }
  return LogKeys{std::move(key), std::move(known)};
}

Result<LogKeys> rotate_log_key(const std::string& directory, const std::string& path,
                               base::Timestamp now) {
  ASSIGN_OR_RETURN(std::vector<LogKey> known, read_known_keys(directory));
  return make_key(directory, path, known, now);
}

std::vector<crypto::Ed25519PublicKey> public_keys(const std::vector<LogKey>& keys) {
  std::vector<crypto::Ed25519PublicKey> out;
  out.reserve(keys.size());
  for (const LogKey& key : keys) {
    out.push_back(key.public_key);
  }
  return out;
}

}  // namespace piperoll::server
