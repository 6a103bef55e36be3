#include "tlog/note.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/coding.h"
#include "base/unicode.h"
#include "crypto/sha256.h"

namespace piperoll::tlog {
namespace {

constexpr std::string_view kDash = "\xe2\x80\x94 ";  // U+2014, space
constexpr std::string_view kSecretPrefix = "PRIVATE+KEY+";
constexpr std::size_t kKeyIdBytes = 4;
constexpr std::size_t kKeyIdDigits = 8;
constexpr std::size_t kTimeBytes = 8;

base::Error malformed(std::string why) {
  return {.kind = base::ErrorKind::InvalidArgument, .message = std::move(why)};
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20;
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// REQUIRES: valid UTF-8
bool has_space(std::string_view text) {
  while (!text.empty()) {
    std::size_t length = 1;
    while (length < text.size() && is_continuation(text[length])) {
      ++length;
    }
    if (base::is_blank(text.substr(0, length))) {
      return true;
    }
    text.remove_prefix(length);
  }
  return false;
}

std::uint32_t key_id_of(std::string_view name, KeyType type, base::ByteView public_key) {
  std::string preimage(name);
  preimage.push_back('\n');
  preimage.push_back(static_cast<char>(type));
  preimage.append(public_key);
  const crypto::Sha256Digest digest = crypto::sha256(preimage);
  return base::load_be32(crypto::as_bytes(digest).data());
}

std::string hex_of(std::uint32_t key_id) {
  base::Bytes bytes;
  base::put_be32(bytes, key_id);
  return base::hex_encode(bytes);
}

base::ByteView view_of(const crypto::Ed25519PublicKey& key) {
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

std::string cosigned_message(std::string_view text, std::uint64_t unix_seconds) {
  return "cosignature/v1\ntime " + std::to_string(unix_seconds) + "\n" + std::string(text);
}

base::Result<NoteSignature> parse_signature(std::string_view line) {
  if (!line.starts_with(kDash)) {
    return malformed("a signature line must begin with an em dash and a space");
  }
  line.remove_prefix(kDash.size());
  const std::size_t space = line.find(' ');
  const std::string_view name = line.substr(0, space);
  if (space == std::string_view::npos || !is_key_name(name)) {
    return malformed("a signature line must name its key");
  }
  const auto bytes = base::base64_decode(line.substr(space + 1));
  if (!bytes || bytes->size() <= kKeyIdBytes) {
    return malformed("a signature line must end in base64 of key id and signature");
  }
  return NoteSignature{.name = std::string(name),
                       .key_id = base::load_be32(bytes->data()),
                       .signature = bytes->substr(kKeyIdBytes)};
}

// "<name>+<8 hex digits>+<base64>", taken apart.
struct KeyText {
  std::string name;
  std::string id;
  KeyType type = KeyType::Ed25519;
  std::array<std::uint8_t, crypto::kEd25519PublicKeyBytes> key{};  // public, or the seed
};

base::Result<KeyText> parse_key_text(std::string_view text) {
  const std::size_t first = text.find('+');
  const std::size_t second =
      first == std::string_view::npos ? first : text.find('+', first + 1);  // base64 has '+' too
  if (second == std::string_view::npos) {
    return malformed("a key must have the form name+id+base64");
  }
  const std::string_view name = text.substr(0, first);
  ASSIGN_OR_RETURN(const base::Bytes bytes, base::base64_decode(text.substr(second + 1)));
  KeyText parsed;
  if (!is_key_name(name) || second - first - 1 != kKeyIdDigits ||
      bytes.size() != 1 + parsed.key.size()) {
    return malformed("not a key of a known form");
  }
  parsed.name = std::string(name);
  parsed.id = std::string(text.substr(first + 1, kKeyIdDigits));
  parsed.type = static_cast<KeyType>(bytes[0]);
  if (parsed.type != KeyType::Ed25519 && parsed.type != KeyType::Cosignature) {
    return malformed("not a key of a known type");
  }
  std::copy(bytes.begin() + 1, bytes.end(), parsed.key.begin());
  return parsed;
}

}  // namespace

bool is_key_name(std::string_view name) {
  return !name.empty() && base::is_valid_utf8(name) && name.find('+') == std::string_view::npos &&
         std::none_of(name.begin(), name.end(), is_control) && !has_space(name);
}

base::Result<std::vector<NoteSignature>> parse_signatures(std::string_view lines) {
  if (lines.empty() || !lines.ends_with('\n')) {
    return malformed("signature lines must each end in a line feed");
  }
  std::vector<NoteSignature> signatures;
  while (!lines.empty()) {
    if (signatures.size() == kNoteSignaturesMax) {
      return malformed("a note may have " + std::to_string(kNoteSignaturesMax) + " signatures");
    }
    const std::size_t end = lines.find('\n');
    ASSIGN_OR_RETURN(NoteSignature signature, parse_signature(lines.substr(0, end)));
    signatures.push_back(std::move(signature));
    lines.remove_prefix(end + 1);
  }
  return signatures;
}

base::Result<Note> parse_note(std::string_view bytes) {
  if (bytes.size() > kNoteBytesMax) {
    return base::Error{.kind = base::ErrorKind::TooLarge,
                       .message = "a note may have " + std::to_string(kNoteBytesMax) + " bytes"};
  }
  const auto is_refused = [](char c) { return is_control(c) && c != '\n'; };
  if (!base::is_valid_utf8(bytes) || std::any_of(bytes.begin(), bytes.end(), is_refused)) {
    return malformed("a note must be UTF-8 without control characters");
  }
  const std::size_t split = bytes.rfind("\n\n");
  if (split == std::string_view::npos) {
    return malformed("a note must have an empty line before its signatures");
  }
  Note note{.text = std::string(bytes.substr(0, split + 1)), .signatures = {}};
  ASSIGN_OR_RETURN(note.signatures, parse_signatures(bytes.substr(split + 2)));
  return note;
}

std::string print_signature(const NoteSignature& signature) {
  base::Bytes bytes;
  base::put_be32(bytes, signature.key_id);
  bytes.append(signature.signature);
  std::string line(kDash);
  return line.append(signature.name).append(" ").append(base::base64_encode(bytes)).append("\n");
}

std::string print_note(const Note& note) {
  CHECK(note.text.ends_with('\n') && !note.signatures.empty());
  std::string bytes = note.text + "\n";
  for (const NoteSignature& signature : note.signatures) {
    bytes.append(print_signature(signature));
  }
  return bytes;
}

std::uint32_t VerifierKey::key_id() const {
  return key_id_of(name, type, view_of(public_key));
}

std::string VerifierKey::print() const {
  base::Bytes bytes(1, static_cast<char>(type));
  bytes.append(view_of(public_key));
  return name + "+" + hex_of(key_id()) + "+" + base::base64_encode(bytes);
}

base::Result<VerifierKey> parse_verifier_key(std::string_view vkey) {
  ASSIGN_OR_RETURN(const KeyText text, parse_key_text(vkey));
  VerifierKey key{.name = text.name, .type = text.type, .public_key = text.key};
  if (hex_of(key.key_id()) != text.id) {
    return malformed("the key id is not that of the key");
  }
  return key;
}

NoteSigner::NoteSigner(VerifierKey verifier_key, crypto::Ed25519PrivateKey key)
    : verifier_key_(std::move(verifier_key)), key_(std::move(key)) {}

std::vector<VerifierKey> verifier_keys(const std::string& name,
                                       std::span<const crypto::Ed25519PublicKey> keys) {
  std::vector<VerifierKey> verifiers;
  for (const crypto::Ed25519PublicKey& key : keys) {
    verifiers.push_back({.name = name, .type = KeyType::Ed25519, .public_key = key});
  }
  return verifiers;
}

base::Result<NoteSigner> NoteSigner::make(std::string name, crypto::Ed25519PrivateKey key,
                                          KeyType type) {
  if (!is_key_name(name)) {
    return malformed("the name of a key must have no spaces and no +");
  }
  VerifierKey verifier_key{.name = std::move(name), .type = type, .public_key = key.public_key()};
  return NoteSigner(std::move(verifier_key), std::move(key));
}

base::Result<NoteSigner> NoteSigner::parse(std::string_view secret) {
  if (!secret.starts_with(kSecretPrefix)) {
    return malformed("a private key must begin with PRIVATE+KEY+");
  }
  ASSIGN_OR_RETURN(const KeyText text, parse_key_text(secret.substr(kSecretPrefix.size())));
  ASSIGN_OR_RETURN(auto key, crypto::Ed25519PrivateKey::from_seed(view_of(text.key)));
  ASSIGN_OR_RETURN(NoteSigner signer, make(text.name, std::move(key), text.type));
  if (hex_of(signer.verifier_key().key_id()) != text.id) {
    return malformed("the key id is not that of the key");
  }
  return signer;
}

std::string NoteSigner::print_secret() const {
  base::Bytes bytes(1, static_cast<char>(verifier_key_.type));
  bytes.append(key_.seed());
  return std::string(kSecretPrefix) + verifier_key_.name + "+" + hex_of(verifier_key_.key_id()) +
         "+" + base::base64_encode(bytes);
}

NoteSignature NoteSigner::sign(std::string_view text) const {
  CHECK(verifier_key_.type == KeyType::Ed25519 && text.ends_with('\n'));
  const crypto::Ed25519Signature signature = key_.sign(text);
  return {.name = verifier_key_.name,
          .key_id = verifier_key_.key_id(),
          .signature = base::Bytes(crypto::as_bytes(signature))};
}

NoteSignature NoteSigner::cosign(std::string_view text, std::uint64_t unix_seconds) const {
  CHECK(verifier_key_.type == KeyType::Cosignature && text.ends_with('\n'));
  const crypto::Ed25519Signature signature = key_.sign(cosigned_message(text, unix_seconds));
  NoteSignature made{.name = verifier_key_.name, .key_id = verifier_key_.key_id(), .signature = {}};
  base::put_be64(made.signature, unix_seconds);
  made.signature.append(crypto::as_bytes(signature));
  return made;
}

namespace {

base::Result<VerifiedSignature> verify_signature(std::string_view text,
                                                 const NoteSignature& signature,
                                                 const VerifierKey& key) {
  VerifiedSignature verified;
  bool good = false;
  if (key.type == KeyType::Ed25519) {
    good = crypto::ed25519_verify(view_of(key.public_key), text, signature.signature);
  } else if (signature.signature.size() > kTimeBytes) {
    verified.unix_seconds = base::load_be64(signature.signature.data());
    good = crypto::ed25519_verify(view_of(key.public_key),
                                  cosigned_message(text, *verified.unix_seconds),
                                  base::ByteView(signature.signature).substr(kTimeBytes));
  }
  if (!good) {
    return base::Error{.kind = base::ErrorKind::InvalidArgument,
                       .message = "the signature of " + key.name + " is not good",
                       .code = "signature_invalid"};
  }
  return verified;
}

}  // namespace

base::Result<std::vector<VerifiedSignature>> verify_note(const Note& note,
                                                         std::span<const VerifierKey> keys) {
  std::vector<std::uint32_t> ids;
  for (const VerifierKey& key : keys) {
    ids.push_back(key.key_id());
  }
  std::vector<VerifiedSignature> verified;
  std::vector<bool> seen(keys.size());
  for (std::size_t at = 0; at < note.signatures.size(); ++at) {
    const NoteSignature& signature = note.signatures[at];
    for (std::size_t key = 0; key < keys.size(); ++key) {
      if (seen[key] || ids[key] != signature.key_id || keys[key].name != signature.name) {
        continue;
      }
      ASSIGN_OR_RETURN(VerifiedSignature one, verify_signature(note.text, signature, keys[key]));
      one.key = key;
      one.signature = at;
      verified.push_back(one);
      seen[key] = true;
      break;
    }
  }
  if (verified.empty()) {
    return base::Error{.kind = base::ErrorKind::InvalidArgument,
                       .message = "the note has no signature by a known key",
                       .code = "signature_missing"};
  }
  return verified;
}

}  // namespace piperoll::tlog
