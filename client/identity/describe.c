/* A certificate in words: whom it names, until when, and who vouches for that on this device. */
#include "base/clock.h"
#include "identity/command.h"

#include <ic/base/json.h>
#include <ic/base/text.h>
#include <stdio.h>
#include <string.h>

enum { TEXT = 256, DAY_S = 86400, SHORT_FINGERPRINT = 8 };

static const char *const kinds[] = {"other", "email", "dns", "x400",      "directory",
                                    "edi",   "uri",   "ip",  "registered"};

const char *icc_words_key(enum ic_sig_id id)
{
    switch (id) {
    case IC_ECDSA_P256_SHA256:
        return "ECDSA P-256";
    case IC_ECDSA_P384_SHA384:
        return "ECDSA P-384";
    case IC_ECDSA_P521_SHA512:
        return "ECDSA P-521";
    case IC_ED25519:
        return "Ed25519";
    case IC_ED448:
        return "Ed448";
    }
    return "another kind";
}

void icc_short_fingerprint(const uint8_t fingerprint[IC_PKI_FINGERPRINT_LEN], char out[17])
{
    ic_hex_encode(ic_view(fingerprint, SHORT_FINGERPRINT), out);
}

void icc_print_text(const char *what, struct ic_view text)
{
    printf("%-12s", what);
    for (size_t i = 0; i < text.len && i < TEXT; i++)
        putchar(text.p[i] >= ' ' && text.p[i] <= '~' ? text.p[i] : '?');
    putchar('\n');
}

/* True where a root of the store vouches for the chain; d says whose. */
static bool vouched(struct ic_pki_store *s, const struct ic_pki_store *own, struct icc_described *d,
                    const char *state, struct ic_pki_fault *fault)
{
    struct ic_pki_verdict v;
    struct ic_pki_want want = {.key = d->chain.certs[0].key};
    if (!s || ic_pki_validate(s, &d->chain, &want, (uint64_t)d->now_s, &v, fault) != IC_OK)
        return false;
    d->state = state;
    if (s == own) /* of one's own organisation its name says more, as in a meeting */
        ic_pki_organisation(v.root->subject, d->vouched_by, sizeof d->vouched_by);
    if (!d->vouched_by[0])
        ic_pki_common_name(v.root->subject, d->vouched_by, sizeof d->vouched_by);
    return true;
}

ic_err icc_describe(struct ic_view certificates, const struct icc_certificates *trusted,
                    struct icc_described *out)
{
    struct icc_described d = {.state = "unverified", .now_s = (int64_t)(icc_now_ms() / 1000)};
    struct ic_pki_fault none = {.reason = IC_PKI_NO_ROOT}, external = none, internal = none;
    IC_TRY(ic_pki_chain_decode(certificates, 0, &d.chain, NULL));
    if (!vouched(trusted->external, trusted->internal, &d, "external", &external) &&
        !vouched(trusted->internal, trusted->internal, &d, "internal", &internal)) {
        /* What is wrong with it tells more than that one of two kinds of root does not know it. */
        const struct ic_pki_fault *f = external.reason == IC_PKI_NO_ROOT ? &internal : &external;
        snprintf(d.reason, sizeof d.reason, "%s",
                 f->reason == IC_PKI_NO_ROOT
                     ? "no authority that this device trusts stands above it"
                     : f->text);
    }
    *out = d;
    return IC_OK;
}

static void print_names(const struct ic_pki_cert *c)
{
    struct ic_reader r = ic_reader(c->names);
    struct ic_pki_name n;
    while (ic_pki_names_next(&r, &n))
        if (n.kind == IC_PKI_NAME_EMAIL || n.kind == IC_PKI_NAME_DNS || n.kind == IC_PKI_NAME_URI)
            icc_print_text(n.kind == IC_PKI_NAME_EMAIL ? "  e-mail"
                           : n.kind == IC_PKI_NAME_DNS ? "  host"
                                                       : "  address",
                           n.value);
}

static void print_validity(const struct icc_described *d)
{
    const struct ic_pki_cert *c = &d->chain.certs[0];
    char from[IC_PKI_TIME_TEXT], until[IC_PKI_TIME_TEXT];
    int64_t left = c->not_after - d->now_s;
    ic_pki_time_text(c->not_before, from);
    ic_pki_time_text(c->not_after, until);
    printf("  valid     %s to %s", from, until);
    if (c->not_before > d->now_s)
        puts(" (NOT YET)");
    else if (left < 0)
        puts(" (OVER)");
    else if (left < 2 * DAY_S)
        printf(" (%lld hours left)\n", (long long)(left / 3600));
    else
        printf(" (%lld days left)\n", (long long)(left / DAY_S));
}

void icc_described_print(const struct icc_described *d)
{
    char text[TEXT];
    const struct ic_pki_cert *c = &d->chain.certs[0];
    ic_pki_name_text(c->subject, text, sizeof text);
    printf("Certificate %s\n", text[0] ? text : "(no subject)");
    print_names(c);
    for (size_t i = 0; i < d->chain.count; i++) {
        const struct ic_pki_cert *link = &d->chain.certs[i];
        if (i && ic_pki_name_equal(link->issuer, link->subject)) /* the root, named already */
            continue;
        ic_pki_name_text(link->issuer, text, sizeof text);
        printf("  issued by %s\n", text);
    }
    print_validity(d);
    if (d->vouched_by[0])
        printf("  vouched   verified %s: %s\n",
               strcmp(d->state, "external") == 0 ? "by an external authority"
                                                 : "by the organisation",
               d->vouched_by);
    else
        printf("  vouched   NOT VERIFIED here: %s\n", d->reason);
}

void icc_described_json(const struct icc_described *d, struct ic_json *j)
{
    char text[TEXT], when[IC_PKI_TIME_TEXT];
    const struct ic_pki_cert *c = &d->chain.certs[0];
    struct ic_reader r = ic_reader(c->names);
    struct ic_pki_name n;
    ic_pki_name_text(c->subject, text, sizeof text);
    ic_json_cstr(j, "subject", text);
    ic_json_array(j, "names");
    while (ic_pki_names_next(&r, &n)) {
        ic_json_object(j, NULL);
        ic_json_cstr(j, "kind", kinds[n.kind]);
        ic_json_text(j, "value", n.value);
        ic_json_object_end(j);
    }
    ic_json_array_end(j);
    ic_json_array(j, "issuers");
    for (size_t i = 0; i < d->chain.count; i++) {
        ic_pki_name_text(d->chain.certs[i].issuer, text, sizeof text);
        ic_json_cstr(j, NULL, text);
    }
    ic_json_array_end(j);
    ic_pki_time_text(c->not_before, when);
    ic_json_cstr(j, "not_before", when);
    ic_pki_time_text(c->not_after, when);
    ic_json_cstr(j, "not_after", when);
    ic_json_hex(j, "serial", c->serial);
    ic_json_hex(j, "fingerprint", IC_VIEW_ARRAY(c->fingerprint));
    ic_json_cstr(j, "state", d->state);
    ic_json_cstr(j, "vouched_by", d->vouched_by);
    ic_json_cstr(j, "reason", d->reason);
}
