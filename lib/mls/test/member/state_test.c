/* A group saved and loaded: bit for bit the same, whatever it has been through. */
#include "memory_store.h"
#include "steps.h"

#include <ic/base/mem.h>
#include <ic/mlspub/codec.h>
#include <string.h>

enum { STATE_MAX = 64 << 20 };

#define STATE_SCOPE(name) IC_CLEANUP(ic_buf_clear_secret) struct ic_buf name = {.max = STATE_MAX}

static ic_err decode(const struct world *w, size_t who, struct ic_view bytes,
                     struct ic_mls_group **out)
{
    const struct ic_sign_key *const signers[] = {w->people[who].signer};
    return ic_mls_state_decode(&w->config, signers, 1, bytes, out);
}

/* Encodes, decodes, encodes again; the group is replaced by what was decoded. */
static void come_back(struct world *w, size_t who)
{
    struct ic_mls_group *g;
    STATE_SCOPE(before);
    STATE_SCOPE(after);
    CHECK_OK(ic_mls_state_encode(w->people[who].g, &before));
    CHECK_OK(decode(w, who, ic_buf_view(&before), &g));
    ic_mls_group_free(w->people[who].g);
    w->people[who].g = g;
    CHECK_OK(ic_mls_state_encode(g, &after));
    CHECK_BYTES(ic_buf_view(&after), ic_buf_view(&before));
}

static void all_come_back(struct world *w)
{
    for (size_t i = 0; i < WORLD_MEMBERS && !ic_test_failed(); i++)
        if (w->people[i].g)
            come_back(w, i);
}

/* Epochs, late and skipped messages, pending proposals and Updates; then everybody restarts. */
static void full_life(const struct ic_suite *s, bool private)
{
    struct world w;
    IC_BUF_SCOPE(late, 65536);
    IC_BUF_SCOPE(skipped, 65536);
    IC_BUF_SCOPE(m, 65536);
    CHECK_OK(world_init(&w, s, 3));
    w.config.private_handshakes = private;
    CHECK_OK(world_create(&w));
    come_back(&w, 0);
    CHECK_OK(world_add(&w, 0, (const size_t[]){1, 2, 3, 4}, 4));
    CHECK_OK(world_say(&w, 1, "late", &late));
    CHECK_OK(world_update(&w, 2));
    all_come_back(&w);
    CHECK_OK(world_say(&w, 3, "skipped", &skipped));
    CHECK_OK(world_talk(&w, 3));
    CHECK_OK(world_talk(&w, 0));
    CHECK_OK(world_remove(&w, 1, 4));
    CHECK_OK(ic_mls_propose_update(w.people[2].g, NULL, ic_view(NULL, 0), &m));
    CHECK_OK(world_propose(&w, 2, &m));
    all_come_back(&w);
    CHECK(world_agrees(&w));
    CHECK_OK(world_read(&w.people[0], ic_buf_view(&late), IC_VIEW_STR("late")));
    CHECK_OK(world_read(&w.people[2], ic_buf_view(&skipped), IC_VIEW_STR("skipped")));
    all_come_back(&w);
    struct ic_mls_received r;
    CHECK_ERR(ic_mls_process(w.people[0].g, ic_buf_view(&late), &r), IC_ERR_REPLAY);
    CHECK_ERR(ic_mls_process(w.people[2].g, ic_buf_view(&skipped), &r), IC_ERR_REPLAY);
    struct ic_mls_commit_params p = {0};
    CHECK_OK(world_commit(&w, 0, &p, NULL, NULL, 0));
    CHECK(world_agrees(&w));
    all_come_back(&w);
    CHECK_OK(world_talk(&w, 2));
    CHECK_OK(world_join_external(&w, 5, 0, IC_MLSPUB_NO_LEAF));
    all_come_back(&w);
    CHECK_OK(world_update(&w, 5));
    CHECK(world_agrees(&w));
    world_clear(&w);
}

TEST(states_of_all_suites_come_back)
{
    for (size_t i = 0; ic_suite_at(i) && !ic_test_failed(); i++)
        for (int private = 0; private < 2 && !ic_test_failed(); private ++)
            full_life(ic_suite_at(i), private);
}

TEST(state_of_one_who_was_removed_has_no_secrets)
{
    struct world w;
    struct ic_mls_received r;
    STATE_SCOPE(before);
    STATE_SCOPE(after);
    CHECK_OK(world_init(&w, ic_suite_find(1), 5));
    CHECK_OK(world_create(&w));
    CHECK_OK(world_add(&w, 0, (const size_t[]){1, 2}, 2));
    const uint32_t gone = 2;
    struct ic_mls_commit_params p = {.removes = &gone, .remove_count = 1};
    struct ic_mls_staged *s;
    CHECK_OK(ic_mls_state_encode(w.people[2].g, &before));
    CHECK_OK(ic_mls_commit_create(w.people[0].g, &p, &s));
    CHECK_OK(ic_mls_process(w.people[2].g, ic_mls_staged_commit(s), &r));
    CHECK_ERR(ic_mls_merge(w.people[2].g, r.staged), IC_ERR_REMOVED);
    r.staged = NULL;
    ic_mls_received_clear(&r);
    CHECK_OK(ic_mls_state_encode(w.people[2].g, &after));
    struct ic_view authenticator = ic_mls_epoch_authenticator(w.people[0].g);
    CHECK(memmem(before.p, before.len, authenticator.p, authenticator.len) != NULL);
    CHECK(memmem(after.p, after.len, authenticator.p, authenticator.len) == NULL);
    come_back(&w, 2);
    CHECK_ERR(ic_mls_process(w.people[2].g, ic_mls_staged_commit(s), &r), IC_ERR_REMOVED);
    ic_mls_discard(s);
    world_clear(&w);
}

/* What a newcomer was told with its Welcome, until it merges. */
TEST(extensions_of_the_entry_come_back)
{
    struct world w;
    struct ic_mls_key_package *k;
    const size_t who = 1;
    IC_BUF_SCOPE(list, 256);
    CHECK_OK(world_init(&w, ic_suite_find(1), 6));
    CHECK_OK(world_create(&w));
    CHECK_OK(ic_mls_key_package_new(&w.config, &w.people[1].id, ic_view(NULL, 0), &k));
    struct ic_writer writer = ic_writer(&list);
    ic_mlspub_extension_write(&writer, 0xf001, IC_VIEW_STR("told at the door"));
    CHECK_OK(ic_writer_end(&writer));
    const struct ic_view add = ic_mls_key_package_message(k);
    struct ic_mls_commit_params p = {
        .adds = &add, .add_count = 1, .group_info_extensions = ic_buf_view(&list)};
    CHECK_OK(world_commit(&w, 0, &p, &who, &k, 1));
    CHECK_BYTES(ic_mls_joined_extensions(w.people[1].g), ic_buf_view(&list));
    come_back(&w, 1);
    CHECK_BYTES(ic_mls_joined_extensions(w.people[1].g), ic_buf_view(&list));
    CHECK_OK(world_update(&w, 0));
    CHECK_EQ_INT(ic_mls_joined_extensions(w.people[1].g).len, 0);
    come_back(&w, 1);
    ic_mls_key_package_free(k);
    world_clear(&w);
}

/* ---- deltas ---- */

/* What the store holds but for its stamp is what the group's export has. */
static bool holds(const struct memory_store *m, const struct ic_mls_group *g)
{
    enum { STAMP = 17 + 1 + 20, MAGIC = 4, END = 1 };
    STATE_SCOPE(records);
    STATE_SCOPE(whole);
    return memory_store_dump(m, &records) == IC_OK && ic_mls_state_encode(g, &whole) == IC_OK &&
           ic_view_equal(
               ic_view_sub(ic_buf_view(&records), STAMP, records.len - STAMP),
               ic_view_sub(ic_buf_view(&whole), MAGIC + STAMP, whole.len - STAMP - MAGIC - END));
}

static ic_err load(const struct world *w, size_t who, struct memory_store *m,
                   struct ic_mls_group **out)
{
    const struct ic_sign_key *const signers[] = {w->people[who].signer};
    const struct ic_mls_store store = memory_store(m);
    return ic_mls_load(&w->config, signers, 1, &store, out);
}

/* Saves one member, and lets it go on with what is loaded now and then. */
static ic_err keep(struct world *w, struct memory_store *stores, size_t who, struct ic_test_rand *r)
{
    struct memory_store *m = &stores[who];
    const struct ic_mls_store store = memory_store(m);
    struct ic_mls_group *g = w->people[who].g;
    ic_err e = ic_mls_save(g, &store);
    if (e == IC_ERR_STALE) /* the member left, and is another group now */
        e = ic_mls_save_anew(g, &store);
    IC_TRY(e);
    if (!holds(m, g))
        return IC_ERR_STATE;
    IC_TRY(load(w, who, m, &g));
    if (!holds(m, g)) {
        ic_mls_group_free(g);
        return IC_ERR_STATE;
    }
    bool restart = ic_test_rand_u64(r) % 2;
    ic_mls_group_free(restart ? w->people[who].g : g);
    if (restart)
        w->people[who].g = g;
    return IC_OK;
}

static void live_saved(const struct ic_suite *s, uint64_t seed, int steps)
{
    struct world w;
    struct memory_store stores[WORLD_MEMBERS] = {0};
    struct ic_test_rand r = {seed}, coin = {seed + 100};
    CHECK_OK(world_init(&w, s, seed));
    w.config.private_handshakes = seed % 2;
    world_steps_config(&w, seed % 2);
    CHECK_OK(world_create(&w));
    for (int i = 0; i < steps && !ic_test_failed(); i++) {
        ic_err e = world_step(&w, &r);
        /* Not after each step: a save may cover several. */
        for (size_t who = 0; who < WORLD_MEMBERS && e == IC_OK; who++)
            if (w.people[who].g && ic_test_rand_u64(&coin) % 3)
                e = keep(&w, stores, who, &coin);
        if (e != IC_OK || !world_agrees(&w))
            ic_test_fail(__FILE__, __LINE__, "seed %llu step %d: %s %s", (unsigned long long)seed,
                         i, ic_err_name(e), w.fault.rule);
    }
    for (size_t who = 0; who < WORLD_MEMBERS; who++)
        memory_store_clear(&stores[who]);
    world_clear(&w);
}

TEST(random_steps_are_saved_as_deltas)
{
    for (uint64_t seed = 21; seed <= 24 && !ic_test_failed(); seed++)
        live_saved(ic_suite_find(1), seed, 100);
    live_saved(ic_suite_find(2), 25, 40);
}
