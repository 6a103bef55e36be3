#include "dialect/common/record_body.h"

#include <gtest/gtest.h>

#include "dialect/testing/service_reply.h"

namespace piperoll::dialect {
namespace {

// The seqs of the records that a piece shows, and whether it is the last.
struct Shown {
  std::vector<std::uint64_t> seqs;
  bool last = false;
};

event::Record record(std::uint64_t seq) {
  return testing::record_of(event::make_event("a"), seq, base::Timestamp{0});
}

class Pieces : public operation::RecordStream {
 public:
  explicit Pieces(std::vector<base::Result<Shown>> pieces) : pieces_(std::move(pieces)) {}
  base::Result<Piece> next(const Visit& visit) override {
    ASSIGN_OR_RETURN(const Shown shown, std::move(pieces_.at(at_++)));
    for (std::uint64_t seq : shown.seqs) {
      EXPECT_TRUE(visit(event::view_of(record(seq))));
    }
    return Piece{.last = shown.last};
  }

 private:
  std::vector<base::Result<Shown>> pieces_;
  std::size_t at_ = 0;
};

Shown piece(std::vector<std::uint64_t> seqs, bool last) {
  return {.seqs = std::move(seqs), .last = last};
}

void write_seq(std::string& out, const event::RecordView& record) {
  out += std::to_string(record.seq());
}

std::string read_all(wire::BodyStream& body) {
  std::string out;
  for (;;) {
    auto next = body.next();
    if (!next) {
      return out + "!" + next.error().message;
    }
    out += next->bytes;
    if (next->last) {
      return out;
    }
  }
}

std::string streamed(std::vector<base::Result<Shown>> pieces) {
  auto body =
      stream_records({"{\"logs\":[", "]}"}, std::make_unique<Pieces>(std::move(pieces)), write_seq);
  return read_all(*body);
}

TEST(StreamRecords, JoinsPiecesWithCommas) {
  EXPECT_EQ(streamed({piece({1, 2}, false), piece({}, false), piece({3}, false), piece({}, true)}),
            "{\"logs\":[1,2,3]}");
  EXPECT_EQ(streamed({piece({}, false), piece({7}, true)}), "{\"logs\":[7]}");
}

TEST(StreamRecords, OfNothingIsAnEmptyList) {
  EXPECT_EQ(streamed({piece({}, true)}), "{\"logs\":[]}");
}

TEST(StreamRecords, NeverClosesABodyThatBroke) {
  EXPECT_EQ(streamed({piece({1}, false), base::Error{.message = "damaged"}}),
            "{\"logs\":[1!damaged");
}

TEST(WriteRecords, MakesTheSameBodyAtOnce) {
  EXPECT_EQ(write_records({"[", "]"}, {record(1), record(2)}, write_seq), "[1,2]");
  EXPECT_EQ(write_records({"[", "]"}, {}, write_seq), "[]");
}

}  // namespace
}  // namespace piperoll::dialect
