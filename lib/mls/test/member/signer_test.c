/* Members whose signature keys live elsewhere: behind a function, as an HSM's. */
#include "world.h"

struct token {
    struct ic_sign_key *key;
    ic_err fail;
    bool wrong;
    unsigned asked;
};

struct vault {
    struct world w;
    struct token tokens[WORLD_MEMBERS];
};

static ic_err token_sign(void *ctx, struct ic_view message, uint8_t *sig, size_t *len)
{
    struct token *t = ctx;
    t->asked++;
    if (t->fail != IC_OK)
        return t->fail;
    ic_err e = ic_sign(t->key, message, sig, len);
    if (t->wrong)
        sig[*len - 1] ^= 1;
    return e;
}

static void vault_clear(struct vault *v)
{
    world_clear(&v->w);
    for (size_t i = 0; i < WORLD_MEMBERS; i++)
        ic_sign_key_free(v->tokens[i].key);
}

#define VAULT(name) __attribute__((cleanup(vault_clear))) struct vault name = {0}

/* Each member's key goes into its token. */
static ic_err vault_init(struct vault *v, const struct ic_suite *s)
{
    IC_TRY(world_init(&v->w, s, 11));
    for (size_t i = 0; i < WORLD_MEMBERS; i++) {
        struct person *p = &v->w.people[i];
        const struct ic_signer signer = {token_sign, &v->tokens[i]};
        v->tokens[i].key = p->signer;
        p->signer = NULL;
        p->id.signer = NULL;
        IC_TRY(ic_sign_key_external(s->sig, ic_sign_key_public(v->tokens[i].key), &signer,
                                    &p->signer));
        p->id.signer = p->signer;
    }
    return IC_OK;
}

/* Every kind of signature that a member makes. */
static ic_err live(struct world *w)
{
    IC_BUF_SCOPE(m, 65536);
    IC_TRY(world_create(w));
    IC_TRY(world_add(w, 0, (const size_t[]){1, 2, 3}, 3));
    IC_TRY(world_talk(w, 2));
    IC_TRY(ic_mls_propose_update(w->people[1].g, NULL, ic_view(NULL, 0), &m));
    IC_TRY(world_propose(w, 1, &m));
    IC_TRY(world_update(w, 3));
    IC_TRY(world_join_external(w, 4, 3, IC_MLSPUB_NO_LEAF));
    IC_TRY(world_remove(w, 4, 2));
    return world_talk(w, 1);
}

TEST(a_group_lives_on_keys_that_live_elsewhere)
{
    const struct ic_suite *s;
    for (size_t i = 0; (s = ic_suite_at(i)); i++) {
        VAULT(v);
        CHECK_OK(vault_init(&v, s));
        CHECK_OK(live(&v.w));
        CHECK(world_agrees(&v.w));
        for (size_t k = 0; k < 5; k++)
            CHECK(v.tokens[k].asked > 0);
        if (ic_test_failed())
            return;
    }
}

static ic_err commit(struct world *w, struct ic_mls_staged **s)
{
    const struct ic_mls_commit_params p = {.force_path = true};
    return ic_mls_commit_create(w->people[0].g, &p, s);
}

TEST(a_signer_that_fails_leaves_the_group_as_it_was)
{
    VAULT(v);
    struct ic_mls_staged *s;
    struct ic_mls_key_package *k;
    IC_BUF_SCOPE(before, 1 << 20);
    IC_BUF_SCOPE(after, 1 << 20);
    IC_BUF_SCOPE(out, 1 << 20);
    CHECK_OK(vault_init(&v, ic_suite_find(2)));
    CHECK_OK(live(&v.w));
    CHECK_OK(world_snapshot(v.w.people[0].g, &before));
    for (int wrong = 0; wrong < 2; wrong++) {
        ic_err want = wrong ? IC_ERR_SIGNATURE : IC_ERR_TIMEOUT;
        v.tokens[0].fail = wrong ? IC_OK : IC_ERR_TIMEOUT;
        v.tokens[0].wrong = wrong;
        struct ic_mls_group *g = v.w.people[0].g;
        CHECK_ERR(commit(&v.w, &s), want);
        CHECK_ERR(ic_mls_propose_update(g, NULL, ic_view(NULL, 0), &out), want);
        CHECK_ERR(
            ic_mls_propose_remove(g, ic_mls_own_leaf(v.w.people[1].g), ic_view(NULL, 0), &out),
            want);
        CHECK_ERR(ic_mls_group_info(g, true, &out), want);
        CHECK_ERR(ic_mls_key_package_new(&v.w.config, &v.w.people[0].id, ic_view(NULL, 0), &k),
                  want);
        CHECK_EQ_INT(ic_mls_pending_count(g), 0);
        CHECK_EQ_INT(out.len, 0);
    }
    v.tokens[0].wrong = false;
    CHECK_OK(world_snapshot(v.w.people[0].g, &after));
    CHECK_BYTES(ic_buf_view(&before), ic_buf_view(&after));
    CHECK_OK(world_update(&v.w, 0));
    CHECK(world_agrees(&v.w));
}
