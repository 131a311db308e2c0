/* What shows that somebody may enter, and that whom they enter with is the meeting. */
#include <ic/base/mem.h>
#include <ic/crypto/hash.h>
#include <ic/mlspub/label.h>
#include <ic/rules/rules.h>

static const char ticket_label[] = "InCamera Ticket";

/* HMAC over three vectors, each shorter than 2^14, encoded as in RFC 9420 section 2.1.2. */
static void mac(struct ic_view secret, struct ic_view a, struct ic_view b, struct ic_view c,
                uint8_t out[IC_RULES_PROOF_LEN])
{
    const struct ic_view values[] = {a, b, c};
    uint8_t lengths[3][2];
    struct ic_view parts[6];
    for (size_t i = 0; i < 3; i++) {
        size_t len = values[i].len;
        bool two = len >= 0x40;
        ic_store_u16(lengths[i], (uint16_t)(two ? 0x4000 | len : len));
        parts[2 * i] = two ? IC_VIEW_ARRAY(lengths[i]) : ic_view(lengths[i] + 1, 1);
        parts[2 * i + 1] = values[i];
    }
    struct ic_hmac_key k;
    ic_hmac_key_init(&k, IC_SHA256, secret);
    ic_hmac_parts(&k, parts, IC_ARRAY_LEN(parts), out);
    ic_hmac_key_clear(&k);
}

void ic_rules_proof(struct ic_view join_secret, struct ic_view group_id, struct ic_view ref,
                    uint8_t out[IC_RULES_PROOF_LEN])
{
    mac(join_secret, IC_VIEW_STR("InCamera Knock"), group_id, ref, out);
}

void ic_rules_witness(struct ic_view join_secret, struct ic_view group_id, struct ic_view signer,
                      uint8_t out[IC_RULES_PROOF_LEN])
{
    mac(join_secret, IC_VIEW_STR("InCamera Witness"), group_id, signer, out);
}

ic_err ic_rules_ticket_sign(struct ic_view group_id, const struct ic_sign_key *host,
                            struct ic_wire_ticket *t, uint8_t *sig_room)
{
    size_t len;
    IC_BUF_SCOPE(tbs, 2048);
    IC_TRY(ic_wire_ticket_tbs(group_id, t, &tbs));
    IC_TRY(ic_mlspub_sign_with_label(host, ticket_label, ic_buf_view(&tbs), sig_room, &len));
    t->host = ic_sign_key_public(host);
    t->signature = ic_view(sig_room, len);
    return IC_OK;
}

static bool ticket_valid(const struct ic_wire_terms *terms, const struct ic_wire_ticket *t,
                         struct ic_view group_id, uint64_t time_ms)
{
    const struct ic_suite *suite = ic_suite_find(terms->suite);
    if (!suite || t->expiry_ms < time_ms || t->expiry_ms - time_ms > IC_RULES_TICKET_MS ||
        !ic_rules_is_host(terms, t->host))
        return false;
    IC_BUF_SCOPE(tbs, 2048);
    return ic_wire_ticket_tbs(group_id, t, &tbs) == IC_OK &&
           ic_mlspub_verify_with_label(suite->sig, t->host, ticket_label, ic_buf_view(&tbs),
                                       t->signature) == IC_OK;
}

bool ic_rules_ticket_shown(const struct ic_wire_terms *t, struct ic_view tickets,
                           struct ic_view group_id, struct ic_view ref, struct ic_view bearer,
                           uint64_t time_ms)
{
    struct ic_wire_ticket ticket;
    while (ic_wire_ticket_next(&tickets, &ticket))
        if (ic_view_equal(ticket.ref, ref) && ic_view_equal(ticket.bearer, bearer) &&
            ticket_valid(t, &ticket, group_id, time_ms))
            return true;
    return false;
}
