#pragma once
// The read addresses of the native surface: parameters in, JSON out. Pure functions.

#include <string>

#include "base/result.h"
#include "dialect/native/parameters.h"
#include "operation/operation.h"
#include "operation/outcome.h"
#include "wire/message.h"

namespace piperoll::dialect::native {

// GET /v1/events and GET /v1/access.
base::Result<operation::Operation> read_find(ParameterReader& parameters, event::LogKind log);
// GET /v1/facets, GET /v1/histogram.
base::Result<operation::Operation> read_facets(ParameterReader& parameters);
base::Result<operation::Operation> read_histogram(ParameterReader& parameters);

wire::Response encode_found(const operation::Found& found, const base::Uuid& org);
wire::Response encode_got(const operation::Got& got, const base::Uuid& org);
wire::Response encode_facets(const operation::Faceted& faceted);
wire::Response encode_histogram(const operation::Histogrammed& histogrammed);

}  // namespace piperoll::dialect::native
