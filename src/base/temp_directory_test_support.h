#pragma once
// A directory of a test's own; it is gone with the object.

#include <filesystem>
#include <string>
#include <utility>

#include <stdlib.h>

#include "base/check.h"

namespace piperoll::base {

class TempDirectory {
 public:
  TempDirectory() : TempDirectory(std::filesystem::temp_directory_path()) {}
  explicit TempDirectory(const std::filesystem::path& parent) {
    std::string pattern = (parent / "piperoll_test_XXXXXX").string();
    CHECK(::mkdtemp(pattern.data()) != nullptr);
    path_ = std::move(pattern);
  }
  ~TempDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace piperoll::base
