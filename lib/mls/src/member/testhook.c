#include "state.h"

#include <ic/base/mem.h>
#include <ic/mls/testhook.h>

static void give_one(ic_testhook_secret *give, void *ctx, const char *kind,
                     const struct ic_secret *s)
{
    if (s->len)
        give(ctx, kind, ic_secret_view(s));
}

void ic_testhook_mls_group(const struct ic_mls_group *g, ic_testhook_secret *give, void *ctx)
{
    const struct ic_mls_epoch *e = &g->now.secrets;
    const struct {
        const char *kind;
        const struct ic_secret *secret;
    } rows[] = {
        {"sender_data", &e->sender_data},     {"exporter", &e->exporter},
        {"external", &e->external},           {"confirmation", &e->confirmation},
        {"membership", &e->membership},       {"resumption", &e->resumption},
        {"authenticator", &e->authenticator}, {"init", &e->init},
        {"leaf_key", &g->now.keys.leaf},
    };
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++)
        give_one(give, ctx, rows[i].kind, rows[i].secret);
    for (uint32_t i = 0; i < g->now.keys.count; i++)
        give_one(give, ctx, "path_key", &g->now.keys.parents[i].key);
}

void ic_testhook_mls_key_package(const struct ic_mls_key_package *k, ic_testhook_secret *give,
                                 void *ctx)
{
    give_one(give, ctx, "init_key", &k->init_key);
    give_one(give, ctx, "leaf_key", &k->leaf_key);
}
