/* With an executor and without one: the same results, the same failures. */
#include "world.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { PEOPLE = 12, THREADS = 3 };

/* Threads that live for one run, and take the jobs from the last to the first. */
struct run {
    size_t n, step, first;
    void (*job)(void *arg, size_t i);
    void *arg;
};

static void *take_share(void *ctx)
{
    const struct run *r = ctx;
    for (size_t i = r->first; i < r->n; i += r->step)
        r->job(r->arg, r->n - 1 - i);
    return NULL;
}

static void run_on_threads(void *ctx, size_t n, void (*job)(void *arg, size_t i), void *arg)
{
    pthread_t threads[THREADS];
    struct run share[THREADS];
    *(size_t *)ctx += n;
    for (size_t i = 0; i < THREADS; i++) {
        share[i] = (struct run){n, THREADS, i, job, arg};
        if (pthread_create(&threads[i], NULL, take_share, &share[i]) != 0)
            abort();
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void run_backwards(void *ctx, size_t n, void (*job)(void *arg, size_t i), void *arg)
{
    *(size_t *)ctx += n;
    while (n-- > 0)
        job(arg, n);
}

/* A group grows at once, loses three whose paths are blank then, and one updates: to many receivers. */
static ic_err live(struct world *w)
{
    static const size_t all[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    IC_TRY(world_create(w));
    IC_TRY(world_add(w, 0, all, PEOPLE - 1));
    for (size_t gone = 2; gone < PEOPLE; gone += 4)
        IC_TRY(world_remove(w, 0, gone));
    IC_TRY(world_update(w, 7));
    IC_TRY(world_add(w, 1, (const size_t[]){2, 6}, 2));
    return world_talk(w, 2);
}

/* The last epoch of the same life; where signatures are deterministic, bit for bit. */
static ic_err last_epoch(const struct ic_suite *s, const struct ic_mlspub_executor *exec,
                         struct ic_buf *out)
{
    struct world w;
    ic_err e = world_init(&w, s, 7);
    w.config.exec = exec;
    if (e == IC_OK)
        e = live(&w);
    if (e == IC_OK && !world_agrees(&w))
        e = IC_ERR_STATE;
    if (e == IC_OK)
        e = world_snapshot(w.people[2].g, out);
    world_clear(&w);
    return e;
}

TEST(an_executor_changes_no_result)
{
    const struct ic_suite *s;
    for (size_t i = 0; (s = ic_suite_at(i)); i++) {
        size_t jobs = 0;
        const struct ic_mlspub_executor exec = {run_on_threads, &jobs};
        IC_BUF_SCOPE(alone, 1 << 20);
        IC_BUF_SCOPE(together, 1 << 20);
        CHECK_OK(last_epoch(s, NULL, &alone));
        CHECK_OK(last_epoch(s, &exec, &together));
        CHECK(jobs > 100);
        if (s->sig == IC_ED25519 || s->sig == IC_ED448)
            CHECK_BYTES(ic_buf_view(&alone), ic_buf_view(&together));
    }
}

struct failing {
    struct world w;
    struct ic_mls_key_package *packages[PEOPLE];
    struct ic_view adds[PEOPLE];
};

/* Key packages of which two have a wrong last byte: their signatures'. */
static ic_err forge(struct failing *f, size_t one, size_t other)
{
    for (size_t i = 1; i < PEOPLE; i++) {
        IC_TRY(ic_mls_key_package_new(&f->w.config, &f->w.people[i].id, ic_view(NULL, 0),
                                      &f->packages[i]));
        f->adds[i] = ic_mls_key_package_message(f->packages[i]);
    }
    for (size_t k = 0; k < 2; k++) {
        struct ic_view *v = &f->adds[k ? other : one];
        uint8_t *copy = malloc(v->len);
        if (!copy)
            return IC_ERR_NOMEM;
        memcpy(copy, v->p, v->len);
        copy[v->len - 1] ^= 1;
        *v = ic_view(copy, v->len);
    }
    return IC_OK;
}

static void failing_clear(struct failing *f)
{
    for (size_t i = 1; i < PEOPLE; i++) {
        if (f->packages[i] && f->adds[i].p != ic_mls_key_package_message(f->packages[i]).p)
            free((void *)(uintptr_t)f->adds[i].p);
        ic_mls_key_package_free(f->packages[i]);
    }
    world_clear(&f->w);
}

TEST(an_executor_changes_no_failure)
{
    size_t jobs = 0;
    const struct ic_mlspub_executor threads = {run_on_threads, &jobs},
                                    backwards = {run_backwards, &jobs};
    const struct ic_mlspub_executor *const execs[] = {NULL, &threads, &backwards};
    for (size_t i = 0; i < 3; i++) {
        __attribute__((cleanup(failing_clear))) struct failing f = {0};
        struct ic_mls_staged *s;
        CHECK_OK(world_init(&f.w, ic_suite_find(1), 3));
        f.w.config.exec = execs[i];
        CHECK_OK(world_create(&f.w));
        CHECK_OK(forge(&f, 4, 9));
        const struct ic_mls_commit_params p = {.adds = f.adds + 1, .add_count = PEOPLE - 1};
        CHECK_ERR(ic_mls_commit_create(f.w.people[0].g, &p, &s), IC_ERR_SIGNATURE);
        CHECK_EQ_INT(ic_mls_last_offender(f.w.people[0].g), 3); /* the first add is number 0 */
        CHECK(strstr(ic_mls_last_rule(f.w.people[0].g), "10.1"));
    }
    CHECK(jobs > 2 * (PEOPLE - 2));
}

static ic_err under_faults(void *ctx)
{
    struct world *w = ctx;
    struct ic_mls_staged *s;
    uint32_t gone = 3;
    const struct ic_mls_commit_params p = {.removes = &gone, .remove_count = 1};
    IC_TRY(ic_mls_commit_create(w->people[0].g, &p, &s));
    struct ic_mls_received r;
    ic_err e = ic_mls_process(w->people[1].g, ic_mls_staged_commit(s), &r);
    ic_mls_discard(s);
    if (e == IC_OK)
        ic_mls_received_clear(&r);
    return e;
}

TEST(shared_out_work_survives_every_failing_allocation)
{
    struct world w;
    size_t jobs = 0;
    const struct ic_mlspub_executor exec = {run_backwards, &jobs};
    CHECK_OK(world_init(&w, ic_suite_find(1), 5));
    w.config.exec = &exec;
    CHECK_OK(world_create(&w));
    CHECK_OK(world_add(&w, 0, (const size_t[]){1, 2, 3, 4, 5, 6}, 6));
    jobs = 0;
    CHECK(ic_test_each_alloc_fails(under_faults, &w) > 20);
    CHECK(jobs > 0);
    CHECK(world_agrees(&w));
    world_clear(&w);
}
