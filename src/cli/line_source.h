#pragma once
// Lines of a file: plain, gzip or zstd by its first bytes, or "-" for standard input. Flat memory;
// one thread at a time.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/compression.h"
#include "base/result.h"

namespace piperoll::cli {

class LineSource {
 public:
  // NotFound when it cannot be opened.
  static base::Result<std::unique_ptr<LineSource>> open(const std::string& path);
  ~LineSource();
  LineSource(const LineSource&) = delete;
  LineSource& operator=(const LineSource&) = delete;

  // The next line without its end, or nothing at the end of the file. Valid until the next call.
  // InvalidArgument for a line over 4 MiB (it is skipped as a whole) or a broken compressed file.
  base::Result<std::optional<std::string_view>> next();

  std::uint64_t line_number() const { return line_number_; }  // of the line returned last, from 1
  std::uint64_t bytes_read() const { return bytes_read_; }    // of the file, compressed
  std::uint64_t bytes_total() const { return bytes_total_; }  // 0 if not known

 private:
  LineSource(std::string path, int fd, std::uint64_t total);
  base::Result<bool> fill();  // false at the end
  base::Result<void> start_decompressor(std::string_view head);

  const std::string path_;
  const int fd_;
  const std::uint64_t bytes_total_;
  std::unique_ptr<base::StreamDecompressor> decompressor_;
  std::string buffer_;
  std::size_t at_ = 0;        // in buffer_, of the next line
  std::size_t searched_ = 0;  // no line end in buffer_[at_, searched_)
  bool begun_ = false, ended_ = false, skipping_ = false;
  std::uint64_t line_number_ = 0, bytes_read_ = 0;
};

}  // namespace piperoll::cli
