#pragma once
// Signed notes (c2sp.org/signed-note): a text with signatures under it, and the keys they are made
// and checked with. Also cosignatures of witnesses (c2sp.org/tlog-cosignature, Ed25519). Values and
// pure functions.
//
//   <text ending in LF> LF ( U+2014 SP <key name> SP <base64> LF )+
//
// What is signed is the text with its last LF, without the empty line. base64 holds the key id, 4
// bytes, big-endian, then the signature.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/ed25519.h"

namespace piperoll::tlog {

inline constexpr std::size_t kNoteBytesMax = 1'000'000;  // as golang.org/x/mod
inline constexpr std::size_t kNoteSignaturesMax = 100;   // as golang.org/x/mod

struct NoteSignature {
  std::string name;          // of the key
  std::uint32_t key_id = 0;  // first 4 bytes of SHA-256(name || LF || type || public key)
  base::Bytes signature;     // what follows the key id; its form depends on the key's type
  bool operator==(const NoteSignature&) const = default;
};

struct Note {
  std::string text;  // ends in LF
  std::vector<NoteSignature> signatures;
  bool operator==(const Note&) const = default;
};

// InvalidArgument for anything that is not a note: no valid UTF-8, a control character other than
// LF, no signature or too many, a bad name or base64. TooLarge over kNoteBytesMax. The split is at
// the last empty line.
base::Result<Note> parse_note(std::string_view bytes);
// REQUIRES: note is one that parse_note accepts (then it gives the same note again)
std::string print_note(const Note& note);
// One line, with its LF: for adding to a note as it stands.
std::string print_signature(const NoteSignature& signature);
// Such lines alone, one or more: what a witness answers. InvalidArgument as above.
base::Result<std::vector<NoteSignature>> parse_signatures(std::string_view lines);

// Not empty, valid UTF-8, no Unicode space, no '+', no control character.
bool is_key_name(std::string_view name);

enum class KeyType : std::uint8_t {
  Ed25519 = 0x01,
  Cosignature = 0x04,  // Ed25519 with a time: 8 bytes, big-endian seconds, then 64 of signature
};

// A public key with its name, "vkey" for short: <name>+<8 hex digits>+<base64(type || key)>.
struct VerifierKey {
  std::string name;
  KeyType type = KeyType::Ed25519;
  crypto::Ed25519PublicKey public_key{};

  std::uint32_t key_id() const;
  std::string print() const;
  bool operator==(const VerifierKey&) const = default;
};
// InvalidArgument for anything else than what print() gives, an unknown type, or a wrong key id.
base::Result<VerifierKey> parse_verifier_key(std::string_view vkey);

// The keys that notes under this name may be signed with, in the order given.
std::vector<VerifierKey> verifier_keys(const std::string& name,
                                       std::span<const crypto::Ed25519PublicKey> keys);

// A private key with its name. Thread-safe, movable.
class NoteSigner {
 public:
  // InvalidArgument when name is no key name.
  static base::Result<NoteSigner> make(std::string name, crypto::Ed25519PrivateKey key,
                                       KeyType type = KeyType::Ed25519);
  // "PRIVATE+KEY+<name>+<8 hex digits>+<base64(0x01 || seed)>", as the Go tools write it.
  static base::Result<NoteSigner> parse(std::string_view secret);
  std::string print_secret() const;

  const VerifierKey& verifier_key() const { return verifier_key_; }
  const crypto::Ed25519PrivateKey& key() const { return key_; }
  // REQUIRES: type Ed25519; text ends in LF
  NoteSignature sign(std::string_view text) const;
  // REQUIRES: type Cosignature; text is that of a checkpoint and ends in LF
  NoteSignature cosign(std::string_view text, std::uint64_t unix_seconds) const;

 private:
  NoteSigner(VerifierKey verifier_key, crypto::Ed25519PrivateKey key);
  VerifierKey verifier_key_;
  crypto::Ed25519PrivateKey key_;
};

// One good signature of a note.
struct VerifiedSignature {
  std::size_t key = 0;                        // index in the keys given
  std::size_t signature = 0;                  // index in note.signatures
  std::optional<std::uint64_t> unix_seconds;  // of a cosignature
};

// The signatures by known keys, in the order of the note. Those whose name and key id are not both
// those of a key are ignored; a second one by the same key too. InvalidArgument with the code
// "signature_invalid" when a known key's signature is bad, "signature_missing" when none is known.
base::Result<std::vector<VerifiedSignature>> verify_note(const Note& note,
                                                         std::span<const VerifierKey> keys);

}  // namespace piperoll::tlog
