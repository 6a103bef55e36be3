#include <cstdio>

#include "server/commands/commands.h"
#include "server/config.h"
#include "server/data_directory.h"
#include "server/witness_key.h"

namespace piperoll::server {
namespace {

using base::Result;

std::string path_in(const std::string& directory) {
  return path_of_witness_key(directory, process_environment()("PIPEROLL_WITNESS_KEY").value_or(""));
}

void print(const tlog::NoteSigner& signer) {
  std::printf("%s\n", signer.verifier_key().print().c_str());
}

}  // namespace

Result<void> witness_key_create(const std::string& directory, const std::string& name) {
  ASSIGN_OR_RETURN(const auto held, DataDirectory::open(directory));  // no server has it
  std::string named = name;
  if (named.empty()) {
    ASSIGN_OR_RETURN(const auto server_name, held->name_server("", false));
    named = server_name.value_or(std::string(kServerNameByDefault)) + "/witness";
  }
  ASSIGN_OR_RETURN(const tlog::NoteSigner signer, create_witness_key(path_in(directory), named));
  print(signer);
  return {};
}

Result<void> witness_key_vkey(const std::string& directory) {
  ASSIGN_OR_RETURN(const tlog::NoteSigner signer, load_witness_key(path_in(directory)));
  print(signer);
  return {};
}

}  // namespace piperoll::server
