/* What a save writes: in a group of a thousand, a path and not the tree. */
#include "../../bench/fixture.h"
#include "memory_store.h"

#include <ic/base/mem.h>
#include <ic/base/test.h>

enum { MEMBERS = 1000 };

struct pair {
    struct fixture f;
    struct ic_mls_group *committer, *receiver;
    struct memory_store stores[2];
};

static void pair_close(struct pair *p)
{
    for (size_t i = 0; i < 2; i++)
        memory_store_clear(&p->stores[i]);
    ic_mls_group_free(p->committer);
    ic_mls_group_free(p->receiver);
    fixture_clear(&p->f);
}

static void save_both(struct pair *p)
{
    for (size_t i = 0; i < 2; i++) {
        const struct ic_mls_store store = memory_store(&p->stores[i]);
        CHECK_OK(ic_mls_save(i ? p->receiver : p->committer, &store));
    }
}

static void commit(struct pair *p, const struct ic_mls_commit_params *params)
{
    struct ic_mls_staged *s;
    struct ic_mls_received r;
    CHECK_OK(ic_mls_commit_create(p->committer, params, &s));
    CHECK_OK(ic_mls_process(p->receiver, ic_mls_staged_commit(s), &r));
    CHECK_OK(ic_mls_merge(p->receiver, r.staged));
    r.staged = NULL;
    ic_mls_received_clear(&r);
    CHECK_OK(ic_mls_merge(p->committer, s));
}

static void talk(struct pair *p)
{
    struct ic_mls_received r;
    IC_BUF_SCOPE(m, 65536);
    CHECK_OK(ic_mls_protect(p->committer, IC_VIEW_STR("hello"), ic_view(NULL, 0), &m));
    CHECK_OK(ic_mls_process(p->receiver, ic_buf_view(&m), &r));
    ic_mls_received_clear(&r);
}

TEST(a_save_writes_what_changed)
{
    struct ic_test_rand state;
    IC_CLEANUP(pair_close) struct pair p = {0};
    CHECK_OK(fixture_init(&p.f, ic_suite_find(1), MEMBERS, true, ic_test_rand(&state, 1)));
    CHECK_OK(fixture_take(&p.f, 0, &p.committer));
    CHECK_OK(fixture_take(&p.f, MEMBERS - 1, &p.receiver));
    save_both(&p);
    CHECK(p.stores[0].puts > 1999);

    /* A commit: stamp, group, keys, past epoch, its PSK, message keys; and eleven nodes of the path. */
    const struct ic_mls_commit_params update = {.force_path = true};
    commit(&p, &update);
    save_both(&p);
    for (size_t i = 0; i < 2; i++) {
        CHECK_EQ_INT(p.stores[i].puts, 6 + 11);
        CHECK(p.stores[i].erased <= 1);
    }
    /* A removal blanks a path more. */
    const uint32_t gone = MEMBERS / 2 - 1;
    const struct ic_mls_commit_params remove = {.removes = &gone, .remove_count = 1};
    commit(&p, &remove);
    save_both(&p);
    for (size_t i = 0; i < 2; i++) {
        CHECK(p.stores[i].puts <= 6 + 11);
        CHECK(p.stores[i].erased <= 12);
    }
    /* The first message of a sender derives its keys, as many as the tree is deep; the others are one
     * record beside the stamp. */
    talk(&p);
    save_both(&p);
    for (size_t i = 0; i < 2; i++)
        CHECK(p.stores[i].puts <= 1 + 10 + 2);
    for (int n = 0; n < 3; n++) {
        talk(&p);
        save_both(&p);
        for (size_t i = 0; i < 2; i++) {
            CHECK_EQ_INT(p.stores[i].puts, 2);
            CHECK_EQ_INT(p.stores[i].erased, 0);
        }
    }
    save_both(&p); /* and nothing */
    CHECK_EQ_INT(p.stores[0].puts, 1);
}
