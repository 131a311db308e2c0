#include "bench_state.h"

#include "../src/member/saved.h"
#include "../test/member/memory_store.h"

#include <ic/base/bench.h>
#include <ic/base/mem.h>
#include <ic/crypto/hash.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 41 };

static void must(ic_err e)
{
    if (e != IC_OK) {
        fprintf(stderr, "bench-mls: state: %s\n", ic_err_text(e));
        exit(1);
    }
}

struct state_bench {
    const struct fixture *f;
    struct ic_mls_group *g;
    struct memory_store m;
    struct ic_mls_store store;
};

static double median_ns(struct state_bench *b, size_t rounds, void (*before)(struct state_bench *),
                        void (*run)(struct state_bench *))
{
    double took[ROUNDS];
    for (size_t i = 0; i < rounds; i++) {
        if (before)
            before(b);
        double start = ic_bench_now_ns();
        run(b);
        took[i] = ic_bench_now_ns() - start;
    }
    return ic_bench_median(took, rounds);
}

static void row(const struct state_bench *b, const char *name, double ns, double floor_ns)
{
    ic_bench_row(name, ns / 1e3, "us", b->f->n, b->f->suite->id, floor_ns / 1e3);
}

/* ---- the operations ---- */

static void save(struct state_bench *b)
{
    must(ic_mls_save(b->g, &b->store));
}

static void save_all(struct state_bench *b)
{
    must(ic_mls_save_anew(b->g, &b->store));
}

static void commit(struct state_bench *b)
{
    const struct ic_mls_commit_params p = {.force_path = true};
    struct ic_mls_staged *s;
    must(ic_mls_commit_create(b->g, &p, &s));
    must(ic_mls_merge(b->g, s));
}

static void say(struct state_bench *b)
{
    IC_BUF_SCOPE(m, 65536);
    must(ic_mls_protect(b->g, IC_VIEW_STR("hello"), ic_view(NULL, 0), &m));
}

static void load(struct state_bench *b)
{
    const struct ic_sign_key *const signers[] = {b->f->members[0].signer};
    struct ic_mls_group *g;
    must(ic_mls_load(&b->f->config, signers, 1, &b->store, &g));
    ic_mls_group_free(g);
}

/* ---- the floors ---- */

/* All records into another store, with their checks. */
static void put_all(struct state_bench *b)
{
    struct memory_store other = {0};
    struct ic_mls_store store = memory_store(&other);
    uint8_t check[IC_MLS_RECORD_CHECK_LEN];
    must(store.begin(&other, true));
    for (size_t i = 0; i < b->m.records.count; i++) {
        const struct memory_record *r = &b->m.records.p[i];
        if (ic_mls_record_checked(r->key.kind))
            ic_mls_record_check(&r->key, ic_view(r->value, r->len - sizeof check), check);
        must(store.put(&other, &r->key, ic_view(r->value, r->len)));
    }
    must(store.commit(&other));
    memory_store_clear(&other);
}

/* A leaf's hash covers the leaf and its number, a parent's the node and two hashes; blank nodes, of which
 * nearly none are here, count as nothing. */
static void hash_tree(struct state_bench *b)
{
    enum { MORE_LEAF = 5, MORE_PARENT = 2 * (IC_HASH_MAX + 1), NODE_MAX = 4096 };
    static uint8_t input[NODE_MAX + MORE_PARENT];
    uint8_t digest[IC_HASH_MAX];
    for (size_t i = 0; i < b->m.records.count; i++) {
        const struct memory_record *r = &b->m.records.p[i];
        if (r->key.kind != IC_MLS_RECORD_NODE || r->len > NODE_MAX)
            continue;
        size_t more = r->key.index % 2 ? 2 * (b->f->suite->hash_len + 1u) : (size_t)MORE_LEAF;
        memcpy(input, r->value, r->len);
        ic_hash_once(b->f->suite->hash, ic_view(input, r->len + more), digest);
        ic_bench_keep(digest);
    }
}

void bench_state(const struct fixture *f, double keygen_ns)
{
    struct state_bench b = {.f = f};
    size_t rounds = f->n >= 10000 ? 5 : ROUNDS;
    b.store = memory_store(&b.m);
    must(fixture_take(f, 0, &b.g));
    double all = median_ns(&b, rounds, NULL, save_all);
    double all_floor = median_ns(&b, rounds, NULL, put_all);
    double record_ns = all_floor / (double)b.m.records.count;
    row(&b, "mls.save_all", all, all_floor);
    double after_commit = median_ns(&b, ROUNDS, commit, save);
    row(&b, "mls.save", after_commit, (double)b.m.puts * record_ns);
    say(&b); /* the first derives the sender's keys */
    save(&b);
    double after_message = median_ns(&b, ROUNDS, say, save);
    row(&b, "mls.save_message", after_message, (double)b.m.puts * record_ns);
    double keys = 1.0 + b.g->now.keys.count;
    double loading = median_ns(&b, rounds, NULL, load);
    row(&b, "mls.load", loading, median_ns(&b, rounds, NULL, hash_tree) + keys * keygen_ns);
    memory_store_clear(&b.m);
    ic_mls_group_free(b.g);
}
