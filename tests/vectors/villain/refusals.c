#include "refusals.h"

#include <string.h>

static ic_err find_psk(void *ctx, struct ic_view id, struct ic_buf *out)
{
    (void)ctx;
    if (!ic_view_equal(id, IC_VIEW_STR("known")))
        return IC_ERR_PSK;
    return ic_buf_append(out, IC_VIEW_STR("the secret of known"));
}

static ic_err anyone(void *ctx, const struct ic_mlspub_leaf_node *leaf,
                     const struct ic_mlspub_leaf_node *former)
{
    (void)ctx;
    (void)leaf;
    (void)former;
    return IC_OK;
}

static uint64_t now_s(void *ctx)
{
    return *(const uint64_t *)ctx;
}

static ic_err seed_rand(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)(i * 7 + 1);
    return IC_OK;
}

static ic_err join(const struct start *s, struct ic_view welcome, struct ic_mlspub_fault *fault,
                   struct ic_mls_group **out)
{
    struct ic_mls_key_package *k;
    const struct ic_mls_config c = {.rand = {seed_rand, NULL},
                                    .clock = {now_s, (void *)(uintptr_t)&s->now_s},
                                    .check_credential = anyone,
                                    .find_psk = find_psk,
                                    .fault = fault};
    const struct ic_mls_identity id = {.suite = s->suite, .signer = s->signer};
    IC_TRY(ic_mls_key_package_import(s->key_package, s->init_priv, s->encryption_priv, &k));
    ic_err e = ic_mls_group_join(&c, &id, k, welcome, ic_view(NULL, 0), out);
    ic_mls_key_package_free(k);
    return e;
}

static ic_err take(struct ic_mls_group *g, struct ic_view message)
{
    struct ic_mls_received r;
    IC_TRY(ic_mls_process(g, message, &r));
    struct ic_mls_staged *staged = r.staged;
    r.staged = NULL;
    ic_mls_received_clear(&r);
    return staged ? ic_mls_merge(g, staged) : IC_OK;
}

static void section_of(const char *rule, char section[16])
{
    static const char before[] = "RFC 9420 section ";
    section[0] = 0;
    if (strncmp(rule, before, sizeof before - 1) != 0)
        return;
    rule += sizeof before - 1;
    size_t n = strcspn(rule, ":");
    if (n < 16) {
        memcpy(section, rule, n);
        section[n] = 0;
    }
}

static ic_err play(struct ic_mls_group *g, const struct refusal *r, const struct next_epoch *next,
                   ic_err *met, char section[16])
{
    if (r->proposal.len > 0)
        IC_TRY(take(g, r->proposal));
    *met = take(g, r->message);
    section_of(ic_mls_last_rule(g), section);
    if (*met == IC_OK)
        return IC_OK;
    IC_TRY(take(g, next->commit));
    return ic_view_equal(ic_mls_epoch_authenticator(g), next->authenticator) ? IC_OK : IC_ERR_STATE;
}

ic_err refusal_play(const struct start *s, const struct refusal *r, const struct next_epoch *next,
                    ic_err *met, char section[16])
{
    struct ic_mls_group *g = NULL;
    struct ic_mlspub_fault fault = IC_MLSPUB_FAULT_NONE;
    if (r->welcome) {
        *met = join(s, r->message, &fault, &g);
        section_of(fault.rule, section);
        ic_mls_group_free(g);
        g = NULL;
    }
    IC_TRY(join(s, s->welcome, &fault, &g));
    ic_err e = r->welcome ? take(g, next->commit) : play(g, r, next, met, section);
    ic_mls_group_free(g);
    return e;
}
