/* PreSharedKey proposals, RFC 9420 section 12.1.4. */
#include "state.h"

#include <ic/base/ct.h>

ic_err ic_mls_psk_complete(const struct ic_mls_group *g, uint8_t *nonce,
                           struct ic_mlspub_psk_id *psk)
{
    /* RFC 9420 section 8.4: the nonce MUST be fresh and random, of KDF.Nh bytes. */
    /* RFC9420-8.4-2 RFC9420-11.3-1 RFC9420-12.1.4-1 */
    IC_TRY(ic_rand_fill(&g->config.rand, nonce, g->suite->hash_len));
    IC_CT_PUBLIC(nonce, g->suite->hash_len);
    psk->nonce = ic_view(nonce, g->suite->hash_len);
    if (psk->type == IC_MLS_PSK_RESUMPTION && psk->group_id.len == 0)
        psk->group_id = g->now.context.group_id;
    return IC_OK;
}

ic_err ic_mls_propose_psk(struct ic_mls_group *g, const struct ic_mlspub_psk_id *psk,
                          struct ic_view authenticated_data, struct ic_buf *out)
{
    uint8_t nonce[IC_HASH_MAX];
    struct ic_mlspub_proposal p = {.type = IC_MLS_PSK, .psk = *psk};
    IC_TRY(ic_mls_begin(g));
    IC_TRY(ic_mls_psk_complete(g, nonce, &p.psk));
    if (p.psk.type == IC_MLS_PSK_RESUMPTION && p.psk.usage != IC_MLS_PSK_APPLICATION)
        return ic_mls_refuse(
            g, IC_ERR_RULE,
            "RFC 9420 section 12.1.4: a resumption PSK for reinit or branch out of place",
            IC_MLSPUB_NO_LEAF);
    /* Who proposes what it does not have could not follow the commit. */
    IC_TRY(ic_mls_psk_known(g, &p.psk));
    return ic_mls_propose(g, &p, authenticated_data, out);
}
