/* A path secret that nobody can open: the linker puts these in place of lib/mls's own sealing, so that a
 * malicious member can make a commit that is valid for an outsider and useless for a member. */
#include "villain.h"

#include "../../lib/mls/src/member/sealing.h"

static unsigned countdown;
static bool all_later;

void sim_spoil_path(unsigned n, bool all)
{
    countdown = n;
    all_later = all;
}

ic_err __real_ic_mls_seal_all(const struct ic_mls_sealing *how, struct ic_mls_receiver *to,
                              size_t n);
ic_err __wrap_ic_mls_seal_all(const struct ic_mls_sealing *how, struct ic_mls_receiver *to,
                              size_t n);

ic_err __wrap_ic_mls_seal_all(const struct ic_mls_sealing *how, struct ic_mls_receiver *to,
                              size_t n)
{
    static const uint8_t other[64];
    for (size_t i = 0; i < n && countdown > 0; i++) {
        /* Another secret in place of the path's: it opens, and fits nothing. */
        if (countdown == 1 && to[i].plain.len <= sizeof other)
            to[i].plain = ic_view(other, to[i].plain.len);
        if (countdown > 1 || !all_later)
            countdown--;
    }
    return __real_ic_mls_seal_all(how, to, n);
}
