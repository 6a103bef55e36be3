#pragma once
// A file system in memory for tests of crashes and faults. It keeps apart what a process sees and
// what the disk has: bytes count as durable block by block (4096) after sync_data, names after
// sync_directory. A power cut keeps or drops every change that was not synced, each on its own, and
// may tear a block. Thread-safe.

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "journal/file_system.h"

namespace piperoll::journal {

class FaultFileSystem : public FileSystem {
 public:
  // What happens to one call. Data and names of a failed call may survive a power cut or not,
  // except where the fault says so.
  enum class Fault {
    None,
    Fail,            // an error, nothing done
    FailAfterDoing,  // done in full, durably where it is a sync, and yet an error
    FailHalfDone,    // a write stops half way, a sync persists about half; an error
    NoSpace,         // as Fail, with code "no_space"
    CutBefore,       // the power fails before the call
    CutAfter,        // the power fails when the call has done its work, before it returns
  };

  struct Call {
    std::string operation;  // "write", "read", "sync", "size", "open", "create", "list",
                            // "make_directory", "rename", "remove", "sync_directory", "free_bytes",
                            // "lock"
    std::string path;
    std::thread::id thread;
  };
  // Asked before every call, one call at a time; must not call the file system.
  using Rule = std::function<Fault(const Call&)>;
  void set_rule(Rule rule);

  // A rule: calls of this thread (or of all others) are counted from 0, call n gets the fault.
  enum class Who { Caller, Others };
  static Rule nth_call(std::uint64_t n, Fault fault, Who who);
  // A rule: every call of one operation whose path contains a text.
  static Rule every(std::string operation, Fault fault, std::string in_path = {});

  void set_direct_io(bool supported);
  // Space is taken by files as they grow; refused creations and growth are "no_space".
  void set_capacity(std::uint64_t bytes);
  void set_read_only(bool read_only);  // changes fail with "access_denied"
  // Every call fails until restart().
  void cut_power();
  bool is_cut() const;

  enum class Tear { WholeBlocks, Sectors };  // whether a block may be torn (at 512 bytes)
  // What the disk has after a power cut: every unsynced change is kept or dropped by a coin of rng.
  // Open files and locks are gone. Rules are dropped.
  void restart(std::mt19937_64& rng, Tear tear);
  // The process ended, the power did not: everything written is there.
  void restart_process();

  // Past the interface, for tests that look or do damage. REQUIRES: the file exists.
  std::string content(const std::string& path) const;
  void set_content(const std::string& path, const std::string& bytes);  // durable at once
  std::vector<std::string> paths() const;
  std::vector<Call> calls() const;  // since the last restart or forget_calls()
  void forget_calls();

  base::Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) override;
  base::Result<std::unique_ptr<File>> create(const std::string& path, Mode mode) override;
  base::Result<std::vector<std::string>> list(const std::string& directory) override;
  base::Result<void> make_directory(const std::string& path) override;
  base::Result<void> rename(const std::string& from, const std::string& to) override;
  base::Result<void> remove(const std::string& path) override;
  base::Result<void> sync_directory(const std::string& path) override;
  base::Result<std::uint64_t> free_bytes(const std::string& path) override;
  base::Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;

 private:
  friend class FaultFile;
  friend class FaultLock;
  struct Node;
  using NodePointer = std::shared_ptr<Node>;
  using Names = std::map<std::string, NodePointer>;
  struct NameChange {
    std::string from, to;  // from empty: creation of to; to empty: removal of from
    NodePointer node;
  };
  struct Verdict {
    bool act = true;    // do the work
    bool half = false;  // only a part of it
    bool cut = false;   // the power fails afterwards
    std::optional<base::Error> error;
  };

  Verdict ask(const char* operation, const std::string& path);
  base::Result<void> settle(const Verdict& verdict);
  base::Result<void> change_names(const char* operation, NameChange change, Names next);
  base::Result<void> refuse_change() const;
  std::uint64_t used_bytes() const;
  static void apply(const NameChange& change, Names& names);

  mutable std::recursive_mutex mutex_;
  Rule rule_;
  std::vector<Call> calls_;
  Names names_, durable_names_;
  std::vector<NameChange> pending_names_;
  std::map<std::string, bool> directories_;
  std::map<std::string, bool> locked_;
  std::uint64_t generation_ = 0;  // of open files and locks: older ones are dead
  std::uint64_t capacity_ = 1ULL << 40;
  bool direct_supported_ = true, read_only_ = false, cut_ = false;
};

}  // namespace piperoll::journal
