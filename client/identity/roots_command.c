/* incamera identity roots [add FILE | remove FINGERPRINT] */
#include "identity/command.h"
#include "identity/profile.h"

#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <ic/pki/pem.h>
#include <stdio.h>
#include <string.h>

static const char file[] = "external-roots.pem";

static const struct icc_option options[] = {{"--help", false, "this text"}};

static int help(int status)
{
    puts(
        "incamera identity roots                      authorities that this device trusts\n"
        "incamera identity roots add FILE             PEM; look at the fingerprint before\n"
        "incamera identity roots remove FINGERPRINT   its first digits will do\n\n"
        "They are those outside your organisation: people whom they certify show as externally verified.\n");
    return status;
}

/* A root of the text: at most until the callback gives something else than IC_OK. */
static ic_err each(struct ic_view text, ic_err (*take)(void *ctx, const struct ic_pki_cert *c),
                   void *ctx)
{
    IC_BUF_SCOPE(der, IC_PKI_CERT_MAX);
    struct ic_pki_cert c;
    ic_err e;
    while ((e = ic_pki_pem_next(&text, "CERTIFICATE", &der)) == IC_OK) {
        IC_TRY(ic_pki_cert_decode(ic_buf_view(&der), &c, NULL));
        IC_TRY(take(ctx, &c));
    }
    return e == IC_ERR_NOT_FOUND ? IC_OK : e;
}

static ic_err print(void *ctx, const struct ic_pki_cert *c)
{
    char name[256], until[IC_PKI_TIME_TEXT], hex[2 * IC_PKI_FINGERPRINT_LEN + 1];
    size_t *n = ctx;
    (*n)++;
    ic_pki_name_text(c->subject, name, sizeof name);
    ic_pki_time_text(c->not_after, until);
    ic_hex_encode(IC_VIEW_ARRAY(c->fingerprint), hex);
    printf("%s, until %s\n  %s\n", name, until, hex);
    return IC_OK;
}

struct change {
    struct ic_buf *out;    /* the new file's text */
    struct ic_view before; /* add: what is there already */
    const char *drop;      /* remove: hexadecimal, the fingerprint's beginning; else NULL */
    size_t count;          /* roots that the change is about */
    bool not_ca;
};

static ic_err find(void *ctx, const struct ic_pki_cert *c)
{
    return memcmp(ctx, c->fingerprint, IC_PKI_FINGERPRINT_LEN) == 0 ? IC_ERR_EXISTS : IC_OK;
}

static ic_err add_one(void *ctx, const struct ic_pki_cert *c)
{
    struct change *k = ctx;
    k->count++;
    k->not_ca = k->not_ca || !c->is_ca;
    if (k->not_ca)
        return IC_ERR_DENIED;
    if (each(k->before, find, (void *)(uintptr_t)c->fingerprint) == IC_ERR_EXISTS)
        return IC_OK;
    return ic_pki_pem_encode("CERTIFICATE", c->encoded, k->out);
}

static ic_err keep_or_drop(void *ctx, const struct ic_pki_cert *c)
{
    struct change *k = ctx;
    char hex[2 * IC_PKI_FINGERPRINT_LEN + 1];
    ic_hex_encode(IC_VIEW_ARRAY(c->fingerprint), hex);
    if (strncasecmp(hex, k->drop, strlen(k->drop)) != 0)
        return ic_pki_pem_encode("CERTIFICATE", c->encoded, k->out);
    k->count++;
    return IC_OK;
}

static int add(const char *path, const struct ic_buf *now)
{
    IC_BUF_SCOPE(given, ICC_PROFILE_FILE_MAX);
    IC_BUF_SCOPE(out, ICC_PROFILE_FILE_MAX);
    struct change k = {.out = &out, .before = ic_buf_view(now)};
    size_t n = 0;
    ic_err e = icc_file_read(path, &given);
    if (e == IC_OK)
        e = ic_buf_append(&out, ic_buf_view(now));
    if (e == IC_OK)
        e = each(ic_buf_view(&given), add_one, &k);
    if (e == IC_OK && k.count)
        e = icc_profile_write(file, ic_buf_view(&out));
    if (e != IC_OK || !k.count) {
        fprintf(stderr, "incamera: no root of %s is taken: %s\n", path,
                k.not_ca     ? "it is no authority's certificate"
                : e == IC_OK ? "it holds no certificate in PEM"
                             : ic_err_text(e));
        return 1;
    }
    puts("From now on this device trusts:");
    return each(ic_buf_view(&given), print, &n) == IC_OK ? 0 : 1;
}

static int drop(const char *fingerprint, const struct ic_buf *now)
{
    IC_BUF_SCOPE(out, ICC_PROFILE_FILE_MAX);
    struct change k = {.out = &out, .drop = fingerprint};
    ic_err e = strlen(fingerprint) < 8 ? IC_ERR_ARG : each(ic_buf_view(now), keep_or_drop, &k);
    if (e == IC_OK && k.count == 1)
        e = out.len ? icc_profile_write(file, ic_buf_view(&out)) : icc_profile_remove(file);
    if (e == IC_OK && k.count == 1)
        return 0;
    fprintf(stderr, "incamera: %s\n",
            e == IC_ERR_ARG ? "give at least 8 digits of the fingerprint"
            : e != IC_OK    ? ic_err_text(e)
            : k.count       ? "more than one root begins with these digits"
                            : "there is no root with this fingerprint");
    return 1;
}

int icc_identity_roots(int argc, char **argv)
{
    struct icc_args a;
    IC_BUF_SCOPE(now, ICC_PROFILE_FILE_MAX);
    size_t n = 0;
    if (!icc_args_parse(&a, options, IC_ARRAY_LEN(options), argc, argv))
        return 2;
    if (icc_args_has(&a, "--help"))
        return help(0);
    ic_err e = icc_profile_read(file, &now);
    if (e != IC_OK && e != IC_ERR_NOT_FOUND) {
        fprintf(stderr, "incamera: %s in the profile: %s\n", file, ic_err_text(e));
        return 1;
    }
    if (a.free_count == 2 && strcmp(a.free[0], "add") == 0)
        return add(a.free[1], &now);
    if (a.free_count == 2 && strcmp(a.free[0], "remove") == 0)
        return drop(a.free[1], &now);
    if (a.free_count)
        return help(2);
    e = each(ic_buf_view(&now), print, &n);
    if (n == 0 && e == IC_OK)
        puts("There are none: nobody shows as externally verified.");
    return e == IC_OK ? 0 : 1;
}
