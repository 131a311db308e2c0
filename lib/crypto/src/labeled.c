#include "labeled.h"

#include <string.h>

struct ic_labeled ic_labeled_kem(uint16_t kem, enum ic_hash_id kdf)
{
    struct ic_labeled l = {.kdf = kdf, .suite_id = "KEM", .suite_id_len = 5};
    ic_store_u16(l.suite_id + 3, kem);
    return l;
}

void ic_labeled_extract(const struct ic_labeled *l, struct ic_view salt, const char *label,
                        struct ic_view ikm, struct ic_secret *prk)
{
    struct ic_view parts[] = {
        IC_VIEW_STR("HPKE-v1"),
        ic_view(l->suite_id, l->suite_id_len),
        ic_view_cstr(label),
        ikm,
    };
    ic_hkdf_extract_parts(l->kdf, salt, parts, 4, prk);
}

ic_err ic_labeled_expand(const struct ic_labeled *l, const struct ic_hmac_key *prk,
                         const char *label, struct ic_view info, struct ic_view more, uint8_t *out,
                         size_t out_len)
{
    if (out_len > UINT16_MAX)
        return IC_ERR_RANGE;
    uint8_t length[2];
    ic_store_u16(length, (uint16_t)out_len);
    struct ic_view parts[] = {
        IC_VIEW_ARRAY(length),
        IC_VIEW_STR("HPKE-v1"),
        ic_view(l->suite_id, l->suite_id_len),
        ic_view_cstr(label),
        info,
        more,
    };
    return ic_hkdf_expand_key(prk, parts, 6, out, out_len);
}
