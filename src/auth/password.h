#pragma once
// Passwords of people: the rules for new ones, and what is kept of them. Pure but for the salt;
// hashing costs some 25 ms and 19 MiB, so it has threads of its own (service/password_check.h).
//
// Kept as the PHC text "$argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag>": costs may rise later, each
// password says its own.

#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/argon2id.h"

namespace piperoll::auth {

// standards: 19 MiB, two passes, one lane at least (OWASP's first choice).
inline constexpr crypto::Argon2Cost kPasswordCost{.memory_kib = 19'456, .passes = 2, .lanes = 1};
inline constexpr std::size_t kPasswordLengthMin = 12;   // code points
inline constexpr std::size_t kPasswordLengthMax = 256;  // bounds what a login makes us hash
inline constexpr std::size_t kPasswordBytesMax = 4 * kPasswordLengthMax;

// InvalidArgument with the reason, never with the password: length, valid UTF-8, and at least five
// different characters.
base::Result<void> check_new_password(std::string_view password);

// ResourceExhausted: no memory.
base::Result<std::string> hash_password(std::string_view password,
                                        const crypto::Argon2Cost& cost = kPasswordCost);

// False for texts that are no such hash, too. Time depends on the hash's cost alone.
bool password_matches(std::string_view password, std::string_view hash);

// A hash of today's cost that no password matches: what a login of nobody is compared with, so that
// it takes as long as one of somebody.
std::string decoy_hash();

}  // namespace piperoll::auth
