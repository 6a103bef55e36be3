#pragma once
// Generators of events for tests: see testing/event_arbitrary.h, which this stands for.

#include "event/testing/event_arbitrary.h"
