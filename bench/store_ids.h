#pragma once
// The cipher of the ids in the store of a data directory, for programs that open the store alone.

#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"
#include "server/data_directory.h"
#include "store/id_cipher.h"

namespace piperoll::bench {

// path: DATA_DIR/store. Errors of server::read_secrets().
inline base::Result<std::unique_ptr<store::IdCipher>> ids_of_store(const std::string& path) {
  const std::filesystem::path directory = (std::filesystem::path(path) / "").parent_path() / "..";
  ASSIGN_OR_RETURN(const server::Secrets secrets, server::read_secrets(directory.string()));
  return std::unique_ptr<store::IdCipher>(std::make_unique<store::FeistelIdCipher>(secrets.id_key));
}

}  // namespace piperoll::bench
