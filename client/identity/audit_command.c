/* incamera identity audit */
#include "base/clock.h"
#include "identity/audit_show.h"
#include "identity/command.h"
#include "identity/logs.h"
#include "identity/profile.h"
#include "identity/sign_in.h"
#include "keys/identity.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SOMETHING_WRONG = 3, PASSWORD = 1024 };

static const struct icc_option options[] = {
    {"--accept", false, "all that are listed are yours: not named again"},
    {"--password-file", true, "FILE  your password, for a program; asked for otherwise"},
    {"--browser", false, "sign in with a browser, by the organisation's own login"},
    {"--json", false, "for programs"},
    {"--help", false, "this text"},
};

static int help(int status)
{
    puts(
        "incamera identity audit [options]\n\n"
        "Every certificate that your organisation's authority ever issued in your name. All entries of its public log "
        "are\nread and held against what the log signed, and against what it showed this device before: what is kept "
        "from you\nshows. $INCAMERA_SESSION may hold a session's token. Ends with 3 where something is unknown or "
        "wrong.\n");
    icc_args_help(options, IC_ARRAY_LEN(options));
    return status;
}

struct auditing {
    const struct icc_args *args;
    struct icc_enrolment e;
    struct icc_identity id;
    struct icc_trust trust;
    struct icc_service *s;
    struct ic_merkle_heads *heads;
    struct icc_audit *a;
    char why[400];
};

/* ---- asking ---- */

static ic_err get(void *ctx, const char *path, json_t **out)
{
    struct auditing *n = ctx;
    struct icc_reply r;
    char whole[160];
    snprintf(whole, sizeof whole, "log/%s", path);
    IC_TRY(icc_service_ask(n->s, "GET", whole, NULL, &r));
    ic_err e = r.status == 200 && r.json ? IC_OK
               : r.status == 404         ? IC_ERR_NOT_FOUND
               : r.status == 401         ? IC_ERR_AUTH
               : r.status == 0           ? IC_ERR_IO
                                         : IC_ERR_MALFORMED;
    if (e == IC_OK)
        *out = json_incref(r.json);
    else if (e != IC_ERR_NOT_FOUND)
        snprintf(n->why, sizeof n->why, "%s", r.text);
    icc_reply_clear(&r);
    return e;
}

static ic_err read_password(const char *path, char *out, size_t len)
{
    IC_BUF_SCOPE(text, PASSWORD - 1);
    ic_err e = icc_file_read(path, &text);
    size_t n = text.len;
    while (n > 0 && (text.p[n - 1] == '\n' || text.p[n - 1] == '\r'))
        n--;
    if (e == IC_OK && n < len) {
        memcpy(out, text.p, n);
        out[n] = '\0';
    }
    ic_buf_clear_secret(&text);
    return e == IC_OK && n >= len ? IC_ERR_LIMIT : e;
}

static ic_err sign_in(struct auditing *n)
{
    const char *session = getenv("INCAMERA_SESSION"),
               *file = icc_args_get(n->args, "--password-file");
    char password[PASSWORD] = "";
    if (session && session[0] && strlen(session) < sizeof n->s->session) {
        strcpy(n->s->session, session);
        return IC_OK;
    }
    struct icc_sign_in how = {.email = n->e.email,
                              .password = file ? password : NULL,
                              .browser = icc_args_has(n->args, "--browser"),
                              .known = n->e.known};
    ic_err e = file ? read_password(file, password, sizeof password) : IC_OK;
    if (e != IC_OK)
        snprintf(n->why, sizeof n->why, "%s cannot be read: %s", file, ic_err_text(e));
    else
        e = icc_sign_in(n->s, &how, n->why, sizeof n->why);
    ic_wipe(password, sizeof password);
    return e;
}

/* ---- what this device knows ---- */

static ic_err load(struct auditing *n)
{
    ic_err e = icc_enrolment_load(&n->e, n->why, sizeof n->why);
    if (e == IC_ERR_NOT_FOUND)
        snprintf(n->why, sizeof n->why,
                 "this device is not enrolled with an organisation (`incamera identity enrol`)");
    IC_TRY(e);
    IC_TRY(icc_identity_load(NULL, 2, &n->id, n->why, sizeof n->why));
    IC_TRY(icc_logs_trust(&n->trust, n->why, sizeof n->why));
    if (n->trust.log_count == 0) {
        snprintf(n->why, sizeof n->why, "the organisation keeps no log of its certificates");
        return IC_ERR_NOT_FOUND;
    }
    IC_TRY(icc_heads_load(&n->heads, n->why, sizeof n->why));
    return icc_service_open(&n->e.url, &n->s);
}

/* The address under which this device enrolled, and all names of its certificate. */
static ic_err add_names(struct auditing *n)
{
    char uri[sizeof n->e.email + 4];
    struct icc_certificates own = {0};
    struct ic_pki_chain chain;
    const struct icc_certificate_paths paths = {.profile = true};
    snprintf(uri, sizeof uri, "im:%s", n->e.email);
    if (n->e.email[0]) {
        IC_TRY(icc_audit_name(n->a, IC_PKI_NAME_EMAIL, ic_view_cstr(n->e.email)));
        IC_TRY(icc_audit_name(n->a, IC_PKI_NAME_URI, ic_view_cstr(uri)));
    }
    ic_err e = icc_certificates_load(&paths, n->id.key, &own, n->why, sizeof n->why);
    if (e == IC_OK && own.chain.len) {
        e = ic_pki_chain_decode(ic_buf_view(&own.chain), 0, &chain, NULL);
        if (e == IC_OK)
            e = icc_audit_names_of(n->a, &chain.certs[0]);
    }
    icc_certificates_clear(&own);
    return e;
}

/* The head that came with our own certificate is one that the log showed us too. */
static ic_err see_staple(struct auditing *n)
{
    IC_BUF_SCOPE(b, IC_MERKLE_STAPLE_MAX);
    struct ic_merkle_staple s;
    enum ic_merkle_verdict verdict;
    if (icc_profile_read("staple", &b) != IC_OK ||
        ic_merkle_staple_decode(ic_buf_view(&b), &s) != IC_OK)
        return IC_OK;
    for (size_t i = 0; i < n->trust.log_count; i++) {
        const struct icc_trust_log *l = &n->trust.logs[i];
        struct ic_merkle_log log = {l->sig, ic_view(l->key, l->key_len)};
        if (ic_merkle_head_check(&log, &s.head) == IC_OK)
            return ic_merkle_heads_see(n->heads, &s.head, icc_now_ms(), &verdict);
    }
    return IC_OK;
}

static ic_err run(struct auditing *n)
{
    struct icc_audit_source source = {get, n};
    IC_TRY(load(n));
    IC_TRY(icc_audit_new(&n->a));
    IC_TRY(add_names(n));
    IC_TRY(see_staple(n));
    IC_TRY(sign_in(n));
    IC_TRY(icc_audit_run(n->a, &source, &n->trust, n->heads, icc_now_ms()));
    IC_TRY(icc_heads_keep(n->heads));
    icc_audit_recognise(n->a, ic_sign_key_public(n->id.key));
    if (icc_args_has(n->args, "--accept")) {
        IC_TRY(icc_audit_accept(n->a));
        icc_audit_recognise(n->a, ic_sign_key_public(n->id.key));
    }
    return IC_OK;
}

static int show(struct auditing *n)
{
    if (icc_args_has(n->args, "--json")) {
        if (icc_audit_json(n->a, n->e.server) != IC_OK)
            return 1;
    } else {
        icc_audit_print(n->a, n->e.server);
    }
    return icc_audit_unknown(n->a) || n->a->alarm_count ? SOMETHING_WRONG : 0;
}

static void end(struct auditing *n)
{
    if (n->s && !getenv("INCAMERA_SESSION"))
        icc_sign_out(n->s);
    icc_service_close(n->s);
    icc_audit_free(n->a);
    ic_merkle_heads_free(n->heads);
    icc_trust_clear(&n->trust);
    icc_identity_clear(&n->id);
    icc_enrolment_clear(&n->e);
    ic_free(n);
}

int icc_identity_audit(int argc, char **argv)
{
    struct icc_args a;
    if (!icc_args_parse(&a, options, IC_ARRAY_LEN(options), argc, argv))
        return 2;
    if (icc_args_has(&a, "--help") || a.free_count)
        return help(icc_args_has(&a, "--help") ? 0 : 2);
    struct auditing *n = ic_new(struct auditing);
    if (!n)
        return 1;
    n->args = &a;
    ic_err e = run(n);
    if (e != IC_OK)
        fprintf(stderr, "incamera: %s\n", n->why[0] ? n->why : ic_err_text(e));
    int status = e == IC_OK ? show(n) : 1;
    end(n);
    return status;
}
