#pragma once
// LogWriter: everything that applying records to one log changes. Applying thread only.

#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"
#include "event/record.h"
#include "store/event_store.h"
#include "store/rocksdb/catalog.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/index_writer.h"
#include "store/rocksdb/log_head.h"
#include "store/rocksdb/row_blocks.h"
#include "store/rocksdb/tree_writer.h"

namespace piperoll::store::rocks {

class LogWriter {
 public:
  // Continues the log from its head as it was published. database and packer outlive the
  // writer; whoever has it finishes the packer with every batch.
  // REQUIRES: view.head.
  static base::Result<std::unique_ptr<LogWriter>> resume(const Database& database,
                                                         const ReadView& view,
                                                         const IndexSettings& settings,
                                                         BlockPacker& packer);

  LogWriter(const Database& database, const event::LogId& log, const LogHead& head,
            const IndexSettings& settings, BlockPacker& packer)
      : database_(database),
        packer_(packer),
        log_(log),
        head_(head),
        settings_(settings),
        rows_(head.number, log, head.size),
        tree_(head.number) {}

  // Before the first of count records of a batch. Where enough records wait for it, they are put
  // into the index here, and those of the batch as they come; else the batch writes rows alone.
  base::Result<void> begin(std::uint64_t count, rocksdb::WriteBatch& writes);

  // Puts the records that wait for the index into it, however few they are; in place of begin().
  base::Result<void> index_newest(rocksdb::WriteBatch& writes);

  // Adds records to the batch, views of what applied brings. CHECKs that their seqs are the next
  // ones.
  base::Result<void> append(std::span<const event::RecordView> records,
                            std::span<const AppliedRecord> applied, rocksdb::WriteBatch& writes);
  // Adds the next leaf to the tree, if that has all leaves before it.
  void append_leaf(std::uint64_t seq, const tlog::Hash& leaf);
  // What is written once a batch; returns the head as it is then.
  base::Result<LogHeadPointer> finish(rocksdb::WriteBatch& writes);

  const LogHead& head() const { return head_; }
  std::size_t memory_bytes() const;

  std::uint64_t last_batch = 0;  // number of the batch that touched the log last; kept by Applier

 private:
  base::Result<void> begin_indexing(std::uint64_t count, rocksdb::WriteBatch& writes);
  base::Result<void> catch_up(rocksdb::WriteBatch& writes);

  const Database& database_;
  BlockPacker& packer_;
  event::LogId log_;
  LogHead head_;
  IndexSettings settings_;
  RowWriter rows_;
  TreeWriter tree_;
  std::unique_ptr<IndexWriter> index_;  // null until something is indexed
  bool indexing_ = false;               // this batch
};

}  // namespace piperoll::store::rocks
