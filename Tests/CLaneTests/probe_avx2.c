// The lane operations, reachable for tests.
#if defined(__x86_64__)
#include "lanes_avx2.h"
#include "lanes.h"
#include "lanes_probe.h"

LANES_DEFINE_PROBES(avx2)
#endif
