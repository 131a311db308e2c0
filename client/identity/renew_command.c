/* incamera identity renew | revoke */
#include "base/ask.h"
#include "identity/command.h"
#include "identity/consent.h"
#include "identity/profile.h"
#include "identity/service.h"
#include "keys/identity.h"

#include <ic/base/mem.h>
#include <ic/pki/pem.h>
#include <stdio.h>
#include <string.h>

static const struct icc_option options[] = {
    {"--accept-roots", false,
     "trust the organisation's authorities, if they changed, without being asked"},
    {"--help", false, "this text"},
};
static const struct icc_option revoke_options[] = {
    {"--yes", false, "without being asked"},
    {"--help", false, "this text"},
};

struct renewing {
    struct icc_enrolment e;
    struct icc_identity id;
    struct icc_service *s;
    struct ic_buf pem, staple;
    char why[400];
};

static ic_err open_all(struct renewing *n)
{
    ic_buf_init(&n->pem, ICC_PROFILE_FILE_MAX);
    ic_buf_init(&n->staple, ICC_PROFILE_FILE_MAX);
    IC_TRY(icc_enrolment_load(&n->e, n->why, sizeof n->why));
    IC_TRY(icc_identity_load(NULL, 2, &n->id, n->why, sizeof n->why));
    return icc_service_open(&n->e.url, &n->s);
}

/* The trust list is asked for on the way: a change of it is told here, not in a meeting. */
static ic_err look_at_trust(struct renewing *n, bool agreed)
{
    struct icc_reply r;
    IC_BUF_SCOPE(whole, ICC_PROFILE_FILE_MAX);
    IC_TRY(icc_service_ask(n->s, "GET", "trust", NULL, &r));
    ic_err e = IC_OK;
    if (r.status == 200) {
        e = icc_consent_complete(ic_buf_view(&r.body), &whole);
        if (e == IC_OK)
            e = icc_consent_trust(ic_buf_view(&whole), agreed, n->why, sizeof n->why);
        if (e == IC_OK)
            e = icc_profile_write("trust.json", ic_buf_view(&whole));
    } else if (r.status == 0) {
        snprintf(n->why, sizeof n->why, "%s", r.text);
        e = IC_ERR_IO;
    }
    icc_reply_clear(&r);
    return e;
}

static ic_err renew(struct renewing *n, bool agreed)
{
    IC_TRY(open_all(n));
    IC_TRY(look_at_trust(n, agreed));
    IC_TRY(icc_service_issue(n->s, &n->e, n->id.key, NULL, (struct ic_view){0}, &n->pem, n->why,
                             sizeof n->why));
    IC_TRY(icc_profile_write("certificate.pem", ic_buf_view(&n->pem)));
    if (icc_service_staple(n->s, ic_buf_view(&n->pem), &n->staple) == IC_OK)
        return icc_profile_write("staple", ic_buf_view(&n->staple));
    return IC_OK;
}

static ic_err revoke_own(struct renewing *n)
{
    IC_BUF_SCOPE(pem, ICC_PROFILE_FILE_MAX);
    IC_BUF_SCOPE(der, IC_PKI_CERT_MAX);
    IC_TRY(open_all(n));
    ic_err e = icc_profile_read("certificate.pem", &pem);
    struct ic_view rest = ic_buf_view(&pem);
    if (e == IC_OK)
        e = ic_pki_pem_next(&rest, "CERTIFICATE", &der);
    if (e != IC_OK) {
        snprintf(n->why, sizeof n->why, "this device has no certificate");
        return e;
    }
    IC_TRY(icc_service_issue(n->s, &n->e, n->id.key, NULL, ic_buf_view(&der), &n->pem, n->why,
                             sizeof n->why));
    IC_TRY(icc_profile_remove("staple"));
    return icc_profile_remove("certificate.pem");
}

static int finish(struct renewing *n, ic_err e)
{
    if (e != IC_OK)
        fprintf(stderr, "incamera: %s\n", n->why[0] ? n->why : ic_err_text(e));
    icc_service_close(n->s);
    icc_identity_clear(&n->id);
    icc_enrolment_clear(&n->e);
    ic_buf_clear(&n->pem);
    ic_buf_clear(&n->staple);
    ic_free(n);
    return e == IC_OK ? 0 : 1;
}

int icc_identity_renew(int argc, char **argv)
{
    struct icc_args a;
    if (!icc_args_parse(&a, options, IC_ARRAY_LEN(options), argc, argv))
        return 2;
    if (icc_args_has(&a, "--help") || a.free_count) {
        puts(
            "incamera identity renew\n\nA new certificate of the same name for the same key, where this device "
            "enrolled. `incamera join`\ndoes that by itself when two thirds of the time are over.\n");
        icc_args_help(options, IC_ARRAY_LEN(options));
        return icc_args_has(&a, "--help") ? 0 : 2;
    }
    struct renewing *n = ic_new(struct renewing);
    int status = n ? finish(n, renew(n, icc_args_has(&a, "--accept-roots"))) : 1;
    return status == 0 ? icc_identity_show(0, NULL) : status;
}

int icc_identity_revoke(int argc, char **argv)
{
    struct icc_args a;
    if (!icc_args_parse(&a, revoke_options, IC_ARRAY_LEN(revoke_options), argc, argv))
        return 2;
    if (icc_args_has(&a, "--help") || a.free_count) {
        puts(
            "incamera identity revoke\n\nTells the authority that this device's certificate counts no longer: "
            "others see that within minutes.\n");
        icc_args_help(revoke_options, IC_ARRAY_LEN(revoke_options));
        return icc_args_has(&a, "--help") ? 0 : 2;
    }
    if (!icc_args_has(&a, "--yes") &&
        !icc_ask_yes("Revoke this device's certificate for good? [y/N] ")) {
        fprintf(stderr, "incamera: nothing was revoked (--yes does so without being asked)\n");
        return 1;
    }
    struct renewing *n = ic_new(struct renewing);
    int status = n ? finish(n, revoke_own(n)) : 1;
    if (status == 0)
        puts("The certificate is revoked. `incamera identity enrol` gets a new one.");
    return status;
}
