#pragma once
// Offline verification of what was taken out of a server: exports and proofs.

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "evidence/verdict.h"
#include "tlog/note.h"
#include "tlog/policy.h"

namespace piperoll::cli {

// Verifier keys, one a line; blank lines and what begins with # are skipped. NotFound where there
// is no file; InvalidArgument naming the line that is no key, or when there is none.
base::Result<std::vector<tlog::VerifierKey>> read_verifier_keys(const std::string& path);

// A policy. NotFound where there is no file; InvalidArgument naming the file and the line.
base::Result<tlog::Policy> read_policy(const std::string& path);

// bytes of the file read, bytes in all (0: not known), leaves checked.
using VerifyProgress =
    std::function<void(std::uint64_t bytes, std::uint64_t total, std::uint64_t leaves)>;

// An NDJSON export (evidence/export_check.h), plain or compressed. NotFound where there is no file.
base::Result<evidence::Finding> verify_export(const std::string& path,
                                              std::vector<tlog::VerifierKey> keys,
                                              const VerifyProgress& progress);

// A proof (evidence/event_proof.h) in either form. Text that is none is Invalid, too; Missing where
// all of it holds but the quorum of the policy did not cosign.
base::Result<evidence::Finding> verify_proof(const std::string& path,
                                             const std::vector<tlog::VerifierKey>& keys,
                                             const tlog::Policy& policy = {});

// A whole file, "-" for standard input. TooLarge above most bytes.
base::Result<std::string> read_text_file(const std::string& path, std::size_t most);

}  // namespace piperoll::cli
