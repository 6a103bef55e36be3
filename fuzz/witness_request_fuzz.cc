// Any bytes as a request to a witness, and as the size in its answer. What is read prints as the
// same bytes; nothing is cosigned that no trusted key signed.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "tlog/witness_request.h"

using namespace piperoll::tlog;

namespace {

const NoteSigner& signer() {
  static const NoteSigner kSigner = [] {
    auto key = piperoll::crypto::Ed25519PrivateKey::from_seed(std::string(32, 's'));
    return NoteSigner::make("example.org/audit", *std::move(key)).value();
  }();
  return kSigner;
}

// With the log's signature in place of whatever was there, so that the checks behind it are
// reached.
void check_signed(WitnessRequest request) {
  const VerifierKey keys[] = {signer().verifier_key()};
  const Checkpoint checkpoint = parse_checkpoint(parse_note(request.note)->text).value();
  request.note = sign_checkpoint(checkpoint, signer());
  const auto checked = check_witness_request(request, keys, {});
  if (checked) {
    CHECK(request.old_size == 0 && request.consistency.empty());
    CHECK(checked->checkpoint == checkpoint);
    CHECK(checkpoint.size > 0 || checkpoint.root == empty_root());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto request = parse_witness_request(text)) {
    CHECK(print_witness_request(*request) == text);
    CHECK(!check_witness_request(*request, {}, {}));
    check_signed(*request);
  }
  if (const auto number = parse_size_line(text)) {
    CHECK(std::to_string(*number) + "\n" == text);
  }
  return 0;
}
