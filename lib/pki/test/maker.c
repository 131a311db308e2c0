#include "maker.h"

#include <ic/base/mem.h>
#include <ic/pki/cert.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void must(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "maker: %s\n", what);
        abort();
    }
}

void maker_init(struct maker *m, uint64_t seed)
{
    *m = (struct maker){.serial = 1};
    ic_arena_init(&m->arena, 64 << 20);
    m->rand = ic_test_rand(&m->state, seed);
}

void maker_clear(struct maker *m)
{
    for (size_t i = 0; i < m->key_count; i++) {
        ic_sign_key_free(m->keys[i].key);
        EVP_PKEY_free(m->keys[i].rsa);
    }
    ic_arena_clear(&m->arena);
}

static struct maker_key *next_key(struct maker *m)
{
    must(m->key_count < MAKER_KEYS, "too many keys");
    return &m->keys[m->key_count++];
}

struct maker_key *maker_key(struct maker *m, enum ic_sig_id sig)
{
    struct maker_key *k = next_key(m);
    k->sig = sig;
    must(ic_sign_key_generate(sig, &m->rand, &k->key) == IC_OK, "no key");
    return k;
}

struct maker_key *maker_rsa(struct maker *m, int bits)
{
    struct maker_key *k = next_key(m);
    k->rsa_bits = bits;
    k->rsa = EVP_RSA_gen((unsigned)bits);
    must(k->rsa != NULL, "no RSA key");
    return k;
}

struct ic_view maker_public(const struct maker_key *k)
{
    return k->key ? ic_sign_key_public(k->key) : ic_view(NULL, 0);
}

/* ---- DER ---- */

static uint8_t *room(struct maker *m, size_t n)
{
    uint8_t *p = ic_arena_alloc(&m->arena, n ? n : 1, 1);
    must(p != NULL, "no memory");
    return p;
}

struct ic_view maker_copy(struct maker *m, struct ic_view v)
{
    uint8_t *p = room(m, v.len);
    if (v.len)
        memcpy(p, v.p, v.len);
    return ic_view(p, v.len);
}

struct ic_view maker_cat(struct maker *m, const struct ic_view *parts, size_t n)
{
    size_t len = 0;
    for (size_t i = 0; i < n; i++)
        len += parts[i].len;
    uint8_t *p = room(m, len);
    len = 0;
    for (size_t i = 0; i < n; i++) {
        if (parts[i].len)
            memcpy(p + len, parts[i].p, parts[i].len);
        len += parts[i].len;
    }
    return ic_view(p, len);
}

struct ic_view maker_der(struct maker *m, uint8_t tag, struct ic_view content)
{
    uint8_t head[5] = {tag};
    size_t n = 1, len = content.len;
    if (len < 0x80) {
        head[n++] = (uint8_t)len;
    } else {
        size_t bytes = len < 0x100 ? 1 : len < 0x10000 ? 2 : 3;
        head[n++] = (uint8_t)(0x80 | bytes);
        while (bytes-- > 0)
            head[n++] = (uint8_t)(len >> (8 * bytes));
    }
    return CAT(m, ic_view(head, n), content);
}

static struct ic_view bits_of(struct maker *m, struct ic_view bytes)
{
    return maker_der(m, 3, CAT(m, IC_VIEW_STR("\0"), bytes));
}

/* ---- extensions ---- */

struct ic_view maker_extension(struct maker *m, struct ic_view oid, bool critical,
                               struct ic_view value)
{
    struct ic_view flag = critical ? IC_VIEW_STR("\x01\x01\xff") : ic_view(NULL, 0);
    return maker_der(m, 0x30, CAT(m, maker_der(m, 6, oid), flag, maker_der(m, 4, value)));
}

static struct ic_view x509_extension(struct maker *m, uint8_t id, bool critical,
                                     struct ic_view value)
{
    uint8_t oid[] = {0x55, 0x1d, id};
    return maker_extension(m, IC_VIEW_ARRAY(oid), critical, value);
}

static struct ic_view key_usage(struct maker *m, uint16_t usage)
{
    uint8_t bits[3] = {0};
    size_t last = 0;
    for (size_t i = 0; i < 16; i++) {
        if (usage >> i & 1) {
            bits[1 + i / 8] |= (uint8_t)(0x80 >> i % 8);
            last = i;
        }
    }
    bits[0] = (uint8_t)(7 - last % 8);
    return maker_der(m, 3, ic_view(bits, 2 + last / 8));
}

static struct ic_view purposes(struct maker *m, uint16_t bits)
{
    static const struct {
        uint16_t bit;
        struct ic_view oid;
    } all[] = {{IC_PKI_FOR_ANY, IC_VIEW_INIT("\x55\x1d\x25\x00")},
               {IC_PKI_FOR_IM_URI, IC_VIEW_INIT("\x2b\x06\x01\x05\x05\x07\x03\x28")},
               {IC_PKI_FOR_CLIENT_AUTH, IC_VIEW_INIT("\x2b\x06\x01\x05\x05\x07\x03\x02")},
               {IC_PKI_FOR_SERVER_AUTH, IC_VIEW_INIT("\x2b\x06\x01\x05\x05\x07\x03\x01")},
               {IC_PKI_FOR_EMAIL, IC_VIEW_INIT("\x2b\x06\x01\x05\x05\x07\x03\x04")},
               {IC_PKI_FOR_SOMETHING, IC_VIEW_INIT("\x2b\x06\x01\x05\x05\x07\x03\x03")}};
    struct ic_view list = {NULL, 0};
    for (size_t i = 0; i < IC_ARRAY_LEN(all); i++) {
        if (bits & all[i].bit)
            list = CAT(m, list, maker_der(m, 6, all[i].oid));
    }
    return maker_der(m, 0x30, list);
}

static struct ic_view basic_constraints(struct maker *m, const struct maker_spec *s)
{
    uint8_t number = (uint8_t)(s->path_len - 1);
    struct ic_view len = s->path_len ? maker_der(m, 2, ic_view(&number, 1)) : ic_view(NULL, 0);
    return maker_der(m, 0x30, CAT(m, IC_VIEW_STR("\x01\x01\xff"), len));
}

static struct ic_view constraints(struct maker *m, const struct maker_spec *s)
{
    struct ic_view list = {NULL, 0};
    if (s->permitted)
        list = maker_der(m, 0xa0, maker_general_names(m, s->permitted, true));
    if (s->excluded)
        list = CAT(m, list, maker_der(m, 0xa1, maker_general_names(m, s->excluded, true)));
    return maker_der(m, 0x30, list);
}

static struct ic_view spki_of(struct maker *m, const struct maker_key *k);

static struct ic_view key_id_of(struct maker *m, const struct maker_key *k)
{
    struct ic_view spki = spki_of(m, k);
    return ic_view_sub(spki, spki.len - 20, 20);
}

static struct ic_view extensions_of(struct maker *m, const struct maker_spec *s)
{
    struct ic_view all = {NULL, 0};
    uint16_t usage = s->ca ? IC_PKI_KEY_CERT_SIGN : IC_PKI_DIGITAL_SIGNATURE;
    if (s->no_extensions)
        return all;
    if (s->key_ids) {
        const struct maker_key *signer = s->signer ? s->signer : s->key;
        all = CAT(m, x509_extension(m, 14, false, maker_der(m, 4, key_id_of(m, s->key))),
                  x509_extension(m, 35, false,
                                 maker_der(m, 0x30, maker_der(m, 0x80, key_id_of(m, signer)))));
    }
    if (s->ca)
        all = CAT(m, all, x509_extension(m, 19, true, basic_constraints(m, s)));
    if (!s->no_key_usage)
        all = CAT(m, all,
                  x509_extension(m, 15, true, key_usage(m, s->key_usage ? s->key_usage : usage)));
    if (s->purposes)
        all = CAT(m, all, x509_extension(m, 37, false, purposes(m, s->purposes)));
    if (s->names)
        all = CAT(m, all,
                  x509_extension(m, 17, false,
                                 maker_der(m, 0x30, maker_general_names(m, s->names, false))));
    if (s->permitted || s->excluded)
        all = CAT(m, all, x509_extension(m, 30, true, constraints(m, s)));
    for (size_t i = 0; i < s->extra_count; i++)
        all = CAT(m, all, s->extra[i]);
    return all.len ? maker_der(m, 0xa3, maker_der(m, 0x30, all)) : all;
}

/* ---- keys and signatures ---- */

static struct ic_view spki_of(struct maker *m, const struct maker_key *k)
{
    static const struct {
        enum ic_sig_id sig;
        struct ic_view identifier;
    } types[] = {
        {IC_ED25519, IC_VIEW_INIT("\x30\x05\x06\x03\x2b\x65\x70")},
        {IC_ED448, IC_VIEW_INIT("\x30\x05\x06\x03\x2b\x65\x71")},
        {IC_ECDSA_P256_SHA256, IC_VIEW_INIT("\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08"
                                            "\x2a\x86\x48\xce\x3d\x03\x01\x07")},
        {IC_ECDSA_P384_SHA384, IC_VIEW_INIT("\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05"
                                            "\x2b\x81\x04\x00\x22")},
        {IC_ECDSA_P521_SHA512, IC_VIEW_INIT("\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05"
                                            "\x2b\x81\x04\x00\x23")}};
    if (k->rsa) {
        uint8_t *der = NULL;
        int n = i2d_PUBKEY(k->rsa, &der);
        must(n > 0, "no RSA public key");
        struct ic_view spki = maker_copy(m, ic_view(der, (size_t)n));
        OPENSSL_free(der);
        return spki;
    }
    struct ic_view key = maker_public(k);
    if (k->compressed) {
        uint8_t form = (uint8_t)(2 + (key.p[key.len - 1] & 1));
        key = CAT(m, ic_view(&form, 1), ic_view_sub(key, 1, key.len / 2));
    }
    for (size_t i = 0; i < IC_ARRAY_LEN(types); i++) {
        if (types[i].sig == k->sig)
            return maker_der(m, 0x30, CAT(m, types[i].identifier, bits_of(m, key)));
    }
    must(false, "unknown key");
    return key;
}

static int usual_hash(const struct maker_key *k)
{
    return k->sig == IC_ECDSA_P384_SHA384   ? IC_SHA384
           : k->sig == IC_ECDSA_P521_SHA512 ? IC_SHA512
                                            : IC_SHA256;
}

static const EVP_MD *md_of(int hash)
{
    return hash == IC_SHA1     ? EVP_sha1()
           : hash == IC_SHA256 ? EVP_sha256()
           : hash == IC_SHA384 ? EVP_sha384()
                               : EVP_sha512();
}

static struct ic_view pss_identifier(struct maker *m, int hash)
{
    uint8_t oid[] = {0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, (uint8_t)(hash - IC_SHA256 + 1)};
    uint8_t salt[] = {0xa2, 3, 2, 1, (uint8_t)EVP_MD_get_size(md_of(hash))};
    struct ic_view null = IC_VIEW_STR("\x05\x00");
    struct ic_view md = maker_der(m, 0x30, CAT(m, maker_der(m, 6, IC_VIEW_ARRAY(oid)), null));
    struct ic_view mgf = maker_der(
        m, 0x30, CAT(m, maker_der(m, 6, IC_VIEW_STR("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08")), md));
    struct ic_view params = maker_der(
        m, 0x30, CAT(m, maker_der(m, 0xa0, md), maker_der(m, 0xa1, mgf), IC_VIEW_ARRAY(salt)));
    return maker_der(
        m, 0x30,
        CAT(m, maker_der(m, 6, IC_VIEW_STR("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a")), params));
}

static struct ic_view identifier_of(struct maker *m, const struct maker_key *k, int hash)
{
    if (k->sig == IC_ED25519)
        return IC_VIEW_STR("\x30\x05\x06\x03\x2b\x65\x70");
    if (k->sig == IC_ED448)
        return IC_VIEW_STR("\x30\x05\x06\x03\x2b\x65\x71");
    if (k->rsa && hash & MAKER_RSA_PSS)
        return pss_identifier(m, hash & 0xff);
    if (k->rsa) {
        uint8_t oid[] = {0x2a, 0x86, 0x48,
                         0x86, 0xf7, 0x0d,
                         1,    1,    (uint8_t)(hash == IC_SHA1 ? 5 : 0x0b + hash - IC_SHA256)};
        return maker_der(m, 0x30,
                         CAT(m, maker_der(m, 6, IC_VIEW_ARRAY(oid)), IC_VIEW_STR("\x05\x00")));
    }
    if (hash == IC_SHA1)
        return maker_der(m, 0x30, maker_der(m, 6, IC_VIEW_STR("\x2a\x86\x48\xce\x3d\x04\x01")));
    uint8_t oid[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, (uint8_t)(hash - IC_SHA256 + 2)};
    return maker_der(m, 0x30, maker_der(m, 6, IC_VIEW_ARRAY(oid)));
}

/* OpenSSL's key of ours: it signs with hashes that ic_sign does not pair with a curve. */
static EVP_PKEY *openssl_key(struct maker *m, const struct maker_key *k)
{
    struct ic_secret scalar;
    must(ic_sign_key_export(k->key, &scalar) == IC_OK, "no scalar");
    struct ic_view spki = spki_of(m, k);
    /* RFC 5958 with RFC 5915 inside. */
    size_t head = spki.p[1] & 0x80 ? 3 : 2;
    struct ic_view identifier = ic_view_sub(spki, head, 2u + spki.p[head + 1]);
    struct ic_view ec = maker_der(
        m, 0x30, CAT(m, IC_VIEW_STR("\x02\x01\x01"), maker_der(m, 4, ic_secret_view(&scalar))));
    struct ic_view info =
        maker_der(m, 0x30, CAT(m, IC_VIEW_STR("\x02\x01\x00"), identifier, maker_der(m, 4, ec)));
    const unsigned char *p = info.p;
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &p, (long)info.len);
    must(key != NULL, "OpenSSL does not take the key");
    return key;
}

static struct ic_view openssl_sign(struct maker *m, EVP_PKEY *key, int hash, struct ic_view tbs)
{
    uint8_t sig[1024];
    size_t len = sizeof sig;
    EVP_PKEY_CTX *pctx = NULL;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    must(ctx && EVP_DigestSignInit(ctx, &pctx, md_of(hash & 0xff), NULL, key) == 1, "no signing");
    if (hash & MAKER_RSA_PSS)
        must(EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) == 1 &&
                 EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST) == 1,
             "no PSS");
    must(EVP_DigestSign(ctx, sig, &len, tbs.p, tbs.len) == 1, "no signature");
    EVP_MD_CTX_free(ctx);
    return maker_copy(m, ic_view(sig, len));
}

static struct ic_view sign(struct maker *m, const struct maker_key *k, int hash, struct ic_view tbs)
{
    uint8_t sig[IC_SIG_MAX];
    size_t len;
    if (k->rsa)
        return openssl_sign(m, k->rsa, hash, tbs);
    if (k->sig != IC_ED25519 && k->sig != IC_ED448 && hash != usual_hash(k)) {
        EVP_PKEY *key = openssl_key(m, k);
        struct ic_view v = openssl_sign(m, key, hash, tbs);
        EVP_PKEY_free(key);
        return v;
    }
    must(ic_sign(k->key, tbs, sig, &len) == IC_OK, "no signature");
    return maker_copy(m, ic_view(sig, len));
}

/* ---- the certificate ---- */

static struct ic_view time_of(struct maker *m, int64_t t)
{
    struct tm tm;
    time_t at = (time_t)t;
    char text[32];
    must(gmtime_r(&at, &tm) != NULL, "no time");
    bool utc = tm.tm_year >= 50 && tm.tm_year < 150;
    size_t n = strftime(text, sizeof text, "%Y%m%d%H%M%SZ", &tm), cut = utc ? 2 : 0;
    return maker_der(m, utc ? 0x17 : 0x18, ic_view(text + cut, n - cut));
}

static struct ic_view serial_of(struct maker *m, const struct maker_spec *s)
{
    uint8_t number[] = {1, 0, 0};
    number[1] = (uint8_t)(m->serial >> 8);
    number[2] = (uint8_t)m->serial++;
    return maker_der(m, 2, s->serial.len ? s->serial : IC_VIEW_ARRAY(number));
}

static struct ic_view version_of(struct maker *m, int version)
{
    uint8_t number = (uint8_t)((version ? version : 3) - 1);
    if (version == 1)
        return ic_view(NULL, 0);
    return maker_der(m, 0xa0, maker_der(m, 2, ic_view(&number, 1)));
}

struct ic_view maker_cert(struct maker *m, const struct maker_spec *s)
{
    static const int64_t day = 86400;
    const struct maker_key *signer = s->signer ? s->signer : s->key;
    int hash = s->hash ? s->hash : usual_hash(signer);
    struct ic_view id = s->algorithm.len ? s->algorithm : identifier_of(m, signer, hash);
    struct ic_view before = s->not_before_text.len
                                ? s->not_before_text
                                : time_of(m, s->not_before ? s->not_before : MAKER_NOW - day);
    struct ic_view after = time_of(m, s->not_after ? s->not_after : MAKER_NOW + day);
    struct ic_view tbs =
        maker_der(m, 0x30,
                  CAT(m, version_of(m, s->version), serial_of(m, s), id,
                      maker_name(m, s->issuer ? s->issuer : s->subject),
                      maker_der(m, 0x30, CAT(m, before, after)), maker_name(m, s->subject),
                      spki_of(m, s->key), s->unique_id, extensions_of(m, s), s->trailing));
    struct ic_view signature = sign(m, signer, hash, tbs);
    if (s->forged)
        ((uint8_t *)(uintptr_t)signature.p)[signature.len - 5] ^= 1;
    if (s->algorithms_differ)
        id = IC_VIEW_STR("\x30\x05\x06\x03\x2b\x65\x71");
    return maker_der(m, 0x30, CAT(m, tbs, id, bits_of(m, signature)));
}
