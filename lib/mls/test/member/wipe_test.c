/* Nothing that is freed still holds what was said, or a secret: the program's allocator is wrapped, and
 * looks into every block that it gives back. */
#include "memory_store.h"
#include "world.h"

#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

enum { NEEDLE = 16, NEEDLES = 8 };

static _Thread_local struct {
    bool on;
    uint8_t needles[NEEDLES][NEEDLE];
    size_t count, found, blocks;
} watch;

static void look_into(const void *p)
{
    size_t n = p && watch.on ? malloc_usable_size((void *)(uintptr_t)p) : 0;
    watch.blocks += n > 0;
    for (size_t i = 0; i < watch.count; i++)
        for (const uint8_t *at = p; n >= NEEDLE && at + NEEDLE <= (const uint8_t *)p + n; at++)
            watch.found += memcmp(at, watch.needles[i], NEEDLE) == 0;
}

void __real_ic_free(void *p);
void *__real_ic_realloc(void *p, size_t n, size_t size);
void __real_ic_free_secret(void *p, size_t len);
void __wrap_ic_free(void *p);
void __wrap_ic_free_secret(void *p, size_t len);
void *__wrap_ic_realloc(void *p, size_t n, size_t size);

void __wrap_ic_free(void *p)
{
    look_into(p);
    __real_ic_free(p);
}

/* As long as it says it is, is it? */
void __wrap_ic_free_secret(void *p, size_t len)
{
    if (p)
        ic_wipe(p, len);
    look_into(p);
    __real_ic_free_secret(p, len);
}

/* What grows may move, and leave its former bytes behind. */
void *__wrap_ic_realloc(void *p, size_t n, size_t size)
{
    look_into(p);
    return __real_ic_realloc(p, n, size);
}

static void watch_for(struct ic_view v)
{
    if (watch.count == NEEDLES || v.len < NEEDLE)
        abort();
    memcpy(watch.needles[watch.count++], v.p, NEEDLE);
}

static void watch_begin(void)
{
    memset(&watch, 0, sizeof watch);
    watch.on = true;
}

static void watch_end(void)
{
    watch.on = false;
}

static void say(struct world *w, size_t from, size_t to, struct ic_view line)
{
    struct ic_mls_received r;
    IC_BUF_SCOPE(message, 1 << 20);
    CHECK_OK(ic_mls_protect(w->people[from].g, line, ic_view(NULL, 0), &message));
    CHECK_OK(ic_mls_process(w->people[to].g, ic_buf_view(&message), &r));
    CHECK_BYTES(ic_buf_view(&r.application), line);
    ic_mls_received_clear(&r);
}

TEST(the_watch_finds_what_is_freed)
{
    static const char text[] = "a text of more than sixteen bytes";
    watch_begin();
    watch_for(IC_VIEW_STR("a text of more than sixteen bytes"));
    void *p = ic_memdup(text, sizeof text);
    ic_free(p);
    p = ic_memdup(text, sizeof text);
    ic_free_secret(p, sizeof text);
    watch_end();
    CHECK_EQ_INT(watch.found, 1);
}

/* RFC9420-2-1 */
TEST(lines_are_wiped)
{
    struct world w;
    CHECK_OK(world_init(&w, ic_suite_find(1), 1));
    CHECK_OK(world_create(&w));
    CHECK_OK(world_add(&w, 0, (const size_t[]){1, 2}, 2));
    static uint8_t line[4096];
    memset(line, 'x', sizeof line);
    memcpy(line + 40, "what nobody else may ever read", 30);
    watch_begin();
    watch_for(ic_view(line + 40, NEEDLE));
    say(&w, 0, 1, ic_view(line, 100));
    say(&w, 1, 0, ic_view(line, sizeof line));
    watch_end();
    world_clear(&w);
    CHECK(watch.blocks > 10);
    CHECK_EQ_INT(watch.found, 0);
}

/* Over a whole commit: the epoch that ends, and the one that begins. */
/* RFC9420-2-1 RFC9420-7.5-3 */
TEST(epochs_are_wiped)
{
    struct world w;
    uint8_t exported[NEEDLE];
    CHECK_OK(world_init(&w, ic_suite_find(1), 2));
    CHECK_OK(world_create(&w));
    CHECK_OK(world_add(&w, 0, (const size_t[]){1, 2, 3}, 3));
    watch_begin();
    watch_for(ic_mls_epoch_authenticator(w.people[0].g));
    CHECK_OK(ic_mls_export(w.people[0].g, "wipe", ic_view(NULL, 0), exported, sizeof exported));
    watch_for(IC_VIEW_ARRAY(exported));
    CHECK_OK(world_update(&w, 1));
    watch_for(ic_mls_epoch_authenticator(w.people[0].g));
    CHECK_OK(world_remove(&w, 0, 3));
    world_clear(&w);
    watch_end();
    CHECK(watch.blocks > 100);
    CHECK_EQ_INT(watch.found, 0);
}

/* Saving and loading, of a group with a commit on the way. */
TEST(states_are_wiped)
{
    struct world w;
    struct memory_store m = {0};
    const struct ic_mls_store store = memory_store(&m);
    const struct ic_mls_commit_params p = {.force_path = true};
    struct ic_mls_staged *s;
    struct ic_mls_group *g, *again;
    CHECK_OK(world_init(&w, ic_suite_find(1), 3));
    CHECK_OK(world_create(&w));
    CHECK_OK(world_add(&w, 0, (const size_t[]){1, 2, 3}, 3));
    const struct ic_sign_key *const signers[] = {w.people[0].signer};
    watch_begin();
    watch_for(ic_mls_epoch_authenticator(w.people[0].g));
    CHECK_OK(ic_mls_commit_create(w.people[0].g, &p, &s));
    CHECK_OK(ic_mls_save_staged(w.people[0].g, s, &store));
    CHECK_OK(ic_mls_load(&w.config, signers, 1, &store, &g));
    struct ic_mls_staged *loaded = ic_mls_take_staged(g);
    CHECK_OK(ic_mls_merge(w.people[0].g, s));
    watch_for(ic_mls_epoch_authenticator(w.people[0].g)); /* it was in the staged commit too */
    IC_CLEANUP(ic_buf_clear_secret) struct ic_buf bytes = {.max = 1 << 20};
    CHECK_OK(ic_mls_state_encode_staged(g, loaded, &bytes));
    CHECK_OK(ic_mls_state_decode(&w.config, signers, 1, ic_buf_view(&bytes), &again));
    ic_mls_group_free(again);
    CHECK_OK(ic_mls_merge(g, loaded));
    CHECK_OK(ic_mls_save(g, &store));
    ic_mls_group_free(g);
    ic_buf_clear_secret(&bytes);
    memory_store_clear(&m);
    world_clear(&w);
    watch_end();
    CHECK(watch.blocks > 100);
    CHECK_EQ_INT(watch.found, 0);
}
