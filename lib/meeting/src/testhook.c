#include "testhook.h"

#include <ic/meeting/testhook.h>
#include <ic/mls/testhook.h>

static void (*tell_epoch)(void *ctx, uint64_t epoch, uint32_t leaf_slots, uint32_t own_leaf);
static void (*tell_secret)(void *ctx, const char *kind, struct ic_view secret);
static void *tell_ctx;

void ic_testhook_meeting_tell(void (*epoch)(void *ctx, uint64_t epoch, uint32_t leaf_slots,
                                            uint32_t own_leaf),
                              void (*secret)(void *ctx, const char *kind, struct ic_view secret),
                              void *ctx)
{
    tell_epoch = epoch;
    tell_secret = secret;
    tell_ctx = ctx;
}

void ic_testhook_meeting_epoch(const struct ic_mls_group *g, const struct ic_sframe_epoch *e)
{
    if (!tell_epoch)
        return;
    tell_epoch(tell_ctx, e->epoch, e->leaf_slots, e->own_leaf);
    tell_secret(tell_ctx, "base_key", e->base_key);
    ic_testhook_mls_group(g, tell_secret, tell_ctx);
}

void ic_testhook_meeting_key_package(const struct ic_mls_key_package *k)
{
    if (tell_secret)
        ic_testhook_mls_key_package(k, tell_secret, tell_ctx);
}
