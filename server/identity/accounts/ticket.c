#include "identity/accounts/ticket.h"

#include <ic/base/secret.h>
#include <ic/base/text.h>
#include <ic/crypto/hash.h>
#include <string.h>

enum { ID_BYTES = 16, TIME_BYTES = 8, MAC_BYTES = 24, HEAD = ID_BYTES + TIME_BYTES };
_Static_assert(HEAD + MAC_BYTES == ICD_TICKET_BYTES, "the parts of a ticket");

ic_err icd_ticket_box_init(struct icd_ticket_box *box, const struct ic_rand *rand)
{
    uint8_t key[ICD_TICKET_KEY];
    IC_TRY(ic_rand_fill(rand, key, sizeof key));
    memset(box, 0, sizeof *box);
    box->rand = rand;
    memcpy(box->key, key, sizeof key);
    ic_wipe(key, sizeof key);
    return IC_OK;
}

void icd_ticket_box_clear(struct icd_ticket_box *box)
{
    ic_wipe(box->key, sizeof box->key);
}

/* Purpose and binding are hashed on their own, so that no pair of them runs into another. */
static void mac(const struct icd_ticket_box *box, const char *purpose, struct ic_view bound,
                struct ic_view head, uint8_t out[IC_HASH_MAX])
{
    uint8_t p[IC_HASH_MAX], b[IC_HASH_MAX];
    struct ic_hmac_key k;
    ic_hash_once(IC_SHA256, ic_view_cstr(purpose), p);
    ic_hash_once(IC_SHA256, bound, b);
    const struct ic_view parts[] = {ic_view(p, 32), ic_view(b, 32), head};
    ic_hmac_key_init(&k, IC_SHA256, IC_VIEW_ARRAY(box->key));
    ic_hmac_parts(&k, parts, 3, out);
    ic_hmac_key_clear(&k);
}

ic_err icd_ticket_make(const struct icd_ticket_box *box, const char *purpose, struct ic_view bound,
                       uint64_t now_ms, char *out)
{
    uint8_t ticket[ICD_TICKET_BYTES], full[IC_HASH_MAX];
    IC_TRY(ic_rand_fill(box->rand, ticket, ID_BYTES));
    ic_store_u64(ticket + ID_BYTES, now_ms);
    mac(box, purpose, bound, ic_view(ticket, HEAD), full);
    memcpy(ticket + HEAD, full, MAC_BYTES);
    ic_base64_encode(IC_BASE64_URL, IC_VIEW_ARRAY(ticket), out);
    return IC_OK;
}

static ic_err bytes_of(struct ic_view ticket, uint8_t out[ICD_TICKET_BYTES])
{
    IC_BUF_SCOPE(b, ICD_TICKET_BYTES);
    if (ticket.len != ICD_TICKET_LEN || ic_base64_decode(IC_BASE64_URL, ticket, &b) != IC_OK ||
        b.len != ICD_TICKET_BYTES)
        return IC_ERR_AUTH;
    memcpy(out, b.p, b.len);
    return IC_OK;
}

static bool is_spent(const struct icd_ticket_box *box, const uint8_t *t, uint64_t now_ms)
{
    for (size_t i = 0; i < ICD_TICKET_SPENT; i++)
        if (box->spent[i].until_ms > now_ms && memcmp(box->spent[i].id, t, ID_BYTES) == 0)
            return true;
    return false;
}

ic_err icd_ticket_open(const struct icd_ticket_box *box, const char *purpose, struct ic_view bound,
                       struct ic_view ticket, uint64_t now_ms)
{
    uint8_t t[ICD_TICKET_BYTES], full[IC_HASH_MAX];
    IC_TRY(bytes_of(ticket, t));
    mac(box, purpose, bound, ic_view(t, HEAD), full);
    if (!ic_ct_equal(ic_view(full, MAC_BYTES), ic_view(t + HEAD, MAC_BYTES)))
        return IC_ERR_AUTH;
    uint64_t made_ms = ic_load_u64(t + ID_BYTES);
    if (now_ms >= made_ms + ICD_TICKET_MS)
        return IC_ERR_EXPIRED;
    return is_spent(box, t, now_ms) ? IC_ERR_REPLAY : IC_OK;
}

ic_err icd_ticket_spend(struct icd_ticket_box *box, struct ic_view ticket, uint64_t now_ms)
{
    uint8_t t[ICD_TICKET_BYTES];
    IC_TRY(bytes_of(ticket, t));
    /* Two may have been opened before either was spent: the second comes too late. */
    if (is_spent(box, t, now_ms))
        return IC_ERR_REPLAY;
    /* Never forget one that could still be used: rather refuse. */
    if (box->spent[box->next].until_ms > now_ms)
        return IC_ERR_BUSY;
    memcpy(box->spent[box->next].id, t, ID_BYTES);
    box->spent[box->next].until_ms = ic_load_u64(t + ID_BYTES) + ICD_TICKET_MS;
    box->next = (box->next + 1) % ICD_TICKET_SPENT;
    return IC_OK;
}

void icd_ticket_derive(const struct icd_ticket_box *box, const char *purpose, struct ic_view secret,
                       char *out)
{
    uint8_t full[IC_HASH_MAX];
    mac(box, purpose, secret, IC_VIEW_STR("derive"), full);
    ic_base64_encode(IC_BASE64_URL, ic_view(full, 32), out);
    ic_wipe(full, sizeof full);
}
