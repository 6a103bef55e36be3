#include "auth/password.h"

#include <charconv>
#include <optional>
#include <set>
#include <vector>

#include "base/bytes.h"
#include "base/unicode.h"
#include "crypto/constant_time.h"
#include "crypto/random.h"

namespace piperoll::auth {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using crypto::Argon2Cost;

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kTagBytes = 32;
constexpr std::size_t kDifferentMin = 5;
// Of a hash that somebody else made: so that no damaged one takes the machine.
constexpr std::uint32_t kMemoryKibMax = 1U << 20;
constexpr std::uint32_t kPassesMax = 64;
constexpr std::uint32_t kLanesMax = 16;

struct Parsed {
  Argon2Cost cost;
  base::Bytes salt, tag;
};

// PHC strings write base64 without padding.
std::string encode(base::ByteView bytes) {
  std::string text = base::base64_encode(bytes);
  while (text.ends_with('=')) {
    text.pop_back();
  }
  return text;
}

Result<base::Bytes> decode(std::string_view text) {
  std::string padded(text);
  while (padded.size() % 4 != 0) {
    padded.push_back('=');
  }
  return base::base64_decode(padded);
}

std::string text_of(const Argon2Cost& cost, base::ByteView salt, base::ByteView tag) {
  return "$argon2id$v=19$m=" + std::to_string(cost.memory_kib) +
         ",t=" + std::to_string(cost.passes) + ",p=" + std::to_string(cost.lanes) + "$" +
         encode(salt) + "$" + encode(tag);
}

// Takes "m=123" or ",t=2" off the front.
bool take_number(std::string_view& text, std::string_view name, std::uint32_t most,
                 std::uint32_t& into) {
  if (!text.starts_with(name)) {
    return false;
  }
  text.remove_prefix(name.size());
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return error == std::errc() && into >= 1 && into <= most;
}

std::optional<Parsed> parse(std::string_view text) {
  constexpr std::string_view kHead = "$argon2id$v=19$";
  if (!text.starts_with(kHead)) {
    return std::nullopt;
  }
  text.remove_prefix(kHead.size());
  Parsed parsed;
  if (!take_number(text, "m=", kMemoryKibMax, parsed.cost.memory_kib) ||
      !take_number(text, ",t=", kPassesMax, parsed.cost.passes) ||
      !take_number(text, ",p=", kLanesMax, parsed.cost.lanes) || !text.starts_with('$')) {
    return std::nullopt;
  }
  text.remove_prefix(1);
  const std::size_t dollar = text.find('$');
  if (dollar == std::string_view::npos) {
    return std::nullopt;
  }
  auto salt = decode(text.substr(0, dollar));
  auto tag = decode(text.substr(dollar + 1));
  if (!salt || !tag || tag->size() != kTagBytes) {
    return std::nullopt;
  }
  parsed.salt = *std::move(salt);
  parsed.tag = *std::move(tag);
  return parsed;
}

Error bad_password(std::string why) {
  return {.kind = ErrorKind::InvalidArgument, .message = std::move(why), .code = "bad_password"};
}

}  // namespace

Result<void> check_new_password(std::string_view password) {
  if (password.size() > kPasswordBytesMax || !base::is_valid_utf8(password)) {
    return bad_password("must be UTF-8 text of 12 to 256 characters");
  }
  const std::size_t length = base::code_point_count(password);
  if (length < kPasswordLengthMin || length > kPasswordLengthMax) {
    return bad_password("must have 12 to 256 characters");
  }
  if (std::set<char>(password.begin(), password.end()).size() < kDifferentMin) {
    return bad_password("must have at least five different characters");
  }
  return {};
}

Result<std::string> hash_password(std::string_view password, const Argon2Cost& cost) {
  const base::Bytes salt = crypto::random_bytes(kSaltBytes);
  ASSIGN_OR_RETURN(base::Bytes tag, crypto::argon2id(password, salt, cost, kTagBytes));
  return text_of(cost, salt, tag);
}

bool password_matches(std::string_view password, std::string_view hash) {
  auto parsed = parse(hash);
  if (!parsed || password.size() > kPasswordBytesMax) {
    return false;
  }
  auto tag = crypto::argon2id(password, parsed->salt, parsed->cost, kTagBytes);
  return tag && crypto::equal_constant_time(*tag, parsed->tag);
}

std::string decoy_hash() {
  return text_of(kPasswordCost, crypto::random_bytes(kSaltBytes), crypto::random_bytes(kTagBytes));
}

}  // namespace piperoll::auth
