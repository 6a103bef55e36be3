// Any bytes as what proofs are made of: manifest, leaf, disclosure, proof of an event in both
// forms, SD-JWT, export. What is read prints as it stood; nothing is valid under a key that signed
// nothing.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "evidence/event_proof.h"
#include "evidence/export_check.h"
#include "evidence/manifest.h"
#include "evidence/sd_jwt.h"

namespace {

using namespace piperoll;
using namespace piperoll::evidence;

const tlog::VerifierKey& unused_key() {
  static const tlog::VerifierKey kKey = [] {
    auto key = crypto::Ed25519PrivateKey::from_seed(std::string(32, 'u'));
    return tlog::NoteSigner::make("audit.example/5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f",
                                  *std::move(key))
        .value()
        .verifier_key();
  }();
  return kKey;
}

void check_texts(std::string_view text) {
  std::string printed;
  if (const auto manifest = parse_manifest(text)) {
    append_manifest(printed, *manifest);
    CHECK(printed == text);
  }
  if (const auto leaf = parse_leaf(text)) {
    append_leaf(printed, *leaf);
    CHECK(printed == text);
  }
  if (const auto disclosure = parse_disclosure(text)) {
    CHECK(print_disclosure(disclosure->salt, disclosure->slot, disclosure->value) == text);
  }
}

void check_proof(std::string_view text) {
  const auto proof = read_event_proof(text);
  if (!proof) {
    return;
  }
  const auto again = read_event_proof(print_event_proof(*proof));
  CHECK(again && *again == *proof);
  CHECK(check_event_proof(*proof, {&unused_key(), 1}).verdict == Verdict::Invalid);
}

void check_export(std::string_view text) {
  auto checking = ExportCheck::make({unused_key()}).value();
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    checking.add_line(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  const Finding finding = checking.finish();
  CHECK(finding.verdict != Verdict::Valid);
  CHECK(!print_finding(finding).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_texts(text);
  check_proof(text);
  CHECK(!open_sd_jwt(text, unused_key()));
  check_export(text);
  return 0;
}
