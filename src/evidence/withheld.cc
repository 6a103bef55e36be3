#include "evidence/withheld.h"

#include <optional>
#include <utility>

#include "base/check.h"

namespace piperoll::evidence {
namespace {

using base::JsonKind;
using base::JsonValue;

constexpr std::uint64_t kSizeMax = std::uint64_t{1} << 62;

base::Error malformed() {
  return {.kind = base::ErrorKind::InvalidArgument,
          .message = std::string(kWithheldMember) +
                     " must have from, to and hashes: one for each event from the one to the "
                     "other, or for each of the nodes above them"};
}

}  // namespace

void append_withheld(std::string& out, const Withheld& withheld) {
  base::JsonWriter json(out);
  json.begin_object().key(kWithheldMember).begin_object();
  json.key("from").unsigned_integer(withheld.range.begin);
  json.key("to").unsigned_integer(withheld.range.end);
  json.key("hashes").begin_array();
  for (const tlog::Hash& hash : withheld.hashes) {
    json.string(tlog::print_hash(hash));
  }
  json.end_array().end_object().end_object();
  out.push_back('\n');
}

base::Result<Withheld> read_withheld(const JsonValue& value) {
  JsonValue hashes;
  if (!value.is(JsonKind::Object) || !value.find("hashes", hashes) || !hashes.is(JsonKind::Array)) {
    return malformed();
  }
  const auto from = value.unsigned_integer("from");
  const auto to = value.unsigned_integer("to");
  if (!from || !to || *from >= *to || *to > kSizeMax) {
    return malformed();
  }
  Withheld withheld{.range = {*from, *to}, .hashes = {}};
  for (const JsonValue& element : hashes.elements()) {
    const auto hash =
        element.is(JsonKind::String) ? tlog::parse_hash(element.as_string()) : std::nullopt;
    if (!hash) {
      return malformed();
    }
    withheld.hashes.push_back(*hash);
  }
  const std::size_t count = withheld.hashes.size();
  if (count != withheld.range.size() && count != tlog::nodes_across(withheld.range).size()) {
    return malformed();
  }
  return withheld;
}

void append_withheld(tlog::Frontier& tree, const Withheld& withheld) {
  CHECK(tree.size() == withheld.range.begin);
  const std::vector<tlog::NodeId> nodes = withheld.hashes.size() == withheld.range.size()
                                              ? leaf_nodes(withheld.range)
                                              : tlog::nodes_across(withheld.range);
  CHECK(nodes.size() == withheld.hashes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    tree.append_node(nodes[i].level, withheld.hashes[i]);
  }
}

std::vector<tlog::NodeId> leaf_nodes(const tlog::LeafRange& range) {
  std::vector<tlog::NodeId> nodes;
  for (std::uint64_t index = range.begin; index < range.end; ++index) {
    nodes.push_back({0, index});
  }
  return nodes;
}

}  // namespace piperoll::evidence
