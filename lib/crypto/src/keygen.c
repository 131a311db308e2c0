#include "keygen.h"

#include "curve.h"

ic_err ic_keygen_private(const struct ic_curve *c, const struct ic_rand *rand,
                         struct ic_secret *out)
{
    IC_SECRET_SCOPE(s);
    s.len = c->private_len;
    for (int tries = 0; tries < 256; tries++) {
        IC_TRY(ic_rand_fill(rand, s.b, s.len));
        if (c->order)
            s.b[0] &= c->top_mask;
        if (ic_curve_check_private(c, ic_secret_view(&s)) == IC_OK) {
            *out = s;
            return IC_OK;
        }
    }
    return IC_ERR_CRYPTO;
}
