/* HPKE open, with any enc and any ciphertext: first byte the suite, then enc, then what was sealed.
 * The receiver's key comes from a fixed seed, so that the corpus holds messages that open. */
#include <ic/base/mem.h>
#include <ic/crypto/hpke.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ic_kem_pair pairs[8];
    if (size < 1 || size > 4096)
        return 0;
    const struct ic_suite *s = ic_suite_find(data[0]);
    if (!s || size - 1 < s->kem_public_len)
        return 0;
    struct ic_kem_pair *pair = &pairs[s->id];
    if (pair->public_len == 0 && ic_kem_derive_pair(s->kem, IC_VIEW_STR("fuzz"), pair) != IC_OK)
        abort();
    struct ic_view enc = ic_view(data + 1, s->kem_public_len);
    struct ic_view sealed = ic_view(data + 1 + enc.len, size - 1 - enc.len);
    struct ic_hpke_info info;
    uint8_t *out = ic_calloc(1, sealed.len);
    if (!out)
        return 0;
    ic_hpke_info_init(&info, ic_hpke_suite_of(s), IC_VIEW_STR("info"));
    ic_err e = ic_hpke_open(&info, ic_secret_view(&pair->private_key),
                            ic_view(pair->public_key, pair->public_len), enc, IC_VIEW_STR("aad"),
                            sealed, out);
    if (e != IC_OK && e != IC_ERR_AUTH && e != IC_ERR_KEY)
        abort();
    ic_free(out);
    return 0;
}
