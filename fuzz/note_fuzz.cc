// Any bytes as a signed note, signature lines, keys and a checkpoint. What is read prints as the
// same bytes; nothing verifies that was not signed.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "tlog/checkpoint.h"
#include "tlog/note.h"

namespace {

using namespace piperoll::tlog;

const NoteSigner& signer() {
  static const NoteSigner kSigner = [] {
    auto key = piperoll::crypto::Ed25519PrivateKey::from_seed(std::string(32, 's'));
    return NoteSigner::make("example.org/audit", *std::move(key)).value();
  }();
  return kSigner;
}

void check_checkpoint(std::string_view text) {
  const auto checkpoint = parse_checkpoint(text);
  if (!checkpoint) {
    return;
  }
  CHECK(print_checkpoint(*checkpoint) == text);
  const std::string note = sign_checkpoint(*checkpoint, signer());
  const VerifierKey keys[] = {signer().verifier_key()};
  if (const auto opened = open_checkpoint(note, keys)) {
    CHECK(opened->checkpoint == *checkpoint);
    CHECK(checkpoint->origin == "example.org/audit");
  }
}

void check_keys(std::string_view text) {
  if (const auto key = parse_verifier_key(text)) {
    CHECK(key->print() == text);
    CHECK(is_key_name(key->name));
  }
  if (const auto key = NoteSigner::parse(text)) {
    CHECK(key->print_secret() == text);
  }
}

void check_note(std::string_view text) {
  const auto note = parse_note(text);
  if (!note) {
    return;
  }
  CHECK(print_note(*note) == text);
  std::vector<VerifierKey> keys = {signer().verifier_key()};
  if (const auto verified = verify_note(*note, keys)) {
    CHECK(note->signatures[verified->front().signature] == signer().sign(note->text));
  }
  check_checkpoint(note->text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_note(text);
  check_keys(text);
  check_checkpoint(text);
  if (const auto signatures = parse_signatures(text)) {
    std::string printed;
    for (const NoteSignature& signature : *signatures) {
      printed += print_signature(signature);
    }
    CHECK(printed == text);
  }
  return 0;
}
