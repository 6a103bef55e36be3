#pragma once
// piperoll serve: one process that serves one data directory until it is told to stop.

#include "server/config.h"

namespace piperoll::server {

// Serves until SIGTERM or SIGINT, then drains within 10 s. The error is for standard error.
base::Result<void> serve(const Config& config);

// Reads the files that the settings name, as serve() would.
base::Result<void> check_files(const Config& config);

}  // namespace piperoll::server
