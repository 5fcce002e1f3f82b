// Included once for each instruction set by ridge_sweep.h. Without targets t = C Y v. Four rows at a time share the
// loads of v and the loads and stores of the sum. Meanwhile the next system's rows are fetched into the cache.
RIDGE_TARGET static inline float RIDGE_NAME(
    const float *const *rows, long n, long width, const float *v_floats, float *sum_floats, const float *weights,
    const float *targets, const float *const *next, long next_n
) {
    const long lanes = width / (long)(sizeof(RIDGE_VECTOR) / sizeof(float));
    const RIDGE_VECTOR *v = (const RIDGE_VECTOR *)v_floats;
    RIDGE_VECTOR *sum = (RIDGE_VECTOR *)sum_floats;
    ridge_v4 total = {0, 0, 0, 0};
    for (long i = 0; i < n; i += 4) {
        // A group of fewer rows repeats its last with weight 0.
        const long last = n - 1;
        const long i1 = i + 1 < n ? i + 1 : last, i2 = i + 2 < n ? i + 2 : last, i3 = i + 3 < n ? i + 3 : last;
        const RIDGE_VECTOR *y0 = (const RIDGE_VECTOR *)rows[i], *y1 = (const RIDGE_VECTOR *)rows[i1];
        const RIDGE_VECTOR *y2 = (const RIDGE_VECTOR *)rows[i2], *y3 = (const RIDGE_VECTOR *)rows[i3];
        for (long k = i; k < next_n && k < i + 4; k++) ridge_prefetch(next[k], width);
        RIDGE_VECTOR s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
        for (long j = 0; j < lanes; j++) {
            const RIDGE_VECTOR x = v[j];
            s0 += y0[j] * x;
            s1 += y1[j] * x;
            s2 += y2[j] * x;
            s3 += y3[j] * x;
        }
        const ridge_v4 f0 = RIDGE_FOLD(s0), f1 = RIDGE_FOLD(s1), f2 = RIDGE_FOLD(s2), f3 = RIDGE_FOLD(s3);
        const ridge_v4 p01 = RIDGE_PAIRS(f0, f1), p23 = RIDGE_PAIRS(f2, f3);
        const ridge_v4 products = RIDGE_PAIRS(p01, p23);
        const ridge_v4 c = {
            weights[i], i + 1 < n ? weights[i1] : 0, i + 2 < n ? weights[i2] : 0, i + 3 < n ? weights[i3] : 0
        };
        ridge_v4 t = c * products;
        total += t * products;
        if (targets) {
            const ridge_v4 p = {
                targets[i], i + 1 < n ? targets[i1] : 0, i + 2 < n ? targets[i2] : 0, i + 3 < n ? targets[i3] : 0
            };
            t = p - t;
        }
        const float t0 = t[0], t1 = t[1], t2 = t[2], t3 = t[3];
        for (long j = 0; j < lanes; j++) {
            sum[j] += (y0[j] * t0 + y1[j] * t1) + (y2[j] * t2 + y3[j] * t3);
        }
    }
    for (long k = (n + 3) / 4 * 4; k < next_n; k++) ridge_prefetch(next[k], width);
    return (total[0] + total[1]) + (total[2] + total[3]);
}
#undef RIDGE_NAME
#undef RIDGE_TARGET
#undef RIDGE_VECTOR
#undef RIDGE_FOLD
