#include "accepted.h"

#include "keys/certificates.h"

#include <stdio.h>
#include <string.h>

static bool take_store(const struct ic_pki_store *s, struct icc_accepted *out)
{
    size_t n = s ? ic_pki_store_root_count(s) : 0, i = 0;
    for (; i < n && out->count < IC_WIRE_ROOTS_MAX; i++) {
        uint8_t *to = out->fingerprint[out->count];
        memcpy(to, ic_pki_store_root(s, i)->fingerprint, 32);
        out->view[out->count++] = ic_view(to, 32);
    }
    if (i < n)
        fprintf(stderr, "incamera: a meeting accepts %d authorities at most\n", IC_WIRE_ROOTS_MAX);
    return i == n;
}

/* file: NULL takes the organisation's. */
static bool take_from(const char *file, struct icc_accepted *out)
{
    struct icc_certificates c = {0};
    const struct icc_certificate_paths paths = {.external = file, .profile = !file};
    char why[300] = "";
    if (icc_certificates_trusted(&paths, &c, why, sizeof why) != IC_OK) {
        fprintf(stderr, "incamera: %s\n", why);
        return false;
    }
    bool done = take_store(file ? c.external : c.internal, out);
    icc_certificates_clear(&c);
    return done;
}

bool icc_accepted_take(const struct icc_args *a, struct ic_meeting_plan *plan,
                       struct icc_accepted *out)
{
    int at = 0;
    bool wanted = plan->admission == IC_WIRE_VERIFIED_ADMITTED;
    for (const char *path; (path = icc_args_next(a, "--root", &at)) != NULL;)
        if (!take_from(path, out))
            return false;
    if (wanted && out->count == 0 && !take_from(NULL, out))
        return false;
    if (wanted != (out->count > 0)) {
        fprintf(
            stderr,
            wanted
                ? "incamera: --admission verified needs an authority: --root FILE, or an organisation "
                  "(incamera identity enrol)\n"
                : "incamera: --root is for --admission verified\n");
        return false;
    }
    plan->roots = out->view;
    plan->root_count = out->count;
    return true;
}
