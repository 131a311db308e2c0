#include "identity/acme/nonce.h"

#include <ic/base/buf.h>
#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <ic/base/text.h>
#include <string.h>

enum { BODY = 12, MAC = ICD_ACME_NONCE_BYTES - BODY };

ic_err icd_acme_nonces_init(struct icd_acme_nonces *n, const struct ic_rand *rand)
{
    uint8_t key[32];
    *n = (struct icd_acme_nonces){.next = 0};
    IC_TRY(ic_rand_fill(rand, key, sizeof key));
    n->taken = ic_calloc(ICD_ACME_NONCES / 8, 1);
    if (!n->taken)
        return IC_ERR_NOMEM;
    ic_hmac_key_init(&n->key, IC_SHA256, ic_view(key, sizeof key));
    ic_wipe(key, sizeof key);
    return IC_OK;
}

void icd_acme_nonces_clear(struct icd_acme_nonces *n)
{
    if (n->taken)
        ic_hmac_key_clear(&n->key);
    ic_free(n->taken);
    *n = (struct icd_acme_nonces){.next = 0};
}

static uint32_t minute(uint64_t now_ms)
{
    return (uint32_t)(now_ms / 60000);
}

static uint8_t *bit_of(struct icd_acme_nonces *n, uint64_t number, uint8_t *mask)
{
    *mask = (uint8_t)(1u << (number % 8));
    return &n->taken[number % ICD_ACME_NONCES / 8];
}

static void mac_of(const struct icd_acme_nonces *n, const uint8_t body[BODY], uint8_t mac[MAC])
{
    uint8_t whole[IC_HASH_MAX];
    ic_hmac(&n->key, ic_view(body, BODY), whole);
    memcpy(mac, whole, MAC);
}

void icd_acme_nonce_make(struct icd_acme_nonces *n, uint64_t now_ms, char out[ICD_ACME_NONCE + 1])
{
    uint8_t bytes[ICD_ACME_NONCE_BYTES], mask;
    uint8_t *bit = bit_of(n, n->next, &mask);
    *bit &= (uint8_t)~mask;
    ic_store_u64(bytes, n->next++);
    ic_store_u32(bytes + 8, minute(now_ms));
    mac_of(n, bytes, bytes + BODY);
    ic_base64_encode(IC_BASE64_URL, ic_view(bytes, sizeof bytes), out);
}

bool icd_acme_nonce_take(struct icd_acme_nonces *n, uint64_t now_ms, const char *text)
{
    IC_BUF_SCOPE(b, ICD_ACME_NONCE_BYTES);
    uint8_t mac[MAC], mask;
    if (ic_base64_decode(IC_BASE64_URL, ic_view_cstr(text), &b) != IC_OK ||
        b.len != ICD_ACME_NONCE_BYTES)
        return false;
    mac_of(n, b.p, mac);
    if (!ic_ct_equal(ic_view(mac, MAC), ic_view(b.p + BODY, MAC)))
        return false;
    uint64_t number = ic_load_u64(b.p);
    uint32_t made = ic_load_u32(b.p + 8);
    if (n->next - number > ICD_ACME_NONCES || minute(now_ms) - made >= ICD_ACME_NONCE_MIN)
        return false;
    uint8_t *bit = bit_of(n, number, &mask);
    bool first = !(*bit & mask);
    *bit |= mask;
    return first;
}
