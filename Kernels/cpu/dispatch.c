// Chooses the field kernels for the machine this runs on.
#define _GNU_SOURCE
#include "martlet_field.h"
#include "martlet_ntt.h"
#if defined(__linux__)
#include <sched.h>
#endif
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

int martlet_cpu_path = MARTLET_CPU_PORTABLE;

int martlet_cpu_supports(int path) {
    if (path == MARTLET_CPU_PORTABLE || path == MARTLET_CPU_IFMA_EMULATED) return 1;
#if defined(__x86_64__)
    if (path == MARTLET_CPU_AVX2)
        return martlet_cpu_supports(MARTLET_CPU_ADX) && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (path == MARTLET_CPU_IFMA)
        return martlet_cpu_supports(MARTLET_CPU_AVX2) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512ifma");
    if (path == MARTLET_CPU_ADX) {
        unsigned eax, ebx, ecx, edx;
        if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) return 0;
        const unsigned bmi2 = 1u << 8, adx = 1u << 19;
        return (ebx & bmi2) != 0 && (ebx & adx) != 0;
    }
#endif
    return 0;
}

int martlet_cpu_select(int path) {
    if (!martlet_cpu_supports(path)) return -1;
    martlet_cpu_path = path;
    return 0;
}

__attribute__((constructor)) static void martlet_cpu_choose(void) {
    const char *wish = getenv("MARTLET_CPU");
    if (wish != NULL && strcmp(wish, "portable") == 0) return;
    int path = MARTLET_CPU_IFMA;
    if (wish != NULL && strcmp(wish, "adx") == 0) path = MARTLET_CPU_ADX;
    if (wish != NULL && strcmp(wish, "avx2") == 0) path = MARTLET_CPU_AVX2;
    if (wish != NULL && strcmp(wish, "ifma-emulated") == 0) {
        (void)martlet_cpu_select(MARTLET_CPU_IFMA_EMULATED);
        return;
    }
    while (path > MARTLET_CPU_PORTABLE && martlet_cpu_select(path) != 0) path--;
}

int martlet_available_cores(void) {
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
#endif
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
}

uint32_t martlet_floating_point_control(void) {
#if defined(__x86_64__)
    return _mm_getcsr();
#else
    return 0;
#endif
}

const martlet_ntt4 *martlet_ntt4_kernels(int path) {
    switch (path) {
#if defined(__x86_64__)
    case MARTLET_CPU_IFMA: return &martlet_ntt4_ifma;
    case MARTLET_CPU_AVX2: return &martlet_ntt4_avx2;
#endif
    case MARTLET_CPU_IFMA_EMULATED: return &martlet_ntt4_emulated;
    default: return NULL;
    }
}
