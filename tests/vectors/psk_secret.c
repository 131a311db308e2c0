#include "vectors.h"

#include "member/psk.h"

#include <ic/mlspub/codec.h>

bool run_psk_secret(struct vec *v, const json_t *c)
{
    const struct ic_suite *s = vec_suite(v, c);
    if (!s)
        return false;
    const json_t *psks = json_object_get(c, "psks");
    struct ic_mls_psk_mix m;
    ic_mls_psk_mix_init(&m, s, (uint16_t)json_array_size(psks));
    size_t i;
    json_t *p;
    json_array_foreach(psks, i, p)
    {
        IC_BUF_SCOPE(id, 4096);
        struct ic_mlspub_psk_id psk = {.type = IC_MLS_PSK_EXTERNAL,
                                       .external_id = vec_bytes(v, p, "psk_id"),
                                       .nonce = vec_bytes(v, p, "psk_nonce")};
        struct ic_writer w = ic_writer(&id);
        ic_mlspub_psk_id_write(&w, &psk);
        VEC_OK(v, ic_writer_end(&w));
        VEC_OK(v, ic_mls_psk_mix_add(&m, ic_buf_view(&id), vec_bytes(v, p, "psk")));
    }
    VEC_EQUAL(v, ic_secret_view(&m.secret), vec_bytes(v, c, "psk_secret"));
    ic_mls_psk_mix_clear(&m);
    return true;
}
