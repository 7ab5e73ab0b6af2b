// The lane operations, reachable for tests.
#define LANES_PORTABLE_UNSIGNED 1
#include "lanes_portable.h"
#include "lanes.h"
#include "lanes_probe.h"

LANES_DEFINE_PROBES(unsigned)
