/* A process that is killed while it saves: the database holds the state before or after. */
#include "place.h"

#include <ic/crypto/hash.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KILLS = 25, DIGEST = 32 };

static ic_err digest_of(const struct ic_mls_group *g, uint8_t out[DIGEST])
{
    SECRET_SCOPE(whole);
    IC_TRY(ic_mls_state_encode(g, &whole));
    ic_hash_once(IC_SHA256, ic_buf_view(&whole), out);
    return IC_OK;
}

static ic_err change(struct ic_mls_group *g, unsigned i)
{
    const struct ic_mls_commit_params update = {.force_path = true};
    struct ic_mls_staged *s;
    IC_BUF_SCOPE(m, 65536);
    if (i % 3)
        return ic_mls_protect(g, IC_VIEW_STR("x"), ic_view(NULL, 0), &m);
    IC_TRY(ic_mls_commit_create(g, &update, &s));
    return ic_mls_merge(g, s);
}

/* Tells what it is about to save, saves it, tells that it has. Ends by being killed. */
static void live(struct place *p, struct world *w, int tell)
{
    uint8_t line[1 + DIGEST];
    struct ic_mls_group *g;
    ic_err e = place_open(p);
    if (e == IC_OK)
        e = place_load(p, w, 0, IC_VIEW_STR("the group"), &g);
    for (unsigned i = 0; e == IC_OK; i++) {
        e = change(g, i);
        if (e == IC_OK)
            e = digest_of(g, line + 1);
        line[0] = 'b';
        if (e != IC_OK || write(tell, line, sizeof line) != sizeof line)
            break;
        e = place_save(p, g);
        line[0] = 'a';
        if (e != IC_OK || write(tell, line, sizeof line) != sizeof line)
            break;
    }
    fprintf(stderr, "the child ends: %s, %s\n", ic_err_name(e), ic_mls_sqlite_error(p->db));
    _exit(1);
}

/* The last state that was saved for sure, and the one on the way. */
struct told {
    uint8_t saved[DIGEST], next[DIGEST];
    unsigned saves;
};

static bool hear(int from, struct told *t)
{
    uint8_t line[1 + DIGEST];
    if (read(from, line, sizeof line) != sizeof line)
        return false;
    memcpy(line[0] == 'a' ? t->saved : t->next, line + 1, DIGEST);
    t->saves += line[0] == 'a';
    return true;
}

/* However slow it is: it is killed so long after it has told `first` things. */
static void kill_once(struct place *p, struct world *w, unsigned first, long after_us,
                      struct told *t)
{
    w->rand_state.state++; /* a child that was killed has drawn from it too */
    int ends[2], status;
    CHECK(pipe(ends) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        close(ends[0]);
        live(p, w, ends[1]);
    }
    close(ends[1]);
    for (unsigned i = 0; i < first; i++)
        CHECK(hear(ends[0], t));
    const struct timespec pause = {0, after_us * 1000};
    nanosleep(&pause, NULL);
    kill(child, SIGKILL);
    while (hear(ends[0], t))
        ;
    close(ends[0]);
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status)); /* it had not failed before */
}

TEST(a_killed_process_leaves_the_state_before_or_after)
{
    PLACE(p);
    struct world w;
    struct told t = {0};
    struct ic_test_rand r = {11};
    uint8_t found[DIGEST];
    CHECK_OK(place_open(&p));
    CHECK_OK(world_init(&w, ic_suite_find(1), 13));
    CHECK_OK(world_create(&w));
    CHECK_OK(world_add(&w, 0, (const size_t[]){1, 2, 3}, 3));
    CHECK_OK(place_save(&p, w.people[0].g));
    CHECK_OK(digest_of(w.people[0].g, t.saved));
    ic_mls_sqlite_close(p.db);
    p.db = NULL;
    for (int i = 0; i < KILLS && !ic_test_failed(); i++) {
        struct ic_mls_group *g;
        memcpy(t.next, t.saved, DIGEST);
        kill_once(&p, &w, (unsigned)i % 2 * 2, 5000 + (long)(ic_test_rand_u64(&r) % 60000), &t);
        if (ic_test_failed())
            break;
        CHECK_OK(place_open(&p));
        CHECK_OK(place_load(&p, &w, 0, IC_VIEW_STR("the group"), &g));
        CHECK_OK(digest_of(g, found));
        ic_mls_group_free(g);
        ic_mls_sqlite_close(p.db);
        p.db = NULL;
        CHECK(memcmp(found, t.saved, DIGEST) == 0 || memcmp(found, t.next, DIGEST) == 0);
        memcpy(t.saved, found, DIGEST);
    }
    CHECK(t.saves > 10);
    world_clear(&w);
}
