/* Where the PSKs of a commit or Welcome come from: RFC 9420 section 8.4. */
#include "psk.h"
#include "state.h"

#include <ic/base/mem.h>
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
    /* RFC9420-11.2-3 RFC9420-12.4.1-5 */
    if (id->usage == IC_MLS_PSK_REINIT && id->epoch != former->now.context.epoch)
        return NULL;
    return find_resumption(former, id->epoch);
}

/* RFC9420-12.4.2-r2 RFC9420-12.4.3.1-r2 */
static ic_err unknown(struct ic_mls_group *g, const struct ic_mlspub_psk_id *id)
{
    return ic_mls_refuse(g, IC_ERR_PSK,
                         id->type == IC_MLS_PSK_EXTERNAL
                             ? "RFC 9420 section 8.4: an external PSK that is not known here"
                             : "RFC 9420 section 8.4: a resumption PSK that is not kept here",
                         IC_MLSPUB_NO_LEAF);
}

/* What the application knows. */
static ic_err ask(const struct ic_mls_group *g, const struct ic_mlspub_psk_id *id,
                  struct ic_buf *out)
{
    const struct ic_mls_config *c = &g->config;
    if (id->type == IC_MLS_PSK_EXTERNAL)
        return c->find_psk ? c->find_psk(c->ctx, id->external_id, out) : IC_ERR_PSK;
    return c->find_resumption && id->usage == IC_MLS_PSK_APPLICATION
               ? c->find_resumption(c->ctx, id->group_id, id->epoch, out)
               : IC_ERR_PSK;
}

/* Appends the PSK to out, which has room for PSK_MAX bytes so that no growing leaves a copy behind. */
static ic_err find_psk(struct ic_mls_group *g, const struct ic_mlspub_psk_id *id,
                       struct ic_buf *out)
{
    const struct ic_secret *kept = id->type == IC_MLS_PSK_RESUMPTION ? find_for(g, id) : NULL;
    IC_TRY(ic_buf_reserve(out, PSK_MAX));
    if (kept)
        return ic_buf_append(out, ic_secret_view(kept));
    ic_err e = ask(g, id, out);
    return e == IC_ERR_PSK ? unknown(g, id) : e;
}

static ic_err mix(struct ic_mls_group *g, const struct ic_mlspub_psk_id *id, struct ic_view encoded,
                  struct ic_mls_psk_mix *m)
{
    IC_CLEANUP(ic_buf_clear_secret) struct ic_buf psk;
    ic_buf_init(&psk, PSK_MAX);
    IC_TRY(find_psk(g, id, &psk));
    return ic_mls_psk_mix_add(m, encoded, ic_buf_view(&psk));
}

ic_err ic_mls_psk_known(struct ic_mls_group *g, const struct ic_mlspub_psk_id *psk)
{
    IC_CLEANUP(ic_buf_clear_secret) struct ic_buf found;
    ic_buf_init(&found, PSK_MAX);
    return find_psk(g, psk, &found);
}

ic_err ic_mls_psk_secret(struct ic_mls_group *g, const struct ic_mlspub_psk_id *const *psks,
                         size_t count, struct ic_secret *out)
{
    if (count > UINT16_MAX)
        return IC_ERR_LIMIT;
    struct ic_mls_psk_mix m;
    ic_mls_psk_mix_init(&m, g->suite, (uint16_t)count);
    ic_err e = IC_OK;
    for (size_t i = 0; i < count && e == IC_OK; i++) {
        IC_BUF_SCOPE(encoded, 65536);
        struct ic_writer w = ic_writer(&encoded);
        ic_mlspub_psk_id_write(&w, psks[i]);
        e = ic_writer_end(&w);
        if (e == IC_OK)
            e = mix(g, psks[i], ic_buf_view(&encoded), &m);
    }
    if (e == IC_OK)
        *out = m.secret;
    ic_mls_psk_mix_clear(&m);
    return e;
}
