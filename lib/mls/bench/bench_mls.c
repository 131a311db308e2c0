/* Groups of 2 to 10,000 members against the floor of their primitives, in one run.
 *
 * Committer is leaf 0, receiver leaf n-1, the removed leaf stands in the committer's half. Adds are one, by
 * value, without path; Welcomes do not carry the tree, which delivery serves. Process runs from decoding
 * to merging. Every leaf has committed before. */
#include "bench_state.h"
#include "fixture.h"
#include "pool.h"

#include <ic/base/bench.h>
#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/crypto/hash.h>
#include <malloc.h>
#include <provider.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void must(ic_err e)
{
    if (e != IC_OK) {
        fprintf(stderr, "bench-mls: %s\n", ic_err_text(e));
        exit(1);
    }
}

/* ---- the primitives ---- */

struct primitive_ctx {
    const struct ic_suite *suite;
    const struct ic_prov *prov;
    struct ic_sign_key *key;
    struct ic_kem_pair own, peer;
    struct ic_hmac_key hmac;
    uint8_t message[250];
    uint8_t out[IC_SIG_MAX];
    size_t len;
};

struct primitives {
    double v, s, d, g, h; /* ns */
    struct primitive_ctx *ctx;
};

static void run_sign(void *ctx, size_t n)
{
    struct primitive_ctx *c = ctx;
    while (n--)
        must(ic_sign(c->key, IC_VIEW_ARRAY(c->message), c->out, &c->len));
}

static void run_verify(void *ctx, size_t n)
{
    struct primitive_ctx *c = ctx;
    while (n--)
        must(ic_verify(c->suite->sig, ic_sign_key_public(c->key), IC_VIEW_ARRAY(c->message),
                       ic_view(c->out, c->len)));
}

static void run_dh(void *ctx, size_t n)
{
    struct primitive_ctx *c = ctx;
    uint8_t out[IC_KEM_PUBLIC_MAX];
    while (n--)
        must(c->prov->dh(c->suite->kem, ic_secret_view(&c->own.private_key),
                         ic_view(c->peer.public_key, c->peer.public_len), out));
}

static void run_keygen(void *ctx, size_t n)
{
    struct primitive_ctx *c = ctx;
    uint8_t out[IC_KEM_PUBLIC_MAX];
    while (n--)
        must(c->prov->dh_public(c->suite->kem, ic_secret_view(&c->own.private_key), out));
}

static void run_hmac(void *ctx, size_t n)
{
    struct primitive_ctx *c = ctx;
    uint8_t out[IC_HASH_MAX];
    while (n--) {
        ic_hmac(&c->hmac, IC_VIEW_ARRAY(c->message), out);
        ic_bench_keep(out);
    }
}

/* c: the caller's, filled; it stays for what is measured in turns with a primitive. */
static struct primitives measure(const struct ic_suite *s, struct ic_rand rand,
                                 struct primitive_ctx *c)
{
    struct primitives p = {.ctx = c};
    *c = (struct primitive_ctx){.suite = s, .prov = ic_prov_dh(s->kem)};
    must(ic_sign_key_generate(s->sig, &rand, &c->key));
    must(ic_kem_generate_pair(s->kem, &rand, &c->own));
    must(ic_kem_generate_pair(s->kem, &rand, &c->peer));
    ic_hmac_key_init(&c->hmac, s->hash, ic_view(c->message, 32));
    p.s = ic_bench_ns(run_sign, c);
    p.v = ic_bench_ns(run_verify, c);
    p.d = ic_bench_ns(run_dh, c);
    p.g = ic_bench_ns(run_keygen, c);
    p.h = ic_bench_ns(run_hmac, c);
    return p;
}

/* ---- measuring one operation many times ---- */

enum { ROUNDS_MAX = 201, MESSAGES = 32 };

struct bench {
    struct fixture f;
    struct primitives p;
    uint32_t n, depth;
    struct ic_mls_group *committer, *receiver, *result;
    struct ic_mls_key_package *newcomer;
    struct ic_view *adds;
    size_t add_count;
    struct ic_mls_commit_params params;
    struct ic_buf message, welcome;
    struct ic_buf messages[MESSAGES];
    struct ic_mls_staged *staged;
};

/* Median of rounds; before and after are not measured, and may be NULL. */
static double median_ns(struct bench *b, size_t rounds, void (*before)(struct bench *),
                        void (*run)(struct bench *), void (*after)(struct bench *))
{
    double took[ROUNDS_MAX];
    for (size_t i = 0; i < rounds; i++) {
        if (before)
            before(b);
        double start = ic_bench_now_ns();
        run(b);
        took[i] = ic_bench_now_ns() - start;
        if (after)
            after(b);
    }
    return ic_bench_median(took, rounds);
}

static void row(struct bench *b, const char *name, double ns, double floor_ns)
{
    ic_bench_row(name, ns / 1e3, "us", b->n, b->f.suite->id, floor_ns / 1e3);
}

/* ---- the same on two threads ---- */

static struct ic_mlspub_executor two_threads;

static double wall_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double wall_once(struct bench *b, const struct ic_mlspub_executor *exec,
                        void (*run)(struct bench *), void (*after)(struct bench *))
{
    b->f.config.exec = exec;
    double start = wall_ns();
    run(b);
    double took = wall_ns() - start;
    after(b);
    b->f.config.exec = NULL;
    return took;
}

/* Wall time with a second thread; the floor is half the wall time without one, measured in turn. Each is the
 * fastest of its rounds: other programs take the second processor, and only ever slow it down. */
static void rows_2t(struct bench *b, const char *name, const char *gain_name, size_t rounds,
                    void (*run)(struct bench *), void (*after)(struct bench *))
{
    double one = 0, two = 0;
    if (b->n < 1000)
        return;
    for (size_t i = 0; i < rounds; i++) {
        double a = wall_once(b, NULL, run, after), c = wall_once(b, &two_threads, run, after);
        one = i == 0 || a < one ? a : one;
        two = i == 0 || c < two ? c : two;
    }
    row(b, name, two, one / 2);
    ic_bench_row(gain_name, one / two, "x", b->n, b->f.suite->id, 0);
}

/* ---- the operations ---- */

static void create(struct bench *b)
{
    must(ic_mls_commit_create(b->committer, &b->params, &b->staged));
}

static void drop_staged(struct bench *b)
{
    ic_mls_discard(b->staged);
    b->staged = NULL;
}

static void take_receiver(struct bench *b)
{
    must(fixture_take(&b->f, b->n - 1, &b->receiver));
}

static void process(struct bench *b)
{
    struct ic_mls_received r;
    must(ic_mls_process(b->receiver, ic_buf_view(&b->message), &r));
    must(ic_mls_merge(b->receiver, r.staged));
    r.staged = NULL;
    ic_mls_received_clear(&r);
}

static void drop_receiver(struct bench *b)
{
    ic_mls_group_free(b->receiver);
    b->receiver = NULL;
}

static void keep_message(struct bench *b)
{
    create(b);
    ic_buf_reset(&b->message);
    ic_buf_reset(&b->welcome);
    must(ic_buf_append(&b->message, ic_mls_staged_commit(b->staged)));
    must(ic_buf_append(&b->welcome, ic_mls_staged_welcome(b->staged)));
}

/* Creates, then has the receiver process; shows that both hold the same afterwards. */
static void both(struct bench *b, size_t rounds, const char *create_name, double create_floor,
                 const char *process_name, double process_floor)
{
    row(b, create_name, median_ns(b, rounds, NULL, create, drop_staged), create_floor);
    keep_message(b);
    row(b, process_name, median_ns(b, rounds, take_receiver, process, drop_receiver),
        process_floor);
    struct ic_mls_group *g;
    must(fixture_take(&b->f, 0, &g));
    drop_staged(b);
    struct ic_mls_group *old = b->committer;
    b->committer = g;
    keep_message(b);
    take_receiver(b);
    process(b);
    must(ic_mls_merge(b->committer, b->staged));
    b->staged = NULL;
    if (!ic_view_equal(ic_mls_epoch_authenticator(b->committer),
                       ic_mls_epoch_authenticator(b->receiver)))
        must(IC_ERR_STATE);
    drop_receiver(b);
    ic_mls_group_free(b->committer);
    b->committer = old;
}

static void bench_commits(struct bench *b)
{
    const struct primitives *p = &b->p;
    double deep = b->depth;
    size_t rounds = b->n >= 1000 ? 41 : 101;
    b->params = (struct ic_mls_commit_params){.force_path = true, .welcome_without_tree = true};
    both(b, rounds, "mls.commit_create",
         deep * (2 * p->g + p->d) + 2 * p->s + (15 + 15 * deep) * p->h, "mls.commit_process",
         2 * p->v + p->d + p->g + (6 + 4 * deep) * p->h);

    struct ic_view add = ic_mls_key_package_message(b->newcomer);
    b->params =
        (struct ic_mls_commit_params){.adds = &add, .add_count = 1, .welcome_without_tree = true};
    both(b, rounds, "mls.add_create", 2 * p->v + 2 * p->s + p->g + p->d + (20 + 4 * deep) * p->h,
         "mls.add_process", 3 * p->v);

    if (b->n < 4)
        return;
    uint32_t gone = b->n / 2 - 1;
    b->params = (struct ic_mls_commit_params){
        .removes = &gone, .remove_count = 1, .welcome_without_tree = true};
    both(b, rounds, "mls.remove_create",
         (2 * deep - 3) * (p->g + p->d) + deep * p->g + 2 * p->s + (15 + 15 * deep) * p->h,
         "mls.remove_process", 2 * p->v + p->d + p->g + (6 + 4 * deep) * p->h);
}

/* A message costs little more than its signature, and a clock's reading is not nothing beside that: so they
 * are measured by many, in turns with the primitive. */
static void protect_into(struct bench *b, struct ic_buf *out)
{
    static const uint8_t text[64];
    ic_buf_reset(out);
    must(ic_mls_protect(b->committer, IC_VIEW_ARRAY(text), ic_view(NULL, 0), out));
}

static void run_protect(void *ctx, size_t n)
{
    struct bench *b = ctx;
    while (n--)
        protect_into(b, &b->message);
}

static void prepare_messages(void *ctx)
{
    struct bench *b = ctx;
    for (size_t i = 0; i < MESSAGES; i++)
        protect_into(b, &b->messages[i]);
}

static void run_unprotect(void *ctx, size_t n)
{
    struct bench *b = ctx;
    for (size_t i = 0; i < n; i++) {
        struct ic_mls_received r;
        must(ic_mls_process(b->receiver, ic_buf_view(&b->messages[i]), &r));
        ic_mls_received_clear(&r);
    }
}

static void run_floor_verify(void *ctx, size_t n)
{
    struct bench *b = ctx;
    run_verify(b->p.ctx, n);
}

static void pair_row(struct bench *b, const char *name, struct ic_bench_pair p)
{
    row(b, name, p.a_ns, p.a_ns / p.ratio);
}

static void bench_messages(struct bench *b)
{
    take_receiver(b);
    for (size_t i = 0; i < MESSAGES; i++)
        ic_buf_init(&b->messages[i], 4096);
    /* First those that are read: no receiver takes a jump over all that are only made. */
    pair_row(
        b, "mls.message_unprotect",
        ic_bench_pair_prepared(prepare_messages, run_unprotect, run_floor_verify, b, MESSAGES));
    pair_row(b, "mls.message_protect", ic_bench_pair(run_protect, b, run_sign, b->p.ctx));
    for (size_t i = 0; i < MESSAGES; i++)
        ic_buf_clear(&b->messages[i]);
    drop_receiver(b);
}

/* ---- creating and joining ---- */

static void create_group(struct bench *b)
{
    must(ic_mls_group_create(&b->f.config, &b->f.members[0].id, IC_VIEW_STR("a group"),
                             ic_view(NULL, 0), &b->result));
    const struct ic_mls_commit_params p = {
        .adds = b->adds, .add_count = b->add_count, .welcome_without_tree = true};
    must(ic_mls_commit_create(b->result, &p, &b->staged));
    must(ic_mls_merge(b->result, b->staged));
    b->staged = NULL;
}

static void drop_result(struct bench *b)
{
    ic_mls_group_free(b->result);
    b->result = NULL;
}

static void bench_create(struct bench *b)
{
    const struct primitives *p = &b->p;
    size_t count = b->n - 1;
    struct ic_mls_key_package **packages = ic_new_array(count, struct ic_mls_key_package *);
    b->adds = ic_new_array(count, struct ic_view);
    if (!packages || !b->adds)
        must(IC_ERR_NOMEM);
    for (size_t i = 0; i < count; i++) {
        must(ic_mls_key_package_new(&b->f.config, &b->f.members[i + 1].id, ic_view(NULL, 0),
                                    &packages[i]));
        b->adds[i] = ic_mls_key_package_message(packages[i]);
    }
    b->add_count = count;
    row(b, "mls.create_group",
        median_ns(b,
                  b->n >= 10000  ? 3
                  : b->n >= 1000 ? 5
                                 : 21,
                  NULL, create_group, drop_result),
        (double)count * (2 * p->v + p->g + p->d + 12 * p->h));
    rows_2t(b, "mls.create_group_2t", "mls.create_group_2t_gain", b->n >= 10000 ? 3 : 9,
            create_group, drop_result);
    for (size_t i = 0; i < count; i++)
        ic_mls_key_package_free(packages[i]);
    ic_free(packages);
    ic_free(b->adds);
}

static struct ic_buf join_tree;

static void join(struct bench *b)
{
    must(ic_mls_group_join(&b->f.config, &b->f.members[b->f.n].id, b->newcomer,
                           ic_buf_view(&b->welcome), ic_buf_view(&join_tree), &b->result));
}

/* n - 1 members who have all committed, and one who joins them. */
static void bench_join(struct bench *outer, struct ic_rand rand)
{
    struct bench b = {.p = outer->p, .n = outer->n};
    must(fixture_init(&b.f, outer->f.suite, b.n - 1, true, rand));
    ic_buf_init(&b.message, 1u << 30);
    ic_buf_init(&b.welcome, 1u << 30);
    ic_buf_init(&join_tree, 1u << 30);
    must(fixture_take(&b.f, 0, &b.committer));
    must(
        ic_mls_key_package_new(&b.f.config, &b.f.members[b.f.n].id, ic_view(NULL, 0), &b.newcomer));
    struct ic_view add = ic_mls_key_package_message(b.newcomer);
    b.params =
        (struct ic_mls_commit_params){.adds = &add, .add_count = 1, .welcome_without_tree = true};
    keep_message(&b);
    must(ic_mls_merge(b.committer, b.staged));
    must(ic_mls_tree(b.committer, &join_tree));
    row(&b, "mls.join",
        median_ns(&b,
                  b.n >= 10000  ? 3
                  : b.n >= 1000 ? 9
                                : 41,
                  NULL, join, drop_result),
        (b.n + 1) * b.p.v + 2e3 * b.n);
    rows_2t(&b, "mls.join_2t", "mls.join_2t_gain", b.n >= 10000 ? 3 : 9, join, drop_result);
    size_t before = mallinfo2().uordblks;
    join(&b);
    double bytes = (double)(mallinfo2().uordblks - before) / b.n;
    ic_bench_row("mls.state_bytes", bytes, "B per member", b.n, b.f.suite->id, 0);
    drop_result(&b);
    ic_mls_key_package_free(b.newcomer);
    ic_mls_group_free(b.committer);
    ic_buf_clear(&b.message);
    ic_buf_clear(&b.welcome);
    ic_buf_clear(&join_tree);
    fixture_clear(&b.f);
}

static void bench_size(const struct ic_suite *s, uint32_t n, const struct primitives *p,
                       struct ic_rand rand)
{
    struct bench b = {.p = *p, .n = n};
    while (1u << b.depth < n)
        b.depth++;
    must(fixture_init(&b.f, s, n, true, rand));
    ic_buf_init(&b.message, 1u << 30);
    ic_buf_init(&b.welcome, 1u << 30);
    must(ic_mls_key_package_new(&b.f.config, &b.f.members[n].id, ic_view(NULL, 0), &b.newcomer));
    must(fixture_take(&b.f, 0, &b.committer));
    bench_create(&b);
    bench_join(&b, rand);
    bench_commits(&b);
    bench_messages(&b);
    bench_state(&b.f, p->g);
    ic_mls_group_free(b.committer);
    ic_mls_key_package_free(b.newcomer);
    ic_buf_clear(&b.message);
    ic_buf_clear(&b.welcome);
    fixture_clear(&b.f);
}

/* bench-mls [SUITE [N]]: that suite, that size alone. */
int main(int argc, char **argv)
{
    static const uint32_t sizes[] = {2, 10, 100, 1000, 10000};
    static const uint16_t suites[] = {1, 2};
    unsigned long suite = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    unsigned long size = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    struct ic_test_rand state;
    struct ic_rand rand = ic_test_rand(&state, 1);
    two_threads = pool_start();
    for (size_t i = 0; i < IC_ARRAY_LEN(suites); i++) {
        const struct ic_suite *s = ic_suite_find(suites[i]);
        if (suite != 0 && s->id != suite)
            continue;
        struct primitive_ctx ctx;
        struct primitives p = measure(s, rand, &ctx);
        for (size_t k = 0; k < IC_ARRAY_LEN(sizes) && size == 0; k++)
            bench_size(s, sizes[k], &p, rand);
        if (size != 0)
            bench_size(s, (uint32_t)size, &p, rand);
        ic_sign_key_free(ctx.key);
    }
    pool_stop();
    return 0;
}
