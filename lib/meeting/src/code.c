/* The security code (protocol: Security code), and the short code of who knocks. */
#include "internal.h"
#include <ic/mls/label.h>
#include <stdio.h>
#include <string.h>

void ic_meeting_code_digits(const uint8_t *bytes, size_t groups, char *out)
{
    for (size_t i = 0; i < groups; i++) {
        uint64_t v = (uint64_t)bytes[5 * i] << 32 | ic_load_u32(bytes + 5 * i + 1);
        char text[8];
        snprintf(text, sizeof text, "%05u", (unsigned)(v % 100000));
        memcpy(out + 6 * i, text, 5);
        out[6 * i + 5] = i + 1 < groups ? ' ' : '\0';
    }
}

ic_err ic_meeting_code_of_group(const struct ic_meeting *m, char out[IC_MEETING_CODE_LEN + 1])
{
    uint8_t bytes[40];
    IC_TRY(ic_mls_expand_with_label(m->suite, ic_mls_epoch_authenticator(m->group), "InCamera Code",
                                    ic_mls_context(m->group)->group_id, bytes, sizeof bytes));
    ic_meeting_code_digits(bytes, 8, out);
    return IC_OK;
}

void ic_meeting_code_short(struct ic_view ref, char out[IC_MEETING_CODE_LEN + 1])
{
    static const char label[] = "InCamera Short Code";
    uint8_t digest[32];
    struct ic_hash h;
    ic_hash_init(&h, IC_SHA256);
    ic_hash_update(&h, ic_view(label, sizeof label - 1));
    ic_hash_update(&h, ref);
    ic_hash_final(&h, digest);
    ic_meeting_code_digits(digest, 2, out);
}

bool ic_meeting_code(const struct ic_meeting *m, char out[IC_MEETING_CODE_LEN + 1])
{
    return m->group && ic_meeting_code_of_group(m, out) == IC_OK;
}
