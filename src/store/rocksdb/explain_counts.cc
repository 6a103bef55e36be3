#include <utility>
#include <variant>

#include "store/rocksdb/cell_range.h"
#include "store/rocksdb/index_queries.h"
#include "store/rocksdb/matches.h"

namespace piperoll::store::rocks {
namespace {

// Counts, and says what came of it.
struct Counting {
  const QueryContext& context;
  const query::Filter& filter;

  base::Result<std::string> operator()(std::monostate) const {
    ASSIGN_OR_RETURN(const std::uint64_t count,
                     count_in_index(context, filter, context.view.size()));
    return std::to_string(count) + " records counted\n";
  }
  base::Result<std::string> operator()(const event::FieldRef& field) const {
    ASSIGN_OR_RETURN(const Facets facets, facets_in_index(context, filter, field, 0));
    return std::to_string(facets.other) + " records counted by " + field.print() + ", " +
           std::to_string(facets.missing) + " without it\n";
  }
  base::Result<std::string> operator()(Interval interval) const {
    ASSIGN_OR_RETURN(const std::vector<Bucket> buckets,
                     histogram_in_index(context, filter, interval));
    return std::to_string(buckets.size()) + " periods counted by " +
           std::string(name_of(interval)) + "\n";
  }
};

}  // namespace

std::string explain_counts_in_index(const QueryContext& context,
                                    const query::CountRequest& request) {
  const std::uint64_t indexed = context.view.head->indexed;
  QueryCost planning;  // the counting plans for itself
  const base::Result<std::unique_ptr<Matches>> matches =
      Matches::make({context.database, context.view, context.lists, context.ids, planning},
                    request.filter, indexed);
  if (!matches) {
    return "no plan: " + matches.error().message + "\n";
  }
  const std::string plan = print_plan(**matches, indexed, context.view.size());
  const base::Result<std::string> counted =
      std::visit(Counting{context, request.filter}, request.by);
  return plan + (counted ? *counted + print_cost(context.cost)
                         : "failed: " + counted.error().message + "\n");
}

std::string print_plan(Matches& matches, std::uint64_t indexed, std::uint64_t bound) {
  std::string text = std::to_string(indexed) + " records in " +
                     std::to_string(matches.bucket_count()) + " buckets, indexed\n";
  if (indexed < bound) {
    text += std::to_string(bound - indexed) + " newer records, read\n";
  }
  text += explain_plan(matches.plan().root(), matches.index());
  const auto cells = CellRange::of(matches.plan().root(), matches.index(), indexed);
  if (cells.has_value() && cells->has_stretch()) {
    text += "counts and histograms: cells of whole hours, records at the ends\n";
  }
  return text;
}

std::string print_cost(const QueryCost& cost) {
  return "touched: " + std::to_string(cost.buckets) + " buckets, " + std::to_string(cost.postings) +
         " postings, " + std::to_string(cost.columns) + " columns, " +
         std::to_string(cost.segments) + " segments, " + std::to_string(cost.cells) +
         " cells; rows: " + std::to_string(cost.rows) + " looked at, " +
         std::to_string(cost.row_blocks) + " blocks read\n";
}

}  // namespace piperoll::store::rocks
