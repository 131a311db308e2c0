/* Tickets: a host lets a member add somebody. */
#include "internal.h"
#include <ic/mlspub/codec.h>
#include <ic/mlspub/label.h>

static ic_err ref_of(const struct ic_meeting *m, struct ic_view key_package, uint8_t *ref)
{
    struct ic_mlspub_message msg;
    IC_ARENA_SCOPE(arena, 1 << 18);
    IC_TRY(ic_mlspub_message_decode(key_package, &arena, &msg));
    if (msg.wire_format != IC_MLS_KEY_PACKAGE || msg.key_package.suite != m->suite->id)
        return IC_ERR_MALFORMED;
    ic_mlspub_key_package_ref(m->suite, msg.key_package.encoded, ref);
    return IC_OK;
}

ic_err ic_meeting_ticket(struct ic_meeting *m, struct ic_view key_package, uint32_t bearer,
                         uint64_t now_ms, struct ic_buf *out)
{
    uint8_t ref[IC_HASH_MAX], sig[IC_SIG_MAX];
    m->now_ms = now_ms;
    if (!m->group)
        return IC_ERR_STATE;
    if (!ic_meeting_is_host(m))
        return IC_ERR_DENIED;
    const struct person *p = ic_meeting_person_at(m, bearer);
    if (!p)
        return IC_ERR_NOT_FOUND;
    IC_TRY(ref_of(m, key_package, ref));
    struct ic_wire_ticket t = {.ref = ic_view(ref, m->suite->hash_len),
                               .bearer = ic_view(p->key, p->key_len),
                               .expiry_ms = now_ms + IC_RULES_TICKET_MS - CLOCK_OFF_MS};
    IC_TRY(ic_rules_ticket_sign(ic_buf_view(&m->group_id), m->config.identity, &t, sig));
    return ic_wire_ticket_add(out, &t);
}

ic_err ic_meeting_add_by_ticket(struct ic_meeting *m, struct ic_view key_package,
                                struct ic_view ticket, uint64_t now_ms)
{
    uint8_t ref[IC_HASH_MAX];
    struct ic_wire_terms t;
    m->now_ms = now_ms;
    if (!m->group || !ic_meeting_current_terms(m, &t))
        return IC_ERR_STATE;
    IC_TRY(ref_of(m, key_package, ref));
    if (!ic_rules_ticket_shown(&t, ticket, ic_buf_view(&m->group_id),
                               ic_view(ref, m->suite->hash_len), ic_meeting_own_key(m), now_ms))
        return IC_ERR_DENIED;
    IC_TRY(ic_meeting_admit_add(m, 0, key_package, ic_view(NULL, 0), ticket));
    ic_meeting_want_soon(m, now_ms + BATCH_MS);
    ic_meeting_settle(m);
    return IC_OK;
}
