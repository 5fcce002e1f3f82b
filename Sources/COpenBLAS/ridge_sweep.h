// One pass over scattered rows: sum += Yᵀ t with t = C Y v, or t = C p − C Y v. BLAS has no routine that reads rows
// where they lie, and Swift cannot compile one function for several instruction sets, so this one is C. It is compiled
// for AVX-512, for AVX2 with FMA, and for what every processor of the platform has; the machine chooses.
#pragma once
#include <stdint.h>

typedef float ridge_v4 __attribute__((vector_size(16)));
typedef float ridge_v8 __attribute__((vector_size(32)));
typedef float ridge_v16 __attribute__((vector_size(64)));

// a + b of four numbers each, pairwise: [a0+a1, a2+a3, b0+b1, b2+b3].
#define RIDGE_PAIRS(a, b) \
    (__builtin_shufflevector(a, b, 0, 2, 4, 6) + __builtin_shufflevector(a, b, 1, 3, 5, 7))
#define RIDGE_FOLD8(s) (__builtin_shufflevector(s, s, 0, 1, 2, 3) + __builtin_shufflevector(s, s, 4, 5, 6, 7))
#define RIDGE_HALF16(s) \
    (__builtin_shufflevector(s, s, 0, 1, 2, 3, 4, 5, 6, 7) \
        + __builtin_shufflevector(s, s, 8, 9, 10, 11, 12, 13, 14, 15))

static inline void ridge_prefetch(const float *row, long width) {
    for (long j = 0; j < width; j += 16) __builtin_prefetch(row + j, 0, 2);
}

#define RIDGE_NAME ridge_sweep_plain
#define RIDGE_TARGET
#define RIDGE_VECTOR ridge_v8
#define RIDGE_FOLD(s) RIDGE_FOLD8(s)
#include "ridge_sweep_body.h"

#if defined(__x86_64__)
#define RIDGE_NAME ridge_sweep_avx2
#define RIDGE_TARGET __attribute__((target("avx2,fma")))
#define RIDGE_VECTOR ridge_v8
#define RIDGE_FOLD(s) RIDGE_FOLD8(s)
#include "ridge_sweep_body.h"

#define RIDGE_NAME ridge_sweep_avx512
#define RIDGE_TARGET __attribute__((target("avx512f,avx512vl,avx2,fma")))
#define RIDGE_VECTOR ridge_v16
#define RIDGE_FOLD(s) RIDGE_FOLD8(RIDGE_HALF16(s))
#include "ridge_sweep_body.h"
#endif

// 2 for AVX-512, 1 for AVX2 with FMA, 0 for the platform's least.
static inline int ridge_instruction_set(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) return 2;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 1;
#endif
    return 0;
}

// `rows` are n pointers to rows of `width` floats, a multiple of 16, at multiples of 64 bytes, as are v and sum.
// Fetches the `next_n` rows of `next` ahead. Returns Σ c (y·v)².
static inline float ridge_sweep(
    int instruction_set, const float *const *rows, long n, long width, const float *v, float *sum,
    const float *weights, const float *targets, const float *const *next, long next_n
) {
#if defined(__x86_64__)
    if (instruction_set == 2) return ridge_sweep_avx512(rows, n, width, v, sum, weights, targets, next, next_n);
    if (instruction_set == 1) return ridge_sweep_avx2(rows, n, width, v, sum, weights, targets, next, next_n);
#endif
    return ridge_sweep_plain(rows, n, width, v, sum, weights, targets, next, next_n);
}
