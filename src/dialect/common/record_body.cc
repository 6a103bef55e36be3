#include "dialect/common/record_body.h"

#include <utility>

namespace piperoll::dialect {
namespace {

// Appends a record, with a comma before it unless it is the very first of the body.
void append_record(std::string& out, const event::RecordView& record, const WriteRecord& write,
                   bool& any) {
  if (std::exchange(any, true)) {
    out.push_back(',');
  }
  write(out, record);
}

class RecordBody : public wire::BodyStream {
 public:
  RecordBody(Frame frame, std::unique_ptr<operation::RecordStream> records, WriteRecord write)
      : frame_(std::move(frame)), records_(std::move(records)), write_(std::move(write)) {}

  base::Result<Piece> next() override {
    Piece piece;
    if (!std::exchange(opened_, true)) {
      piece.bytes = frame_.opening;
    }
    ASSIGN_OR_RETURN(const operation::RecordStream::Piece records,
                     records_->next([&](const event::RecordView& record) {
                       append_record(piece.bytes, record, write_, any_);
                       return true;
                     }));
    if (records.last) {
      piece.bytes += frame_.closing;
      piece.last = true;
    }
    piece.idle = records.idle && !records.last;
    return piece;
  }

 private:
  Frame frame_;
  std::unique_ptr<operation::RecordStream> records_;
  WriteRecord write_;
  bool opened_ = false;
  bool any_ = false;
};

}  // namespace

std::string write_records(const Frame& frame, const std::vector<event::Record>& records,
                          const WriteRecord& write) {
  std::string body = frame.opening;
  bool any = false;
  for (const event::Record& record : records) {
    append_record(body, event::view_of(record), write, any);
  }
  return body += frame.closing;
}

std::unique_ptr<wire::BodyStream> stream_records(Frame frame,
                                                 std::unique_ptr<operation::RecordStream> records,
                                                 WriteRecord write) {
  return std::make_unique<RecordBody>(std::move(frame), std::move(records), std::move(write));
}

}  // namespace piperoll::dialect
