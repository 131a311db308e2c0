/* Where the PSKs of a commit or Welcome come from: RFC 9420 section 8.4. */
#include "psk.h"
#include "state.h"

#include <ic/mlspub/codec.h>

enum { PSK_MAX = 4096 };

static const struct ic_secret *find_resumption(const struct ic_mls_group *g, uint64_t epoch)
{
    if (g->now.ratchets && g->now.context.epoch == epoch)
        return &g->now.secrets.resumption;
    for (size_t i = 0; i < g->resumption_count; i++)
        if (g->resumptions[i].epoch == epoch)
            return &g->resumptions[i].psk;
    return NULL;
}

/* Our own epochs serve all members; those of a predecessor serve who enters the group that follows it. */
static const struct ic_secret *find_for(const struct ic_mls_group *g,
                                        const struct ic_mlspub_psk_id *id)
{
    const struct ic_mls_group *former = g->config.predecessor;
    if (id->usage == IC_MLS_PSK_APPLICATION && ic_view_equal(id->group_id, g->now.context.group_id))
        return find_resumption(g, id->epoch);
    if (!former || !ic_view_equal(id->group_id, former->now.context.group_id))
        return NULL;
    /* RFC 9420 section 11.2: the epoch after the commit that covers the ReInit. */
    if (id->usage == IC_MLS_PSK_REINIT && id->epoch != former->now.context.epoch)
        return NULL;
    return find_resumption(former, id->epoch);
}

static ic_err mix_resumption(struct ic_mls_group *g, const struct ic_mlspub_psk_id *id,
                             struct ic_view encoded, struct ic_mls_psk_mix *mix)
{
    const struct ic_secret *psk = find_for(g, id);
    if (!psk)
        return ic_mls_refuse(g, IC_ERR_PSK,
                             "RFC 9420 section 8.4: a resumption PSK that is not kept here",
                             IC_MLSPUB_NO_LEAF);
    return ic_mls_psk_mix_add(mix, encoded, ic_secret_view(psk));
}

static ic_err mix_external(struct ic_mls_group *g, const struct ic_mlspub_psk_id *id,
                           struct ic_view encoded, struct ic_mls_psk_mix *mix)
{
    struct ic_buf psk;
    ic_buf_init(&psk, PSK_MAX);
    ic_err e = IC_ERR_PSK;
    if (g->config.find_psk) {
        e = ic_buf_reserve(&psk, PSK_MAX); /* so that no growing leaves a copy behind */
        if (e == IC_OK)
            e = g->config.find_psk(g->config.ctx, id->external_id, &psk);
    }
    if (e == IC_OK)
        e = ic_mls_psk_mix_add(mix, encoded, ic_buf_view(&psk));
    else if (e == IC_ERR_PSK)
        e = ic_mls_refuse(g, e, "RFC 9420 section 8.4: an external PSK that is not known here",
                          IC_MLSPUB_NO_LEAF);
    ic_buf_clear_secret(&psk);
    return e;
}

ic_err ic_mls_psk_secret(struct ic_mls_group *g, const struct ic_mlspub_psk_id *const *psks,
                         size_t count, struct ic_secret *out)
{
    if (count > UINT16_MAX)
        return IC_ERR_LIMIT;
    struct ic_mls_psk_mix mix;
    ic_mls_psk_mix_init(&mix, g->suite, (uint16_t)count);
    ic_err e = IC_OK;
    for (size_t i = 0; i < count && e == IC_OK; i++) {
        IC_BUF_SCOPE(encoded, 65536);
        struct ic_writer w = ic_writer(&encoded);
        ic_mlspub_psk_id_write(&w, psks[i]);
        e = ic_writer_end(&w);
        if (e == IC_OK)
            e = psks[i]->type == IC_MLS_PSK_EXTERNAL
                    ? mix_external(g, psks[i], ic_buf_view(&encoded), &mix)
                    : mix_resumption(g, psks[i], ic_buf_view(&encoded), &mix);
    }
    if (e == IC_OK)
        *out = mix.secret;
    ic_mls_psk_mix_clear(&mix);
    return e;
}
