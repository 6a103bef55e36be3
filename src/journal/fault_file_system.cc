#include "journal/fault_file_system.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/check.h"
#include "journal/segment_format.h"

namespace piperoll::journal {
namespace {

constexpr std::uint64_t kSectorBytes = 512;

base::Error fault_error(std::string code, const std::string& operation, const std::string& path) {
  return base::Error{.kind = base::ErrorKind::Unavailable,
                     .message = "injected fault in " + operation,
                     .code = std::move(code),
                     .detail = path};
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

struct FaultFileSystem::Node {
  std::string seen, durable;
  std::set<std::uint64_t> dirty;
  std::set<std::uint64_t> abandoned;  // a sync of them failed; later ones skip them

  void write(std::uint64_t offset, std::string_view bytes) {
    if (bytes.empty()) {
      return;
    }
    if (seen.size() < offset + bytes.size()) {
      seen.resize(offset + bytes.size());
    }
    seen.replace(offset, bytes.size(), bytes);
    for (std::uint64_t block = offset / kBlockBytes;
         block <= (offset + bytes.size() - 1) / kBlockBytes; ++block) {
      dirty.insert(block);
      abandoned.erase(block);
    }
  }

  void copy_to_durable(std::uint64_t begin, std::uint64_t end) {
    end = std::min<std::uint64_t>(end, seen.size());
    if (begin >= end) {
      return;
    }
    if (durable.size() < end) {
      durable.resize(end);
    }
    durable.replace(begin, end - begin, seen, begin, end - begin);
  }
  void persist(std::uint64_t block) {
    copy_to_durable(block * kBlockBytes, (block + 1) * kBlockBytes);
  }

  void sync(bool half, bool fails) {
    std::size_t index = 0;
    for (const std::uint64_t block : dirty) {
      const bool skipped = half && index++ % 2 == 1;
      if (skipped) {
        abandoned.insert(block);
      } else {
        persist(block);
      }
    }
    dirty.clear();
    if (!fails && durable.size() < seen.size()) {
      durable.resize(seen.size());
    }
  }

  void abandon() {
    abandoned.insert(dirty.begin(), dirty.end());
    dirty.clear();
  }

  void drop_abandoned() {
    for (const std::uint64_t block : abandoned) {
      const std::uint64_t begin = block * kBlockBytes;
      for (std::uint64_t at = begin; at < begin + kBlockBytes && at < seen.size(); ++at) {
        seen[at] = at < durable.size() ? durable[at] : '\0';
      }
    }
    abandoned.clear();
  }

  void cut_power(std::mt19937_64& rng, Tear tear) {
    std::set<std::uint64_t> unsure = dirty;
    unsure.insert(abandoned.begin(), abandoned.end());
    for (const std::uint64_t block : unsure) {
      const std::uint64_t fate = rng() % 3;
      if (fate == 0) {
        persist(block);
      } else if (fate == 1 && tear == Tear::Sectors) {
        for (std::uint64_t sector = 0; sector < kBlockBytes / kSectorBytes; ++sector) {
          if (rng() % 2 == 0) {
            const std::uint64_t begin = block * kBlockBytes + sector * kSectorBytes;
            copy_to_durable(begin, begin + kSectorBytes);
          }
        }
      }
    }
    dirty.clear();
    abandoned.clear();
    seen = durable;
  }
};

class FaultFile : public File {
 public:
  FaultFile(FaultFileSystem& files, std::string path, FaultFileSystem::NodePointer node,
            bool direct)
      : files_(files),
        path_(std::move(path)),
        node_(std::move(node)),
        direct_(direct),
        generation_(files.generation_) {}

  base::Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    const std::lock_guard lock(files_.mutex_);
    RETURN_IF_ERROR(check("write", offset, bytes.data(), bytes.size()));
    const auto verdict = files_.ask("write", path_);
    if (verdict.act) {
      const std::string_view part = verdict.half ? bytes.substr(0, bytes.size() / 2) : bytes;
      const std::uint64_t end = offset + part.size();
      const std::uint64_t growth = end > node_->seen.size() ? end - node_->seen.size() : 0;
      if (files_.used_bytes() + growth > files_.capacity_) {
        return fault_error("no_space", "write", path_);
      }
      RETURN_IF_ERROR(files_.refuse_change());
      node_->write(offset, part);
    }
    return files_.settle(verdict);
  }

  base::Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t count) override {
    const std::lock_guard lock(files_.mutex_);
    RETURN_IF_ERROR(check("read", offset, into, count));
    const auto verdict = files_.ask("read", path_);
    std::size_t got = 0;
    if (verdict.act && offset < node_->seen.size()) {
      got = node_->seen.copy(into, count, offset);
    }
    RETURN_IF_ERROR(files_.settle(verdict));
    return got;
  }

  base::Result<void> sync_data() override {
    const std::lock_guard lock(files_.mutex_);
    RETURN_IF_ERROR(check("sync", 0, nullptr, 0));
    const auto verdict = files_.ask("sync", path_);
    if (verdict.act) {
      node_->sync(verdict.half, verdict.error.has_value());
    } else if (!files_.cut_) {
      node_->abandon();
    }
    return files_.settle(verdict);
  }

  base::Result<std::uint64_t> size() override {
    const std::lock_guard lock(files_.mutex_);
    RETURN_IF_ERROR(check("size", 0, nullptr, 0));
    const auto verdict = files_.ask("size", path_);
    RETURN_IF_ERROR(files_.settle(verdict));
    return std::uint64_t{node_->seen.size()};
  }

  bool direct() const override { return direct_; }

 private:
  base::Result<void> check(const char* operation, std::uint64_t offset, const char* memory,
                           std::size_t count) const {
    if (generation_ != files_.generation_) {
      return fault_error("io_error", operation, path_ + " (closed by a restart)");
    }
    if (direct_ && (offset % kBlockBytes != 0 || count % kBlockBytes != 0 ||
                    reinterpret_cast<std::uintptr_t>(memory) % kBlockBytes != 0)) {
      return fault_error("direct_io_unsupported", operation, path_ + " (not aligned)");
    }
    return {};
  }

  FaultFileSystem& files_;
  const std::string path_;
  const FaultFileSystem::NodePointer node_;
  const bool direct_;
  const std::uint64_t generation_;
};

class FaultLock : public FileLock {
 public:
  FaultLock(FaultFileSystem& files, std::string path)
      : files_(files), path_(std::move(path)), generation_(files.generation_) {}
  ~FaultLock() override {
    const std::lock_guard lock(files_.mutex_);
    if (generation_ == files_.generation_) {
      files_.locked_.erase(path_);
    }
  }
  FaultLock(const FaultLock&) = delete;
  FaultLock& operator=(const FaultLock&) = delete;

 private:
  FaultFileSystem& files_;
  const std::string path_;
  const std::uint64_t generation_;
};

FaultFileSystem::Rule FaultFileSystem::nth_call(std::uint64_t n, Fault fault, Who who) {
  return [left = n, fault, who, self = std::this_thread::get_id(),
          done = false](const Call& call) mutable {
    if (done || (call.thread == self) != (who == Who::Caller)) {
      return Fault::None;
    }
    done = left == 0;
    --left;
    return done ? fault : Fault::None;
  };
}

FaultFileSystem::Rule FaultFileSystem::every(std::string operation, Fault fault,
                                             std::string in_path) {
  return [=](const Call& call) {
    const bool hit = call.operation == operation && call.path.find(in_path) != std::string::npos;
    return hit ? fault : Fault::None;
  };
}

void FaultFileSystem::set_rule(Rule rule) {
  const std::lock_guard lock(mutex_);
  rule_ = std::move(rule);
}

void FaultFileSystem::set_direct_io(bool supported) {
  const std::lock_guard lock(mutex_);
  direct_supported_ = supported;
}

void FaultFileSystem::set_capacity(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  capacity_ = bytes;
}

void FaultFileSystem::set_read_only(bool read_only) {
  const std::lock_guard lock(mutex_);
  read_only_ = read_only;
}

void FaultFileSystem::cut_power() {
  const std::lock_guard lock(mutex_);
  cut_ = true;
}

bool FaultFileSystem::is_cut() const {
  const std::lock_guard lock(mutex_);
  return cut_;
}

void FaultFileSystem::restart(std::mt19937_64& rng, Tear tear) {
  const std::lock_guard lock(mutex_);
  restart_process();
  std::set<std::string> lost;
  for (auto& [directory, durable] : directories_) {
    if (!durable && rng() % 2 == 0) {
      lost.insert(directory);
    }
    durable = true;
  }
  for (const NameChange& change : pending_names_) {
    if (rng() % 2 == 0) {
      apply(change, durable_names_);
    }
  }
  pending_names_.clear();
  for (const std::string& directory : lost) {
    directories_.erase(directory);
    std::erase_if(durable_names_,
                  [&](const auto& entry) { return parent_of(entry.first) == directory; });
  }
  names_ = durable_names_;
  std::set<Node*> done;
  for (const auto& [path, node] : names_) {
    if (done.insert(node.get()).second) {
      node->cut_power(rng, tear);
    }
  }
}

void FaultFileSystem::restart_process() {
  const std::lock_guard lock(mutex_);
  ++generation_;
  rule_ = nullptr;
  calls_.clear();
  locked_.clear();
  cut_ = false;
}

std::string FaultFileSystem::content(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  CHECK(names_.contains(path));
  return names_.at(path)->seen;
}

void FaultFileSystem::set_content(const std::string& path, const std::string& bytes) {
  const std::lock_guard lock(mutex_);
  auto node = std::make_shared<Node>();
  node->seen = bytes;
  node->durable = bytes;
  names_[path] = node;
  durable_names_[path] = node;
}

std::vector<std::string> FaultFileSystem::paths() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> paths;
  for (const auto& [path, node] : names_) {
    paths.push_back(path);
  }
  return paths;
}

std::vector<FaultFileSystem::Call> FaultFileSystem::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

void FaultFileSystem::forget_calls() {
  const std::lock_guard lock(mutex_);
  calls_.clear();
}

FaultFileSystem::Verdict FaultFileSystem::ask(const char* operation, const std::string& path) {
  const Call call{.operation = operation, .path = path, .thread = std::this_thread::get_id()};
  if (cut_) {
    return {.act = false, .error = fault_error("io_error", operation, path + " (no power)")};
  }
  calls_.push_back(call);
  const Fault fault = rule_ ? rule_(call) : Fault::None;
  const base::Error io_error = fault_error("io_error", operation, path);
  switch (fault) {
    case Fault::None:
      return {};
    case Fault::Fail:
      return {.act = false, .error = io_error};
    case Fault::FailAfterDoing:
      return {.error = io_error};
    case Fault::FailHalfDone:
      return {.half = true, .error = io_error};
    case Fault::NoSpace:
      return {.act = false, .error = fault_error("no_space", operation, path)};
    case Fault::CutBefore:
      cut_ = true;
      return {.act = false, .error = io_error};
    case Fault::CutAfter:
      return {.cut = true, .error = io_error};
  }
  return {};
}

base::Result<void> FaultFileSystem::settle(const Verdict& verdict) {
  cut_ = cut_ || verdict.cut;
  if (verdict.error) {
    return *verdict.error;
  }
  return {};
}

base::Result<void> FaultFileSystem::refuse_change() const {
  if (read_only_) {
    return fault_error("access_denied", "change", "read-only file system");
  }
  return {};
}

std::uint64_t FaultFileSystem::used_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& [path, node] : names_) {
    bytes += node->seen.size();
  }
  return bytes;
}

void FaultFileSystem::apply(const NameChange& change, Names& names) {
  if (change.from.empty()) {
    names[change.to] = change.node;
    return;
  }
  const auto found = names.find(change.from);
  if (found == names.end() || found->second != change.node) {
    return;  // what it depends on was dropped
  }
  const NodePointer node = found->second;
  names.erase(found);
  if (!change.to.empty()) {
    names[change.to] = node;
  }
}

base::Result<void> FaultFileSystem::change_names(const char* operation, NameChange change,
                                                 Names next) {
  const auto verdict = ask(operation, change.from.empty() ? change.to : change.from);
  if (verdict.act) {
    RETURN_IF_ERROR(refuse_change());
    names_ = std::move(next);
    pending_names_.push_back(std::move(change));
  }
  return settle(verdict);
}

base::Result<std::unique_ptr<File>> FaultFileSystem::open(const std::string& path, Mode mode) {
  const std::lock_guard lock(mutex_);
  const auto verdict = ask("open", path);
  RETURN_IF_ERROR(settle(verdict));
  const auto found = names_.find(path);
  if (found == names_.end()) {
    return base::Error{.kind = base::ErrorKind::NotFound, .message = "no such file: " + path};
  }
  RETURN_IF_ERROR(refuse_change());
  if (mode == Mode::ReadWriteDirect && !direct_supported_) {
    return fault_error("direct_io_unsupported", "open", path);
  }
  found->second->drop_abandoned();
  return std::unique_ptr<File>(
      std::make_unique<FaultFile>(*this, path, found->second, mode == Mode::ReadWriteDirect));
}

base::Result<std::unique_ptr<File>> FaultFileSystem::create(const std::string& path, Mode mode) {
  const std::lock_guard lock(mutex_);
  if (names_.contains(path)) {
    return base::Error{.kind = base::ErrorKind::Conflict, .message = "exists: " + path};
  }
  if (mode == Mode::ReadWriteDirect && !direct_supported_) {
    return fault_error("direct_io_unsupported", "create", path);
  }
  if (used_bytes() + kBlockBytes > capacity_) {
    return fault_error("no_space", "create", path);
  }
  const auto node = std::make_shared<Node>();
  Names next = names_;
  next[path] = node;
  RETURN_IF_ERROR(change_names("create", {.from = "", .to = path, .node = node}, std::move(next)));
  return std::unique_ptr<File>(
      std::make_unique<FaultFile>(*this, path, node, mode == Mode::ReadWriteDirect));
}

base::Result<std::vector<std::string>> FaultFileSystem::list(const std::string& directory) {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(settle(ask("list", directory)));
  if (!directories_.contains(directory)) {
    return base::Error{.kind = base::ErrorKind::NotFound, .message = "no such directory"};
  }
  std::vector<std::string> names;
  for (const auto& [path, node] : names_) {
    if (parent_of(path) == directory) {
      names.push_back(path.substr(directory.size() + 1));
    }
  }
  return names;
}

base::Result<void> FaultFileSystem::make_directory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto verdict = ask("make_directory", path);
  if (verdict.act && !directories_.contains(path)) {
    RETURN_IF_ERROR(refuse_change());
    directories_[path] = false;
  }
  return settle(verdict);
}

base::Result<void> FaultFileSystem::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  if (!names_.contains(from)) {
    return base::Error{.kind = base::ErrorKind::NotFound, .message = "no such file: " + from};
  }
  const NameChange change{.from = from, .to = to, .node = names_.at(from)};
  Names next = names_;
  apply(change, next);
  return change_names("rename", change, std::move(next));
}

base::Result<void> FaultFileSystem::remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (!names_.contains(path)) {
    return base::Error{.kind = base::ErrorKind::NotFound, .message = "no such file: " + path};
  }
  const NameChange change{.from = path, .to = "", .node = names_.at(path)};
  Names next = names_;
  apply(change, next);
  return change_names("remove", change, std::move(next));
}

base::Result<void> FaultFileSystem::sync_directory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto verdict = ask("sync_directory", path);
  if (verdict.act) {
    std::size_t index = 0;
    std::vector<NameChange> left;
    for (const NameChange& change : pending_names_) {
      const bool here = parent_of(change.to.empty() ? change.from : change.to) == path;
      if (here && !(verdict.half && index++ % 2 == 1)) {
        apply(change, durable_names_);
      } else {
        left.push_back(change);
      }
    }
    pending_names_ = std::move(left);
    for (auto& [directory, durable] : directories_) {
      durable = durable || parent_of(directory) == path;
    }
  }
  return settle(verdict);
}

base::Result<std::uint64_t> FaultFileSystem::free_bytes(const std::string& path) {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(settle(ask("free_bytes", path)));
  const std::uint64_t used = used_bytes();
  return used > capacity_ ? 0 : capacity_ - used;
}

base::Result<std::unique_ptr<FileLock>> FaultFileSystem::lock(const std::string& path) {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(settle(ask("lock", path)));
  if (!names_.contains(path)) {
    RETURN_IF_ERROR(refuse_change());
    names_[path] = std::make_shared<Node>();
    pending_names_.push_back({.from = "", .to = path, .node = names_[path]});
  }
  if (locked_.contains(path)) {
    return fault_error("locked", "lock", path);
  }
  locked_[path] = true;
  return std::unique_ptr<FileLock>(std::make_unique<FaultLock>(*this, path));
}

}  // namespace piperoll::journal
