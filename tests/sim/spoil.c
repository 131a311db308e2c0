/* A path secret that nobody can open: the linker puts these in place of lib/mls's own sealing, so that a
 * malicious member can make a commit that is valid for an outsider and useless for a member. */
#include "villain.h"

#include <ic/base/writer.h>
#include <ic/crypto/hpke.h>

static unsigned countdown;
static bool all_later;

void sim_spoil_path(unsigned n, bool all)
{
    countdown = n;
    all_later = all;
}

ic_err __real_ic_mls_seal_write(const struct ic_suite *s, const struct ic_hpke_info *info,
                                struct ic_view public_key, struct ic_view plain,
                                const struct ic_rand *rand, struct ic_writer *w);
ic_err __wrap_ic_mls_seal_write(const struct ic_suite *s, const struct ic_hpke_info *info,
                                struct ic_view public_key, struct ic_view plain,
                                const struct ic_rand *rand, struct ic_writer *w);

ic_err __wrap_ic_mls_seal_write(const struct ic_suite *s, const struct ic_hpke_info *info,
                                struct ic_view public_key, struct ic_view plain,
                                const struct ic_rand *rand, struct ic_writer *w)
{
    uint8_t other[64] = {0};
    bool spoil = countdown == 1;
    if (countdown > 1 || (countdown == 1 && !all_later))
        countdown--;
    /* Another secret in place of the path's: it opens, and fits nothing. */
    return __real_ic_mls_seal_write(
        s, info, public_key, spoil && plain.len <= sizeof other ? ic_view(other, plain.len) : plain,
        rand, w);
}
