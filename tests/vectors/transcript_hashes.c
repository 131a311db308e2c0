#include "vectors.h"

#include <ic/crypto/hash.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/framing.h>

bool run_transcript_hashes(struct vec *v, const json_t *c)
{
    const struct ic_suite *s = vec_suite(v, c);
    if (!s)
        return false;
    uint8_t confirmed[IC_HASH_MAX], interim[IC_HASH_MAX], tag[IC_HASH_MAX];
    struct ic_mlspub_authenticated_content a;
    VEC_OK(v, ic_mlspub_authenticated_content_decode(vec_bytes(v, c, "authenticated_content"),
                                                     &v->arena, &a));
    VEC_CHECK(v, a.content.type == IC_MLS_COMMIT);
    ic_mlspub_confirmed_hash(s, vec_bytes(v, c, "interim_transcript_hash_before"), &a, confirmed);
    VEC_EQUAL(v, ic_view(confirmed, s->hash_len),
              vec_bytes(v, c, "confirmed_transcript_hash_after"));
    ic_hmac_once(s->hash, vec_bytes(v, c, "confirmation_key"), ic_view(confirmed, s->hash_len),
                 tag);
    VEC_EQUAL(v, ic_view(tag, s->hash_len), a.confirmation_tag);
    ic_mlspub_interim_hash(s, ic_view(confirmed, s->hash_len), a.confirmation_tag, interim);
    VEC_EQUAL(v, ic_view(interim, s->hash_len), vec_bytes(v, c, "interim_transcript_hash_after"));
    return true;
}
