// For tests only: lane operations on arrays of LANES_WIDTH elements in memory form, and loops for timing.
#ifndef MARTLET_LANES_PROBE_H
#define MARTLET_LANES_PROBE_H
#define LANES_PROBE_MAX 8

#define LANES_DEFINE_PROBES(PATH)                                                                                  \
    int martlet_probe_width_##PATH(void) { return LANES_WIDTH; }                                                   \
    /* kind 0: r = ab/ρ, 1: r = a²/ρ, 2: a − b times 1, 3: round trip. slack: a given as a − z, its difference form. */ \
    LANES_TARGET __attribute__((noinline)) void martlet_probe_##PATH(int kind, martlet_limbs4 *r, const martlet_limbs4 *a, \
                                             const martlet_limbs4 *b, const martlet_limbs4 *z, const martlet_field4 *c) { \
        lanes_field field, *f = &field;                                                                            \
        lanes_field_prepare(f, c);                                                                                 \
        const char *pa[LANES_WIDTH], *pb[LANES_WIDTH], *pz[LANES_WIDTH];                                           \
        char *pr[LANES_WIDTH];                                                                                     \
        for (int i = 0; i < LANES_WIDTH; i++)                                                                      \
            pa[i] = (const char *)&a[i], pb[i] = (const char *)&b[i], pz[i] = (const char *)&z[i], pr[i] = (char *)&r[i]; \
        lanes_limbs la = lanes_load(pa, 0), lb = lanes_load(pb, 0), lz = lanes_load(pz, 0), t[2];                  \
        lanes_element ea = lanes_digits(la, f), eb = lanes_digits(lb, f), ed = lanes_subtract(la, lz, f);          \
        lanes_element as[2] = {ea, ed}, bs[2] = {eb, eb}, es[2] = {ea, eb};                                        \
        switch (kind) {                                                                                            \
        case 0: lanes_mul_columns1(t, as, bs, f->mul_reduce, f); break;                                            \
        case 1: lanes_square_columns1(t, as, as, f->square_reduce, f); break;                                      \
        case 2: lanes_mul_columns2(t, as, bs, f->mul_reduce, f); t[0] = t[1]; break; /* (a − z)b */                \
        case 3: lanes_square_columns2(t, es, es, f->square_reduce, f); t[0] = t[1]; break; /* b² */                \
        case 4: /* a plus p…7p by reduction: k in z's low limb */                                                  \
            for (int j = 0; j < 5; j++) {                                                                          \
                uint64_t bias = (j < 4 ? LANES_SPLIT_BIAS : 0) - (j > 0 ? LANES_SPLIT_CARRY : 0);                  \
                t[0].w[j] = lanes_add(la.w[j], lanes_set(bias + f->limbs[j] * c->two_adicity));                    \
            }                                                                                                      \
            break;                                                                                                 \
        default: /* ((ab/ρ)·(b))/ρ with normalised, unreduced middle */                                            \
            lanes_mul_columns1(t, as, bs, f->mul, f);                                                              \
            as[0] = lanes_normalise(t[0]);                                                                         \
            lanes_mul_columns1(t, as, bs, f->mul_reduce, f);                                                       \
        }                                                                                                          \
        lanes_store(pr, 0, lanes_reduce(t[0], f));                                                                 \
    }                                                                                                              \
    /* n dependent products in each of two streams, for timing */                                                  \
    LANES_TARGET __attribute__((noinline)) void martlet_probe_chain_##PATH(int kind, long n, martlet_limbs4 *r,    \
                                                                           const martlet_field4 *c) {              \
        lanes_field field, *f = &field;                                                                            \
        lanes_field_prepare(f, c);                                                                                 \
        char *pr[LANES_WIDTH];                                                                                     \
        for (int i = 0; i < LANES_WIDTH; i++) pr[i] = (char *)&r[i];                                               \
        lanes_element e[2], b[2];                                                                                  \
        lanes_limbs t[2];                                                                                          \
        e[0] = e[1] = lanes_digits(lanes_load((const char *const *)pr, 0), f);                                     \
        b[0] = b[1] = e[0]; e[1].d[0] = lanes_twice(e[1].d[0]); e[0].d[0] = lanes_low(f->p_low[1]);                                                                                       \
                                              \
        for (long i = 0; i < n; i++) {                                                                             \
            if (kind == 0) lanes_mul_columns2(t, e, b, f->mul, f);                                               \
            else lanes_square_columns2(t, e, e, f->mul, f);                                                      \
            e[0] = lanes_normalise(t[0]);                                                                          \
            e[1] = lanes_normalise(t[1]);                                                                          \
        }                                                                                                          \
        lanes_mul_columns2(t, e, b, f->mul_reduce, f);                                                           \
        lanes_store(pr, 0, lanes_reduce(t[0], f));                                                                 \
    }
#endif
