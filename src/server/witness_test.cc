#include "server/witness.h"

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "base/temp_directory_test_support.h"
#include "crypto/sha256.h"
#include "server/witness_key.h"
#include "tlog/tree_test_support.h"

namespace piperoll::server {
namespace {

using tlog::Hash;
using tlog::NoteSigner;
using tlog::WitnessRequest;

NoteSigner signer_of(const std::string& name, char seed, tlog::KeyType type) {
  auto key = crypto::Ed25519PrivateKey::from_seed(std::string(32, seed));
  return NoteSigner::make(name, *std::move(key), type).value();
}

std::string header(const wire::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (wire::header_name_equal(key, name)) {
      return value;
    }
  }
  return "";
}

struct WitnessTest : ::testing::Test {
  static constexpr char kOrigin[] = "audit.example/acme";

  void SetUp() override { reopen(); }

  void reopen() { witness = open().value(); }
  base::Result<std::unique_ptr<Witness>> open() {
    return Witness::open(
        {.directory = directory.path() + "/witness",
         .logs = parse_witnessed_logs(log.verifier_key().print() + "\n" +
                                      other.verifier_key().print() + " a log with spaces\n")
                     .value(),
         .signer = signer_of("w.example", 'w', tlog::KeyType::Cosignature)},
        clock);
  }

  Hash root(std::size_t size) const { return tlog::naive_root(tlog::Leaves(leaves).first(size)); }
  std::string note(std::size_t size) const { return note(size, root(size)); }
  std::string note(std::size_t size, const Hash& hash) const {
    return tlog::sign_checkpoint({.origin = kOrigin, .size = size, .root = hash, .extensions = {}},
                                 log);
  }
  std::string body(std::size_t from, std::size_t to) const {
    WitnessRequest request{.old_size = from, .consistency = {}, .note = note(to)};
    if (from > 0 && from < to) {
      request.consistency = tlog::naive_subproof(from, tlog::Leaves(leaves).first(to), true);
    }
    return tlog::print_witness_request(request);
  }

  // Whether the answer is a cosignature of the checkpoint at this size.
  void expect_cosigned(const wire::Response& response, std::size_t size) const {
    ASSERT_EQ(response.status, 200) << response.body;
    tlog::Note cosigned{.text = tlog::parse_note(note(size))->text,
                        .signatures = tlog::parse_signatures(response.body).value()};
    const tlog::VerifierKey ours =
        signer_of("w.example", 'w', tlog::KeyType::Cosignature).verifier_key();
    const auto verified = tlog::verify_note(cosigned, {&ours, 1});
    ASSERT_TRUE(verified);
    EXPECT_EQ(verified->front().unix_seconds, 1'700'000'000U);
  }

  static std::string hash_of(const std::string& origin) {
    const crypto::Sha256Digest digest = crypto::sha256(origin);
    return base::hex_encode(crypto::as_bytes(digest));
  }
  std::string file() const { return directory.path() + "/witness/" + hash_of(kOrigin); }

  const base::TempDirectory directory;
  const base::FakeClock clock{base::Timestamp{1'700'000'000'000'000}};
  const std::vector<Hash> leaves = tlog::labelled_leaves(40);
  const NoteSigner log = signer_of(kOrigin, 'l', tlog::KeyType::Ed25519);
  const NoteSigner other = signer_of("key", 'o', tlog::KeyType::Ed25519);
  std::unique_ptr<Witness> witness;
};

TEST_F(WitnessTest, CosignsWhatGrowsFromWhatItCosignedBefore) {
  expect_cosigned(witness->add_checkpoint(body(0, 5)), 5);
  expect_cosigned(witness->add_checkpoint(body(5, 13)), 13);
  expect_cosigned(witness->add_checkpoint(body(13, 13)), 13);
  EXPECT_EQ(witness->results(WitnessResult::Cosigned), 3U);
}

TEST_F(WitnessTest, SaysWhichSizeItHas) {
  ASSERT_EQ(witness->add_checkpoint(body(0, 5)).status, 200);

  const wire::Response stale = witness->add_checkpoint(body(0, 9));

  EXPECT_EQ(stale.status, 409);
  EXPECT_EQ(stale.body, "5\n");
  EXPECT_EQ(header(stale, "Content-Type"), "text/x.tlog.size");
}

TEST_F(WitnessTest, AnswersEachFaultWithItsStatus) {
  ASSERT_EQ(witness->add_checkpoint(body(0, 5)).status, 200);
  const auto status = [&](const std::string& text) {
    const wire::Response response = witness->add_checkpoint(text);
    EXPECT_EQ(tlog::parse_signatures(response.body).has_value(), response.status == 200);
    return response.status;
  };
  EXPECT_EQ(status("nonsense"), 400);
  EXPECT_EQ(status("old 9\n\n" + note(5)), 400) << "old size above that of the checkpoint";
  EXPECT_EQ(status(std::string(tlog::kWitnessRequestBytesMax + 1, 'x')), 413);
  const NoteSigner stranger = signer_of("audit.example/other", 's', tlog::KeyType::Ed25519);
  EXPECT_EQ(
      status("old 0\n\n" +
             tlog::sign_checkpoint(
                 {.origin = "audit.example/other", .size = 1, .root = root(1), .extensions = {}},
                 stranger)),
      404);
  const NoteSigner forger = signer_of(kOrigin, 'f', tlog::KeyType::Ed25519);
  EXPECT_EQ(status("old 5\n\n" +
                   tlog::sign_checkpoint(
                       {.origin = kOrigin, .size = 5, .root = root(5), .extensions = {}}, forger)),
            403);
  EXPECT_EQ(status("old 5\n\n" + note(5, root(4))), 422) << "same size, another root";
  EXPECT_EQ(status("old 5\n\n" + note(9)), 422) << "no proof";
  EXPECT_EQ(status(body(5, 9)), 200) << "and no fault changed what it knows";
}

TEST_F(WitnessTest, AnEmptyLogMustHaveTheEmptyRoot) {
  EXPECT_EQ(witness->add_checkpoint("old 0\n\n" + note(0, root(3))).status, 422);
  EXPECT_EQ(witness->add_checkpoint(body(0, 0)).status, 200);
  EXPECT_EQ(witness->add_checkpoint(body(0, 4)).status, 200);
}

TEST_F(WitnessTest, RemembersOverARestart) {
  ASSERT_EQ(witness->add_checkpoint(body(0, 5)).status, 200);
  reopen();

  EXPECT_EQ(witness->add_checkpoint("old 0\n\n" + note(5, root(4))).body, "5\n");
  EXPECT_EQ(witness->add_checkpoint("old 5\n\n" + note(5, root(4))).status, 422);
  expect_cosigned(witness->add_checkpoint(body(5, 9)), 9);
}

TEST_F(WitnessTest, ShowsTheNewestThatItCosigned) {
  EXPECT_EQ(witness->checkpoint(hash_of(kOrigin)).status, 404);
  EXPECT_EQ(witness->checkpoint(hash_of("unknown")).status, 404);
  EXPECT_EQ(witness->checkpoint("../witness").status, 404);
  ASSERT_EQ(witness->add_checkpoint(body(0, 5)).status, 200);

  const wire::Response shown = witness->checkpoint(hash_of(kOrigin));

  ASSERT_EQ(shown.status, 200);
  const tlog::VerifierKey keys[] = {
      log.verifier_key(), signer_of("w.example", 'w', tlog::KeyType::Cosignature).verifier_key()};
  EXPECT_EQ(tlog::open_checkpoint(shown.body, keys)->verified.size(), 2U);
}

TEST_F(WitnessTest, ALogMayHaveAnotherOriginThanItsKey) {
  const std::string checkpoint = tlog::sign_checkpoint(
      {.origin = "a log with spaces", .size = 2, .root = root(2), .extensions = {}}, other);
  EXPECT_EQ(witness->add_checkpoint("old 0\n\n" + checkpoint).status, 200);
}

TEST_F(WitnessTest, DoesNotStartOverFromDamagedState) {
  ASSERT_EQ(witness->add_checkpoint(body(0, 5)).status, 200);
  witness.reset();
  for (const std::string& text : {std::string(), std::string("rubbish\n"), note(5)}) {
    std::ofstream(file(), std::ios::trunc) << text;
    const auto opened = open();
    ASSERT_FALSE(opened) << text;
    EXPECT_EQ(opened.error().code, "damaged_state");
  }
}

TEST_F(WitnessTest, GivesNothingAwayThatItCouldNotKeep) {
  ASSERT_EQ(witness->add_checkpoint(body(0, 5)).status, 200);
  std::filesystem::remove_all(directory.path() + "/witness");

  const wire::Response refused = witness->add_checkpoint(body(5, 9));

  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(witness->results(WitnessResult::Failed), 1U);
  std::filesystem::create_directory(directory.path() + "/witness");
  EXPECT_EQ(witness->add_checkpoint(body(9, 13)).body, "5\n") << "it still has 5";
  expect_cosigned(witness->add_checkpoint(body(5, 9)), 9);
}

// Two histories race from the same size: one of them wins, and the other is never cosigned.
TEST_F(WitnessTest, CosignsOneOfTwoHistoriesHoweverTheyRace) {
  std::vector<Hash> forked = leaves;
  forked[7] = tlog::leaf_hash("forged");
  ASSERT_EQ(witness->add_checkpoint(body(0, 5)).status, 200);
  WitnessRequest fork{.old_size = 5,
                      .consistency = tlog::naive_subproof(5, tlog::Leaves(forked).first(13), true),
                      .note = note(13, tlog::naive_root(tlog::Leaves(forked).first(13)))};
  const std::string bodies[] = {body(5, 13), tlog::print_witness_request(fork)};
  std::vector<std::future<int>> answers;
  for (int i = 0; i < 16; ++i) {
    answers.push_back(std::async(std::launch::async,
                                 [&, i] { return witness->add_checkpoint(bodies[i % 2]).status; }));
  }
  int cosigned = 0;
  for (auto& answer : answers) {
    const int status = answer.get();
    EXPECT_TRUE(status == 200 || status == 409) << status;
    cosigned += status == 200 ? 1 : 0;
  }
  EXPECT_EQ(cosigned, 1);
}

TEST_F(WitnessTest, AnswersOverHttpOnItsOwnThreads) {
  wire::Request request;
  request.method = "POST";
  request.target = "/v1/witness/add-checkpoint";
  const std::string text = body(0, 5);
  request.body = text;
  std::promise<wire::Response> promise;
  witness->handle(request,
                  [&](wire::Response response) { promise.set_value(std::move(response)); });
  expect_cosigned(promise.get_future().get(), 5);

  const auto status = [&](std::string_view method, std::string_view target) {
    wire::Request asked;
    asked.method = method;
    asked.target = target;
    int found = 0;
    witness->handle(asked, [&](const wire::Response& response) { found = response.status; });
    return found;
  };
  const std::string shown = "/v1/witness/" + hash_of(kOrigin) + "/checkpoint";
  EXPECT_EQ(status("GET", shown), 200);
  EXPECT_EQ(status("POST", shown), 405);
  EXPECT_EQ(status("GET", "/v1/witness/add-checkpoint"), 405);
  EXPECT_EQ(status("GET", "/v1/witness"), 404);
  EXPECT_EQ(status("GET", "/v1/witness/checkpoint"), 404);
  EXPECT_TRUE(Witness::owns("/v1/witness/x"));
  EXPECT_FALSE(Witness::owns("/v1/witnesses"));
}

TEST(WitnessedLogs, AreLinesOfKeysWithTheirOrigins) {
  const std::string one = signer_of("a", 'a', tlog::KeyType::Ed25519).verifier_key().print();
  const std::string two = signer_of("b", 'b', tlog::KeyType::Ed25519).verifier_key().print();
  const WitnessedLogs logs =
      parse_witnessed_logs("# comment\n\n" + one + "\n" + two + "\ta  log \n" + one + " a  log")
          .value();
  ASSERT_EQ(logs.size(), 2U);
  EXPECT_EQ(logs.at("a").size(), 1U);
  EXPECT_EQ(logs.at("a  log").size(), 2U);
  const std::string cosigner =
      signer_of("w", 'w', tlog::KeyType::Cosignature).verifier_key().print();
  for (const std::string& line : {std::string("nonsense"), cosigner, one + "\n" + one}) {
    const auto refused = parse_witnessed_logs("\n" + line + "\n");
    ASSERT_FALSE(refused) << line;
    EXPECT_TRUE(refused.error().message.starts_with("line ")) << refused.error().message;
  }
}

TEST(WitnessKey, IsMadeOnceAndReadBySelfAlone) {
  const base::TempDirectory directory;
  const std::string path = path_of_witness_key(directory.path(), "");
  EXPECT_EQ(load_witness_key(path).error().kind, base::ErrorKind::NotFound);
  EXPECT_FALSE(create_witness_key(path, "no name"));
  const auto made = create_witness_key(path, "w.example");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->verifier_key().type, tlog::KeyType::Cosignature);
  EXPECT_EQ(load_witness_key(path)->verifier_key(), made->verifier_key());
  EXPECT_EQ(create_witness_key(path, "w.example").error().code, "key_exists");

  std::filesystem::permissions(path, std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(load_witness_key(path).error().code, "key_exposed");
  std::ofstream(path, std::ios::trunc) << "rubbish\n";
  EXPECT_EQ(load_witness_key(path).error().code, "damaged_key");
}

}  // namespace
}  // namespace piperoll::server
