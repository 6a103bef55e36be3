#include "dialect/bloodhound/column.h"

namespace piperoll::dialect::bloodhound {
namespace {

using Type = Column::Type;

// The union of what BloodHound's documentation names and what its code takes.
constexpr Column kColumns[] = {
    {"id", Type::Id, event::Field::Seq},
    {"actor_id", Type::Text, event::Field::ActorId},
    {"actor_name", Type::Text, event::Field::ActorName},
    {"actor_email", Type::Text, event::Field::ActorEmail},
    {"action", Type::Text, event::Field::Action},
    {"request_id", Type::Text, event::Field::RequestId},
    {"created_at", Type::Time, event::Field::OccurredAt},
    {"source", Type::Text, event::Field::Source},
    {"source_ip_address", Type::Text, event::Field::RequestIp},
    {"status", Type::Status, event::Field::Status},
};

struct Word {
  std::string_view text;
  Predicate predicate;
};

constexpr Word kPredicates[] = {
    {"eq", Predicate::Equal},   {"~eq", Predicate::Approximate}, {"neq", Predicate::NotEqual},
    {"gt", Predicate::Greater}, {"gte", Predicate::AtLeast},     {"lt", Predicate::Less},
    {"lte", Predicate::AtMost},
};

}  // namespace

std::optional<Predicate> parse_predicate(std::string_view text) {
  for (const Word& word : kPredicates) {
    if (word.text == text) {
      return word.predicate;
    }
  }
  return std::nullopt;
}

bool is_ordering(Predicate predicate) {
  return predicate >= Predicate::Greater;
}

bool Column::supports(Predicate predicate) const {
  if (is_ordering(predicate)) {
    return type == Type::Id || type == Type::Time;
  }
  if (predicate == Predicate::Approximate) {
    return type == Type::Id || type == Type::Text;
  }
  return true;
}

const Column* find_column(std::string_view name) {
  for (const Column& column : kColumns) {
    if (column.name == name) {
      return &column;
    }
  }
  return nullptr;
}

}  // namespace piperoll::dialect::bloodhound
