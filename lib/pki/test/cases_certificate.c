/* What is wrong inside one certificate. */
#include "cases.h"

#include <ic/base/mem.h>
#include <string.h>

static struct trio fresh(struct cases *c)
{
    return cases_trio(c, IC_ED25519, IC_ED25519, IC_ED25519);
}

/* A good chain whose leaf is changed after it was signed: what is malformed is never verified. */
static struct pki_case *changed(struct cases *c, const char *name, enum ic_pki_reason reason,
                                struct ic_view (*change)(struct maker *m, struct ic_view der))
{
    struct trio t = fresh(c);
    struct pki_case *k = cases_three(c, name, &t, reason, 0);
    k->certs[0] = change(c->m, k->certs[0]);
    k->peer = PEER_UNASKED; /* whether it reads BER is its matter */
    return k;
}

static struct ic_view byte_after(struct maker *m, struct ic_view der)
{
    struct ic_view parts[] = {der, IC_VIEW_STR("\0")};
    return maker_cat(m, parts, 2);
}

static struct ic_view cut(struct maker *m, struct ic_view der)
{
    (void)m;
    return ic_view_sub(der, 0, der.len - 1);
}

/* 30 82 xx xx -> 30 83 00 xx xx */
static struct ic_view long_length(struct maker *m, struct ic_view der)
{
    uint8_t head[] = {0x30, 0x83, 0, der.p[2], der.p[3]};
    struct ic_view parts[] = {IC_VIEW_ARRAY(head), ic_view_sub(der, 4, der.len - 4)};
    return maker_cat(m, parts, 2);
}

static struct ic_view indefinite_length(struct maker *m, struct ic_view der)
{
    struct ic_view parts[] = {IC_VIEW_STR("\x30\x80"), ic_view_sub(der, 4, der.len - 4),
                              IC_VIEW_STR("\0\0")};
    return maker_cat(m, parts, 3);
}

static struct ic_view nothing(struct maker *m, struct ic_view der)
{
    (void)m;
    return ic_view(der.p, 0);
}

static struct ic_view text(struct maker *m, struct ic_view der)
{
    (void)der;
    return maker_copy(m, IC_VIEW_STR("-----BEGIN CERTIFICATE-----"));
}

/* The tag of the certificate itself. */
static struct ic_view set_for_sequence(struct maker *m, struct ic_view der)
{
    struct ic_view v = maker_copy(m, der);
    ((uint8_t *)(uintptr_t)v.p)[0] = 0x31;
    return v;
}

static void encodings(struct cases *c)
{
    changed(c, "byte-after-certificate", IC_PKI_MALFORMED, byte_after);
    changed(c, "certificate-cut", IC_PKI_MALFORMED, cut);
    changed(c, "length-not-shortest", IC_PKI_MALFORMED, long_length);
    changed(c, "length-indefinite", IC_PKI_MALFORMED, indefinite_length);
    changed(c, "certificate-empty", IC_PKI_MALFORMED, nothing);
    changed(c, "certificate-in-pem", IC_PKI_MALFORMED, text);
    changed(c, "set-for-sequence", IC_PKI_MALFORMED, set_for_sequence);
}

/* A chain with this leaf. */
static struct pki_case *leaf_case(struct cases *c, const char *name, struct trio *t,
                                  enum ic_pki_reason reason)
{
    struct pki_case *k = cases_three(c, name, t, reason, 0);
    k->peer = reason == IC_PKI_NONE ? PEER_SAME : PEER_UNASKED;
    *t = fresh(c);
    return k;
}

static void fields(struct cases *c)
{
    static uint8_t long_serial[21] = {0x7f, [20] = 1};
    struct trio t = fresh(c);
    t.leaf.version = 1;
    t.leaf.no_extensions = true;
    leaf_case(c, "version-1", &t, IC_PKI_VERSION);
    t.leaf.version = 2;
    leaf_case(c, "version-2", &t, IC_PKI_VERSION);
    t.leaf.version = 4;
    leaf_case(c, "version-4", &t, IC_PKI_VERSION);
    t.leaf.serial = IC_VIEW_STR("\0");
    leaf_case(c, "good-serial-zero", &t, IC_PKI_NONE);
    t.leaf.serial = IC_VIEW_STR("\xff");
    leaf_case(c, "serial-negative", &t, IC_PKI_SERIAL);
    t.leaf.serial = IC_VIEW_STR("\0\1");
    leaf_case(c, "serial-not-shortest", &t, IC_PKI_SERIAL);
    t.leaf.serial = IC_VIEW_ARRAY(long_serial);
    leaf_case(c, "serial-of-21-bytes", &t, IC_PKI_SERIAL);
    t.leaf.serial = ic_view(long_serial, 20);
    leaf_case(c, "good-serial-of-20-bytes", &t, IC_PKI_NONE);
    t.leaf.algorithms_differ = true;
    leaf_case(c, "algorithms-differ", &t, IC_PKI_ALGORITHMS_DIFFER);
    t.leaf.algorithm = IC_VIEW_STR("\x30\x07\x06\x03\x2b\x65\x70\x05\x00");
    leaf_case(c, "algorithm-with-parameters", &t, IC_PKI_SIGNATURE_ALGORITHM);
    t.leaf.algorithm = IC_VIEW_STR("\x30\x05\x06\x03\x2b\x65\x71");
    leaf_case(c, "algorithm-of-another-key", &t, IC_PKI_SIGNATURE);
    t.leaf.unique_id = IC_VIEW_STR("\x81\x02\x00\x01");
    leaf_case(c, "unique-id", &t, IC_PKI_MALFORMED);
    t.leaf.trailing = IC_VIEW_STR("\x05\x00");
    leaf_case(c, "element-after-extensions", &t, IC_PKI_MALFORMED);
}

static void times(struct cases *c)
{
    static const struct {
        const char *name;
        struct ic_view text;
    } rows[] = {
        {"time-without-seconds", IC_VIEW_INIT("\x17\x0b"
                                              "2611220400Z")},
        {"time-with-zone", IC_VIEW_INIT("\x17\x11"
                                        "261122040000+0000")},
        {"time-with-fraction", IC_VIEW_INIT("\x18\x11"
                                            "20261122040000.5Z")},
        {"time-of-month-13", IC_VIEW_INIT("\x17\x0d"
                                          "261322040000Z")},
        {"time-of-30-february", IC_VIEW_INIT("\x17\x0d"
                                             "260230040000Z")},
        {"time-of-29-february-2025", IC_VIEW_INIT("\x17\x0d"
                                                  "250229040000Z")},
        {"time-of-24-hours", IC_VIEW_INIT("\x17\x0d"
                                          "261122240000Z")},
        {"time-with-letters", IC_VIEW_INIT("\x17\x0d"
                                           "26112204000OZ")},
        {"time-as-string", IC_VIEW_INIT("\x13\x0d"
                                        "261122040000Z")},
    };
    struct trio t = fresh(c);
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        t.leaf.not_before_text = rows[i].text;
        leaf_case(c, rows[i].name, &t, IC_PKI_TIME);
    }
    t.leaf.not_before_text = IC_VIEW_STR("\x17\x0d"
                                         "240229235959Z");
    leaf_case(c, "good-time-of-29-february-2024", &t, IC_PKI_NONE);
    t.leaf.not_before_text = IC_VIEW_STR("\x17\x0d"
                                         "500101000000Z");
    leaf_case(c, "good-time-of-1950", &t, IC_PKI_NONE);
    t.leaf.not_before_text = IC_VIEW_STR("\x18\x0f"
                                         "20500101000000Z");
    cases_three(c, "time-of-2050", &t, IC_PKI_NOT_YET, 0);
}

#define X509_OID(id) IC_VIEW_STR("\x55\x1d" id)

/* One more extension in the leaf. */
static void extension(struct cases *c, const char *name, struct ic_view oid, bool critical,
                      struct ic_view value, enum ic_pki_reason reason)
{
    struct trio t = fresh(c);
    struct ic_view extra = maker_extension(c->m, oid, critical, value);
    t.leaf.extra = &extra;
    t.leaf.extra_count = 1;
    struct pki_case *k = cases_three(c, name, &t, reason, 0);
    k->peer = reason == IC_PKI_NONE ? PEER_SAME : PEER_UNASKED;
}

static void extensions(struct cases *c)
{
    struct ic_view own = IC_VIEW_STR("\x2b\x06\x01\x04\x01\x86\x8d\x1f\x01");
    extension(c, "critical-unknown", own, true, IC_VIEW_STR("\x05\x00"), IC_PKI_EXTENSION_UNKNOWN);
    extension(c, "good-unknown-not-critical", own, false, IC_VIEW_STR("\x05\x00"), IC_PKI_NONE);
    extension(c, "alternative-names-twice", X509_OID("\x11"), false,
              IC_VIEW_STR("\x30\x03\x82\x01x"), IC_PKI_EXTENSION_TWICE);
    extension(c, "good-policies-critical", X509_OID("\x20"), true,
              IC_VIEW_STR("\x30\x08\x30\x06\x06\x04\x55\x1d\x20\x00"), IC_PKI_NONE);
    extension(c, "policy-constraints", X509_OID("\x24"), true, IC_VIEW_STR("\x30\x03\x80\x01\x00"),
              IC_PKI_EXTENSION_UNKNOWN);
    extension(c, "key-usage-twice", X509_OID("\x0f"), true, IC_VIEW_STR("\x03\x02\x07\x80"),
              IC_PKI_EXTENSION_TWICE);
    extension(c, "purposes-empty", X509_OID("\x25"), false, IC_VIEW_STR("\x30\x00"),
              IC_PKI_EXTENSION);
    extension(c, "basic-constraints-false-written", X509_OID("\x13"), true,
              IC_VIEW_STR("\x30\x03\x01\x01\x00"), IC_PKI_EXTENSION);
    extension(c, "good-basic-constraints-empty", X509_OID("\x13"), true, IC_VIEW_STR("\x30\x00"),
              IC_PKI_NONE);
    extension(c, "basic-constraints-true-as-1", X509_OID("\x13"), true,
              IC_VIEW_STR("\x30\x03\x01\x01\x01"), IC_PKI_EXTENSION);
    extension(c, "basic-constraints-length-without-ca", X509_OID("\x13"), true,
              IC_VIEW_STR("\x30\x03\x02\x01\x00"), IC_PKI_EXTENSION);
    extension(c, "basic-constraints-trailing", X509_OID("\x13"), true, IC_VIEW_STR("\x30\x00\x00"),
              IC_PKI_EXTENSION);
    extension(c, "name-constraints-empty", X509_OID("\x1e"), true, IC_VIEW_STR("\x30\x00"),
              IC_PKI_EXTENSION);
    extension(c, "name-constraints-maximum", X509_OID("\x1e"), true,
              IC_VIEW_STR("\x30\x0a\xa0\x08\x30\x06\x82\x01x\x81\x01\x05"), IC_PKI_EXTENSION);
    extension(c, "name-constraints-mask-with-hole", X509_OID("\x1e"), true,
              IC_VIEW_STR("\x30\x0e\xa0\x0c\x30\x0a\x87\x08\x0a\0\0\0\xff\0\xff\0"),
              IC_PKI_EXTENSION);
}

static void extension_forms(struct cases *c)
{
    struct trio t = fresh(c);
    /* critical FALSE, written */
    struct ic_view extra = maker_der(
        c->m, 0x30,
        maker_cat(c->m,
                  (const struct ic_view[]){IC_VIEW_STR("\x06\x03\x2b\x65\x01\x01\x01\x00\x04\x00")},
                  1));
    t.leaf.extra = &extra;
    t.leaf.extra_count = 1;
    leaf_case(c, "critical-false-written", &t, IC_PKI_EXTENSION);
    t.leaf.no_key_usage = true;
    extra = maker_extension(c->m, X509_OID("\x0f"), true, IC_VIEW_STR("\x03\x02\x06\x80"));
    t.leaf.extra = &extra;
    t.leaf.extra_count = 1;
    leaf_case(c, "good-key-usage-zero-bit-at-end", &t, IC_PKI_NONE);
    t.leaf.no_key_usage = true;
    extra = maker_extension(c->m, X509_OID("\x0f"), true, IC_VIEW_STR("\x03\x02\x07\xff"));
    t.leaf.extra = &extra;
    t.leaf.extra_count = 1;
    leaf_case(c, "key-usage-unused-bits-set", &t, IC_PKI_EXTENSION);
    t.leaf.no_key_usage = true;
    extra = maker_extension(c->m, X509_OID("\x0f"), true, IC_VIEW_STR("\x03\x01\x00"));
    t.leaf.extra = &extra;
    t.leaf.extra_count = 1;
    leaf_case(c, "key-usage-empty", &t, IC_PKI_EXTENSION);
    t.leaf.names = "";
    leaf_case(c, "alternative-names-empty", &t, IC_PKI_EXTENSION);
}

static void sizes(struct cases *c)
{
    static char long_name[3 * 1024], many_names[8 * 1024];
    static uint8_t big[17000];
    struct trio t = fresh(c);
    memset(long_name, 'x', sizeof long_name - 1);
    memcpy(long_name, "CN=", 3);
    t.leaf.subject = long_name;
    leaf_case(c, "subject-huge", &t, IC_PKI_TOO_BIG);
    for (size_t i = 0; i < IC_PKI_NAMES_MAX + 1; i++)
        strcat(many_names, i ? ",DNS:x.example" : "DNS:x.example");
    t.leaf.names = many_names;
    leaf_case(c, "alternative-names-too-many", &t, IC_PKI_TOO_BIG);
    static struct ic_view many[IC_PKI_EXTENSIONS_MAX];
    for (size_t i = 0; i < IC_ARRAY_LEN(many); i++) {
        uint8_t oid[] = {0x2b, 0x65, (uint8_t)i};
        many[i] = maker_extension(c->m, maker_copy(c->m, IC_VIEW_ARRAY(oid)), false,
                                  IC_VIEW_STR("\x05\x00"));
    }
    t.leaf.extra = many;
    t.leaf.extra_count = IC_ARRAY_LEN(many);
    leaf_case(c, "extensions-too-many", &t, IC_PKI_TOO_BIG);
    struct ic_view extra =
        maker_extension(c->m, IC_VIEW_STR("\x2b\x65\x01"), false, IC_VIEW_ARRAY(big));
    t.leaf.extra = &extra;
    t.leaf.extra_count = 1;
    leaf_case(c, "certificate-huge", &t, IC_PKI_TOO_BIG);
}

static void subjects(struct cases *c)
{
    struct trio t = fresh(c);
    t.leaf.subject = "";
    leaf_case(c, "good-subject-empty", &t, IC_PKI_NONE);
    t.leaf.subject = "";
    t.leaf.names = NULL;
    leaf_case(c, "nobody-named", &t, IC_PKI_NAME);
    t.inter.subject = t.leaf.issuer = "";
    leaf_case(c, "issuer-empty", &t, IC_PKI_NAME);
    t.leaf.issuer = "CN=!ring  ca 1,O=!RING ";
    leaf_case(c, "good-issuer-in-another-case", &t, IC_PKI_NONE);
    t.leaf.issuer = "CN=^Ring CA 1,O=Ring";
    leaf_case(c, "good-issuer-in-another-string-type", &t, IC_PKI_NONE);
    t.leaf.issuer = "O=Ring,CN=Ring CA 1";
    leaf_case(c, "issuer-turned-round", &t, IC_PKI_ORDER)->index = 1;
    t.leaf.names = "DNS:a b.example";
    leaf_case(c, "dns-name-with-space", &t, IC_PKI_NAME);
    t.leaf.names = "email:ana";
    leaf_case(c, "email-without-host", &t, IC_PKI_NAME);
    t.leaf.names = "URI:ring.example";
    leaf_case(c, "uri-without-scheme", &t, IC_PKI_NAME);
    t.leaf.names = "IP:0a0000";
    leaf_case(c, "ip-of-three-bytes", &t, IC_PKI_NAME);
}

void cases_certificate(struct cases *c)
{
    encodings(c);
    fields(c);
    times(c);
    extensions(c);
    extension_forms(c);
    sizes(c);
    subjects(c);
}
