// The lane operations, reachable for tests.
#include "lanes_portable.h"
#include "lanes.h"
#include "lanes_probe.h"

LANES_DEFINE_PROBES(portable)
