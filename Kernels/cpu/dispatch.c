// SPDX-License-Identifier: Apache-2.0

// Chooses the field kernels for the machine this runs on.
#define _GNU_SOURCE
#include "martlet_batch.h"
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
    // These also ask whether the operating system saves the registers.
    if (path == MARTLET_CPU_IFMA)
        return martlet_cpu_supports(MARTLET_CPU_ADX) && __builtin_cpu_supports("avx512f") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512ifma");
    if (path == MARTLET_CPU_AVX2)
        return martlet_cpu_supports(MARTLET_CPU_ADX) && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
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

int martlet_cpu_wish(void) {
    static const struct {
        const char *name;
        int path;
    } known[] = {
        {"portable", MARTLET_CPU_PORTABLE},           {"adx", MARTLET_CPU_ADX},   {"avx2", MARTLET_CPU_AVX2},
        {"ifma-emulated", MARTLET_CPU_IFMA_EMULATED}, {"ifma", MARTLET_CPU_IFMA},
    };
    const char *wish = getenv("MARTLET_CPU");
    if (wish == NULL || *wish == 0) return MARTLET_CPU_NO_WISH;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(wish, known[i].name) != 0) continue;
        if (martlet_cpu_supports(known[i].path)) return known[i].path;
        return known[i].path == MARTLET_CPU_IFMA ? MARTLET_CPU_IFMA_EMULATED : MARTLET_CPU_UNSUPPORTED;
    }
    return MARTLET_CPU_UNKNOWN;
}

/// The path that is asked for, else the best one that the machine has. Who can tell people says where a wish is not granted.
__attribute__((constructor)) static void martlet_cpu_choose(void) {
    int best = martlet_cpu_wish();
    if (best < MARTLET_CPU_IFMA_EMULATED) best = MARTLET_CPU_IFMA;
    while (martlet_cpu_select(best) != 0) best--;
}

// One for each group, in the order of MARTLET_GROUPS.
#define MARTLET_DECLARE_EMULATED(NAME, name) extern const martlet_addition_kernel martlet_addition_emulated_##name;
#define MARTLET_EMULATED(NAME, name) &martlet_addition_emulated_##name,
#define MARTLET_DECLARE_LANES(NAME, name) \
    extern const martlet_addition_kernel martlet_addition_avx2_##name, martlet_addition_ifma_##name;
#define MARTLET_AVX2(NAME, name) &martlet_addition_avx2_##name,
#define MARTLET_IFMA(NAME, name) &martlet_addition_ifma_##name,

MARTLET_GROUPS(MARTLET_DECLARE_EMULATED)
#if defined(__x86_64__)
MARTLET_GROUPS(MARTLET_DECLARE_LANES)
#endif

const martlet_addition_kernel *martlet_addition_kernel_for(int path, int group) {
    if (group < 0 || group >= MARTLET_GROUP_COUNT) return NULL;
    static const martlet_addition_kernel *const emulated[] = {MARTLET_GROUPS(MARTLET_EMULATED)};
    if (path == MARTLET_CPU_IFMA_EMULATED) return emulated[group];
#if defined(__x86_64__)
    static const martlet_addition_kernel *const avx2[] = {MARTLET_GROUPS(MARTLET_AVX2)},
                                              *const ifma[] = {MARTLET_GROUPS(MARTLET_IFMA)};
    if (path == MARTLET_CPU_AVX2) return avx2[group];
    if (path == MARTLET_CPU_IFMA) return ifma[group];
#endif
    return NULL;
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
