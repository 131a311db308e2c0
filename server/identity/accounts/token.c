#include "identity/accounts/token.h"

#include <ic/base/secret.h>
#include <ic/base/text.h>
#include <ic/crypto/hash.h>
#include <string.h>

enum { KIND_LEN = 4, RANDOM_BYTES = 33, ID_BYTES = 16 };

ic_err icd_token_make(const struct ic_rand *rand, const char *kind, char *out)
{
    uint8_t bytes[RANDOM_BYTES];
    IC_TRY(ic_rand_fill(rand, bytes, sizeof bytes));
    memcpy(out, kind, KIND_LEN);
    ic_base64_encode(IC_BASE64_URL, IC_VIEW_ARRAY(bytes), out + KIND_LEN);
    ic_wipe(bytes, sizeof bytes);
    return IC_OK;
}

bool icd_token_is(struct ic_view token, const char *kind)
{
    return token.len == ICD_BEARER_LEN && memcmp(token.p, kind, KIND_LEN) == 0;
}

void icd_token_hash(struct ic_view token, uint8_t out[ICD_TOKEN_HASH])
{
    ic_hash_once(IC_SHA256, token, out);
}

ic_err icd_token_id(const struct ic_rand *rand, char *out)
{
    uint8_t bytes[ID_BYTES];
    IC_TRY(ic_rand_fill(rand, bytes, sizeof bytes));
    ic_base64_encode(IC_BASE64_URL, IC_VIEW_ARRAY(bytes), out);
    return IC_OK;
}
