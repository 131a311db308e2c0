#include <ic/crypto/hkdf.h>

#include <string.h>

void ic_hkdf_extract_parts(enum ic_hash_id id, struct ic_view salt, const struct ic_view *ikm,
                           size_t n, struct ic_secret *prk)
{
    struct ic_hmac_key k;
    uint8_t out[IC_HASH_MAX];
    ic_hmac_key_init(&k, id, salt);
    ic_hmac_parts(&k, ikm, n, out);
    prk->len = ic_hash_len(id);
    memcpy(prk->b, out, prk->len);
    ic_hmac_key_clear(&k);
    ic_wipe(out, sizeof out);
}

void ic_hkdf_extract(enum ic_hash_id id, struct ic_view salt, struct ic_view ikm,
                     struct ic_secret *prk)
{
    ic_hkdf_extract_parts(id, salt, &ikm, 1, prk);
}

enum { PARTS_MAX = 12 };

/* RFC 5869 section 2.3: T(i) = HMAC(PRK, T(i-1) | info | i) */
ic_err ic_hkdf_expand_key(const struct ic_hmac_key *prk, const struct ic_view *info, size_t n,
                          uint8_t *out, size_t out_len)
{
    size_t hash_len = ic_hash_len(prk->inner.id);
    if (out_len > 255 * hash_len)
        return IC_ERR_RANGE;
    if (n > PARTS_MAX)
        return IC_ERR_ARG;
    struct ic_view parts[PARTS_MAX + 2];
    uint8_t t[IC_HASH_MAX];
    uint8_t counter = 0;
    parts[0] = ic_view(t, 0);
    if (n > 0)
        memcpy(&parts[1], info, n * sizeof *info);
    parts[n + 1] = ic_view(&counter, 1);
    for (size_t done = 0; done < out_len;) {
        counter++;
        ic_hmac_parts(prk, parts, n + 2, t);
        parts[0].len = hash_len;
        size_t take = out_len - done < hash_len ? out_len - done : hash_len;
        memcpy(out + done, t, take);
        done += take;
    }
    ic_wipe(t, sizeof t);
    return IC_OK;
}

ic_err ic_hkdf_expand(enum ic_hash_id id, struct ic_view prk, struct ic_view info, uint8_t *out,
                      size_t out_len)
{
    struct ic_hmac_key k;
    ic_hmac_key_init(&k, id, prk);
    ic_err e = ic_hkdf_expand_key(&k, &info, 1, out, out_len);
    ic_hmac_key_clear(&k);
    return e;
}
