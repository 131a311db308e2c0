/* The life of groups whose every secret is marked: run under valgrind by tools/consttime, which fails where a
 * branch or an index depends on one (<ic/base/ct.h>). Randomness is what the secrets come from, so it is
 * marked where it enters; what enters a struct ic_secret is marked there.
 *
 *     consttime SUITE        a group's life
 *     consttime control      branches on a secret, in the ways the check must see */
#include "world.h"

#include <ic/base/ct.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(ic_err e, int line)
{
    if (e == IC_OK)
        return;
    fprintf(stderr, "consttime: line %d: %s\n", line, ic_err_text(e));
    exit(2);
}

#define MUST(call) must((call), __LINE__)

static ic_err marked(void *ctx, uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)ic_test_rand_u64(ctx);
    IC_CT_SECRET(out, n);
    return IC_OK;
}

static ic_err find_psk(void *ctx, struct ic_view id, struct ic_buf *out)
{
    static const uint8_t psk[32] = {1, 2, 3};
    (void)ctx;
    (void)id;
    MUST(ic_buf_append(out, IC_VIEW_ARRAY(psk)));
    IC_CT_SECRET(out->p, out->len);
    return IC_OK;
}

static void agree(const struct world *w)
{
    const struct ic_mls_group *first = NULL;
    for (size_t i = 0; i < WORLD_MEMBERS; i++) {
        const struct ic_mls_group *g = w->people[i].g;
        if (!g)
            continue;
        uint8_t a[32], b[32];
        first = first ? first : g;
        MUST(ic_mls_export(first, "consttime", IC_VIEW_STR("x"), a, sizeof a));
        MUST(ic_mls_export(g, "consttime", IC_VIEW_STR("x"), b, sizeof b));
        if (!ic_ct_equal(IC_VIEW_ARRAY(a), IC_VIEW_ARRAY(b)))
            MUST(IC_ERR_STATE);
    }
}

/* Three messages read in another order than they were sent in, one twice, one spoilt. */
static void talk(struct world *w, size_t by, size_t to)
{
    struct ic_buf m[3];
    for (size_t i = 0; i < 3; i++) {
        ic_buf_init(&m[i], 4096);
        MUST(world_say(w, by, "a message", &m[i]));
    }
    MUST(world_read(&w->people[to], ic_buf_view(&m[2]), IC_VIEW_STR("a message")));
    MUST(world_read(&w->people[to], ic_buf_view(&m[0]), IC_VIEW_STR("a message")));
    if (world_read(&w->people[to], ic_buf_view(&m[0]), IC_VIEW_STR("a message")) == IC_OK)
        MUST(IC_ERR_STATE);
    m[1].p[m[1].len - 1] ^= 1;
    if (world_read(&w->people[to], ic_buf_view(&m[1]), IC_VIEW_STR("a message")) == IC_OK)
        MUST(IC_ERR_STATE);
    for (size_t i = 0; i < 3; i++)
        ic_buf_clear(&m[i]);
}

static void psk_commit(struct world *w)
{
    const struct ic_mlspub_psk_id psk = {.type = IC_MLS_PSK_EXTERNAL,
                                         .external_id = IC_VIEW_STR("a psk")};
    MUST(world_commit(w, 1, &(struct ic_mls_commit_params){.psks = &psk, .psk_count = 1}, NULL,
                      NULL, 0));
}

static void life(const struct ic_suite *s, bool private_handshakes)
{
    struct world w;
    MUST(world_init(&w, s, 7));
    for (size_t i = 0; i < WORLD_MEMBERS; i++) /* keys made before the marks: made again, marked */
        ic_sign_key_free(w.people[i].signer);
    w.config.rand.fill = marked;
    w.config.find_psk = find_psk;
    w.config.private_handshakes = private_handshakes;
    for (size_t i = 0; i < WORLD_MEMBERS; i++) {
        MUST(ic_sign_key_generate(s->sig, &w.config.rand, &w.people[i].signer));
        w.people[i].id.signer = w.people[i].signer;
    }
    MUST(world_create(&w));
    MUST(world_add(&w, 0, (const size_t[]){1, 2, 3}, 3));
    agree(&w);
    MUST(world_update(&w, 2));
    talk(&w, 2, 0);
    psk_commit(&w);
    MUST(world_remove(&w, 3, 1));
    if (!private_handshakes)
        MUST(world_join_external(&w, 4, 0, IC_MLSPUB_NO_LEAF));
    MUST(world_add(&w, 0, (const size_t[]){5}, 1));
    agree(&w);
    talk(&w, 5, 3);
    world_clear(&w);
}

/* What the check must find, or it finds nothing: a branch, an index, a comparison that stops early. */
static int control(void)
{
    static const uint8_t table[256] = {1};
    struct ic_secret s = {0};
    uint8_t fresh[2];
    struct ic_test_rand state = {3};
    MUST(marked(&state, fresh, sizeof fresh));
    MUST(ic_secret_set(&s, IC_VIEW_ARRAY(fresh)));
    volatile int found = 0;
    if (s.b[0] > 128)
        found = 1;
    found += table[s.b[1]];
    found += ic_view_equal(ic_secret_view(&s), IC_VIEW_STR("ab"));
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "control") == 0)
        return control();
    const struct ic_suite *s = argc == 2 ? ic_suite_find((uint16_t)atoi(argv[1])) : NULL;
    if (!s) {
        fprintf(stderr, "usage: consttime SUITE | control\n");
        return 2;
    }
    life(s, false);
    life(s, true);
    return 0;
}
