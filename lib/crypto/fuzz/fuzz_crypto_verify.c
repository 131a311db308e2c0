/* Verification of any signature (DER for ECDSA) by any key: first byte the suite, bit 7 set for a key
 * from the input instead of the fixed one; then the key, then the length of the signature, then both. */
#include <ic/crypto/sign.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One fixed key a suite, so that the corpus holds signatures that verify. */
static struct ic_view fixed_key(const struct ic_suite *s)
{
    static struct ic_sign_key *keys[8];
    static const uint8_t scalar[66] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    size_t len =
        s->sig == IC_ED25519 || s->sig == IC_ED448 ? s->sig_public_len : s->kem_private_len;
    if (!keys[s->id] && ic_sign_key_import(s->sig, ic_view(scalar, len), &keys[s->id]) != IC_OK)
        abort();
    return ic_sign_key_public(keys[s->id]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 4096)
        return 0;
    const struct ic_suite *s = ic_suite_find(data[0] & 0x7f);
    if (!s)
        return 0;
    struct ic_view rest = ic_view(data + 1, size - 1), key = fixed_key(s);
    if (data[0] & 0x80) {
        if (rest.len < s->sig_public_len + 1U)
            return 0;
        key = ic_view_sub(rest, 0, s->sig_public_len);
        rest = ic_view_sub(rest, key.len, rest.len - key.len);
    }
    size_t sig_len = rest.p[0];
    if (rest.len - 1 < sig_len)
        return 0;
    struct ic_view sig = ic_view_sub(rest, 1, sig_len);
    struct ic_view message = ic_view_sub(rest, 1 + sig_len, rest.len - 1 - sig_len);
    ic_err e = ic_verify(s->sig, key, message, sig);
    if (e != IC_OK && e != IC_ERR_SIGNATURE && e != IC_ERR_KEY)
        abort();
    if (ic_verify_key_check(s->sig, key) != IC_OK && e == IC_OK)
        abort();
    return 0;
}
