#include <ic/base/bench.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 9, PAIR_ROUNDS = 41, PREPARED_ROUNDS = 401 };
static const double round_ns = 15e6, pair_round_ns = 2e6;

double ic_bench_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double run_ns(void (*fn)(void *ctx, size_t iterations), void *ctx, size_t iterations)
{
    double start = ic_bench_now_ns();
    fn(ctx, iterations);
    return ic_bench_now_ns() - start;
}

/* Iterations that take about the wanted time. Also warms up. */
static size_t scale(void (*fn)(void *ctx, size_t iterations), void *ctx, double wanted_ns)
{
    size_t n = 1;
    for (;;) {
        double took = run_ns(fn, ctx, n);
        if (took >= wanted_ns)
            return n;
        double factor = took > wanted_ns / 10 ? wanted_ns * 1.05 / took : 8;
        size_t next = (size_t)((double)n * factor);
        n = next > n ? next : n + 1;
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double ic_bench_median(double *v, size_t n)
{
    qsort(v, n, sizeof *v, by_value);
    return v[n / 2];
}

double ic_bench_ns(void (*fn)(void *ctx, size_t iterations), void *ctx)
{
    double v[ROUNDS];
    size_t n = scale(fn, ctx, round_ns);
    for (size_t i = 0; i < ROUNDS; i++)
        v[i] = run_ns(fn, ctx, n) / (double)n;
    return ic_bench_median(v, ROUNDS);
}

struct ic_bench_pair ic_bench_pair(void (*a)(void *ctx, size_t iterations), void *a_ctx,
                                   void (*b)(void *ctx, size_t iterations), void *b_ctx)
{
    double va[PAIR_ROUNDS], vb[PAIR_ROUNDS], ratio[PAIR_ROUNDS];
    size_t na = scale(a, a_ctx, pair_round_ns), nb = scale(b, b_ctx, pair_round_ns);
    for (size_t i = 0; i < PAIR_ROUNDS; i++) {
        va[i] = run_ns(a, a_ctx, na) / (double)na;
        vb[i] = run_ns(b, b_ctx, nb) / (double)nb;
        ratio[i] = va[i] / vb[i];
    }
    return (struct ic_bench_pair){.a_ns = ic_bench_median(va, PAIR_ROUNDS),
                                  .b_ns = ic_bench_median(vb, PAIR_ROUNDS),
                                  .ratio = ic_bench_median(ratio, PAIR_ROUNDS)};
}

struct ic_bench_pair ic_bench_pair_prepared(void (*prepare)(void *ctx),
                                            void (*a)(void *ctx, size_t iterations),
                                            void (*b)(void *ctx, size_t iterations), void *ctx,
                                            size_t iterations)
{
    static double va[PREPARED_ROUNDS], vb[PREPARED_ROUNDS], ratio[PREPARED_ROUNDS];
    for (size_t i = 0; i < PREPARED_ROUNDS; i++) {
        prepare(ctx);
        /* Whichever comes first finds the colder cache: they take turns. */
        if (i % 2)
            va[i] = run_ns(a, ctx, iterations);
        vb[i] = run_ns(b, ctx, iterations);
        if (!(i % 2))
            va[i] = run_ns(a, ctx, iterations);
        ratio[i] = va[i] / vb[i];
    }
    return (struct ic_bench_pair){.a_ns = ic_bench_median(va, PREPARED_ROUNDS) / (double)iterations,
                                  .b_ns = ic_bench_median(vb, PREPARED_ROUNDS) / (double)iterations,
                                  .ratio = ic_bench_median(ratio, PREPARED_ROUNDS)};
}

void ic_bench_row(const char *name, double value, const char *unit, long long n, int suite,
                  double floor)
{
    printf("{\"name\": \"%s\", \"value\": %.6g, \"unit\": \"%s\"", name, value, unit);
    if (n >= 0)
        printf(", \"n\": %lld", n);
    if (suite >= 0)
        printf(", \"suite\": %d", suite);
    if (floor > 0)
        printf(", \"floor\": %.6g, \"ratio\": %.4f", floor, value / floor);
    printf("}\n");
    fflush(stdout);
}
