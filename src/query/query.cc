#include "query/query.h"

namespace piperoll::query {

Sort newest_first() {
  return {SortTerm{}};
}

}  // namespace piperoll::query
