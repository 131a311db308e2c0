/* Benchmarks: CPU time of the calling thread, median of several rounds.
 *
 *     static void seal(void *ctx, size_t iterations) { while (iterations--) ...; }
 *     ic_bench_row("crypto.aead_seal", ic_bench_ns(seal, &c), "ns", 1200, 2, 0);
 */
#ifndef IC_BASE_BENCH_H
#define IC_BASE_BENCH_H

#include <stddef.h>

/* CPU time of the calling thread, and the median of n > 0 values, which it sorts: for who measures what cannot be
 * repeated at will. Reading the clock takes some 300 ns. */
double ic_bench_now_ns(void);
double ic_bench_median(double *v, size_t n);

/* Nanoseconds an iteration takes. The number of iterations scales itself. */
double ic_bench_ns(void (*fn)(void *ctx, size_t iterations), void *ctx);

struct ic_bench_pair {
    double a_ns, b_ns;
    double ratio; /* median of a/b over the rounds: steadier than the quotient of the medians */
};
/* Two functions in alternating short rounds, so that both see the same machine. */
struct ic_bench_pair ic_bench_pair(void (*a)(void *ctx, size_t iterations), void *a_ctx,
                                   void (*b)(void *ctx, size_t iterations), void *b_ctx);

/* For functions that use up what they work on: prepare(ctx) makes enough for `iterations` calls of either,
 * outside the measured time, before every round. */
struct ic_bench_pair ic_bench_pair_prepared(void (*prepare)(void *ctx),
                                            void (*a)(void *ctx, size_t iterations),
                                            void (*b)(void *ctx, size_t iterations), void *ctx,
                                            size_t iterations);

/* Prints one JSON object on a line. n and suite: -1 leaves them out; floor: 0 leaves it and ratio out. */
void ic_bench_row(const char *name, double value, const char *unit, long long n, int suite,
                  double floor);

/* Keeps a result alive that nobody reads. */
static inline void ic_bench_keep(const void *p)
{
    __asm__ __volatile__("" : : "r"(p) : "memory");
}

#endif
