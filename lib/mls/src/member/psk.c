#include "psk.h"

#include "labels.h"

#include <ic/crypto/hkdf.h>
#include <string.h>

enum { PSK_ID_MAX = 1024 };

void ic_mls_psk_mix_init(struct ic_mls_psk_mix *m, const struct ic_suite *s, uint16_t count)
{
    *m = (struct ic_mls_psk_mix){.suite = s, .count = count};
    m->secret.len = s->hash_len;
}

void ic_mls_psk_mix_clear(struct ic_mls_psk_mix *m)
{
    ic_secret_clear(&m->secret);
}

ic_err ic_mls_psk_mix_add(struct ic_mls_psk_mix *m, struct ic_view encoded_id, struct ic_view psk)
{
    const struct ic_suite *s = m->suite;
    uint8_t label[PSK_ID_MAX + 4];
    if (encoded_id.len > PSK_ID_MAX)
        return IC_ERR_LIMIT;
    memcpy(label, encoded_id.p, encoded_id.len);
    ic_store_u16(label + encoded_id.len, m->index);
    ic_store_u16(label + encoded_id.len + 2, m->count);

    IC_SECRET_SCOPE(zero);
    IC_SECRET_SCOPE(extracted);
    IC_SECRET_SCOPE(input);
    zero.len = s->hash_len;
    ic_hkdf_extract(s->hash, ic_secret_view(&zero), psk, &extracted);
    IC_TRY(ic_mls_expand_with_label(s, ic_secret_view(&extracted), "derived psk",
                                    ic_view(label, encoded_id.len + 4), input.b, s->hash_len));
    input.len = s->hash_len;
    ic_hkdf_extract(s->hash, ic_secret_view(&input), ic_secret_view(&m->secret), &m->secret);
    m->index++;
    return IC_OK;
}
