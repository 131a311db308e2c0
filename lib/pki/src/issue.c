#include <ic/pki/issue.h>

#include <ic/crypto/hash.h>
#include <string.h>

#include "write.h"

enum { KEY_ID_LEN = 20, URL_MAX = 1024 };

/* id-kp, RFC 5280 section 4.2.1.12, and id-pe and id-ad. */
#define KP(last) IC_VIEW_STR("\x2b\x06\x01\x05\x05\x07\x03" last)
#define PE(last) IC_VIEW_STR("\x2b\x06\x01\x05\x05\x07\x01" last)
#define AD(last) IC_VIEW_STR("\x2b\x06\x01\x05\x05\x07\x30" last)

/* What is known of the two keys before anything is written. */
struct keys {
    struct ic_view subject_info; /* empty: signer's */
    uint8_t subject_id[KEY_ID_LEN];
    struct ic_view authority_id;
    const struct ic_sign_key *signer;
};

/* RFC 7093 section 2, method 1: the first 160 bits of SHA-256 of the key's bits. */
static void key_id(struct ic_view key_bits, uint8_t out[KEY_ID_LEN])
{
    uint8_t digest[32];
    ic_hash_once(IC_SHA256, key_bits, digest);
    memcpy(out, digest, KEY_ID_LEN);
}

static ic_err find_keys(const struct ic_pki_issue *i, const struct ic_pki_cert *issuer,
                        const struct ic_sign_key *signer, struct keys *k)
{
    k->signer = signer;
    if (!issuer) {
        key_id(ic_sign_key_public(signer), k->subject_id);
        return IC_OK;
    }
    struct ic_pki_cert subject = {0};
    if (ic_pki_key_read(i->key_info, &subject) != IC_PKI_NONE || !ic_pki_key_serves(&subject))
        return IC_ERR_KEY;
    if (!issuer->is_ca || (issuer->has_key_usage && !(issuer->key_usage & IC_PKI_KEY_CERT_SIGN)))
        return IC_ERR_DENIED;
    IC_TRY(ic_pki_is_key_of(signer, issuer));
    k->subject_info = i->key_info;
    key_id(ic_pki_key_bits(i->key_info), k->subject_id);
    k->authority_id = issuer->key_id;
    return IC_OK;
}

/* ---- extensions ---- */

static void write_key_id(struct ic_writer *w, const uint8_t id[KEY_ID_LEN])
{
    struct ic_pki_open_extension e = ic_pki_extension_open(w, PKI_CE("\x0e"), false);
    ic_pki_der_put(w, DER_OCTET_STRING, ic_view(id, KEY_ID_LEN));
    ic_pki_extension_close(w, e);
}

static void write_key_usage(struct ic_writer *w, uint16_t usage)
{
    struct ic_pki_open_extension e = ic_pki_extension_open(w, PKI_CE("\x0f"), true);
    ic_pki_der_put_bits(w, usage);
    ic_pki_extension_close(w, e);
}

static void write_authority(struct ic_writer *w)
{
    struct ic_pki_open_extension e = ic_pki_extension_open(w, PKI_CE("\x13"), true);
    size_t list = ic_pki_der_open(w, DER_SEQUENCE);
    ic_pki_der_put_true(w);
    ic_pki_der_put_number(w, 0);
    ic_pki_der_close(w, list);
    ic_pki_extension_close(w, e);
}

static void write_permitted(struct ic_writer *w, const struct ic_pki_issue *i)
{
    if (i->permitted_count == 0)
        return;
    if (i->permitted_count > IC_PKI_SUBTREES_MAX)
        ic_writer_fail(w, IC_ERR_LIMIT);
    struct ic_pki_open_extension e = ic_pki_extension_open(w, PKI_CE("\x1e"), true);
    size_t list = ic_pki_der_open(w, DER_SEQUENCE);
    size_t permitted = ic_pki_der_open(w, DER_CONTEXT | DER_CONSTRUCTED | 0);
    for (size_t n = 0; n < i->permitted_count && w->err == IC_OK; n++) {
        size_t subtree = ic_pki_der_open(w, DER_SEQUENCE);
        if (!ic_pki_general_name_good(&i->permitted[n], true))
            ic_writer_fail(w, IC_ERR_ARG);
        ic_pki_write_name(w, &i->permitted[n]);
        ic_pki_der_close(w, subtree);
    }
    ic_pki_der_close(w, permitted);
    ic_pki_der_close(w, list);
    ic_pki_extension_close(w, e);
}

static void write_purposes(struct ic_writer *w, enum ic_pki_profile profile)
{
    struct ic_pki_open_extension e = ic_pki_extension_open(w, PKI_CE("\x25"), false);
    size_t list = ic_pki_der_open(w, DER_SEQUENCE);
    if (profile == IC_PKI_DEVICE)
        ic_pki_der_put(w, DER_OID, KP("\x01"));
    ic_pki_der_put(w, DER_OID, KP("\x02"));
    ic_pki_der_put(w, DER_OID, KP("\x28")); /* id-kp-imUri, RFC 9734 */
    ic_pki_der_close(w, list);
    ic_pki_extension_close(w, e);
}

static void write_url(struct ic_writer *w, const char *url)
{
    struct ic_pki_name name = {IC_PKI_NAME_URI, ic_view_cstr(url)};
    if (name.value.len > URL_MAX || !ic_pki_general_name_good(&name, false))
        ic_writer_fail(w, IC_ERR_ARG);
    ic_pki_write_name(w, &name);
}

static void write_crl_url(struct ic_writer *w, const char *url)
{
    if (!url)
        return;
    struct ic_pki_open_extension e = ic_pki_extension_open(w, PKI_CE("\x1f"), false);
    size_t points = ic_pki_der_open(w, DER_SEQUENCE);
    size_t point = ic_pki_der_open(w, DER_SEQUENCE);
    size_t name = ic_pki_der_open(w, DER_CONTEXT | DER_CONSTRUCTED | 0);
    size_t full = ic_pki_der_open(w, DER_CONTEXT | DER_CONSTRUCTED | 0);
    write_url(w, url);
    ic_pki_der_close(w, full);
    ic_pki_der_close(w, name);
    ic_pki_der_close(w, point);
    ic_pki_der_close(w, points);
    ic_pki_extension_close(w, e);
}

static void write_ocsp_url(struct ic_writer *w, const char *url)
{
    if (!url)
        return;
    struct ic_pki_open_extension e = ic_pki_extension_open(w, PE("\x01"), false);
    size_t list = ic_pki_der_open(w, DER_SEQUENCE);
    size_t one = ic_pki_der_open(w, DER_SEQUENCE);
    ic_pki_der_put(w, DER_OID, AD("\x01"));
    write_url(w, url);
    ic_pki_der_close(w, one);
    ic_pki_der_close(w, list);
    ic_pki_extension_close(w, e);
}

static void write_extensions(struct ic_writer *w, const struct ic_pki_issue *i,
                             const struct keys *k)
{
    bool no_subject = i->subject.common_name.len == 0 && i->subject.organisation.len == 0;
    size_t outer = ic_pki_der_open(w, DER_CONTEXT | DER_CONSTRUCTED | 3);
    size_t list = ic_pki_der_open(w, DER_SEQUENCE);
    if (i->profile == IC_PKI_ROOT) {
        write_authority(w);
        write_key_usage(w, IC_PKI_KEY_CERT_SIGN | IC_PKI_CRL_SIGN);
        write_permitted(w, i);
    } else {
        write_key_usage(w, IC_PKI_DIGITAL_SIGNATURE);
        write_purposes(w, i->profile);
    }
    ic_pki_write_alt_names(w, i->names, i->name_count, no_subject);
    write_key_id(w, k->subject_id);
    ic_pki_write_authority_key_id(w, k->authority_id);
    if (i->profile != IC_PKI_ROOT) {
        write_crl_url(w, i->crl_url);
        write_ocsp_url(w, i->ocsp_url);
    }
    ic_pki_der_close(w, list);
    ic_pki_der_close(w, outer);
}

/* ---- the whole ---- */

static void write_signed_part(struct ic_writer *w, const struct ic_pki_issue *i,
                              const struct ic_pki_cert *issuer, const struct keys *k)
{
    size_t body = ic_pki_der_open(w, DER_SEQUENCE);
    size_t version = ic_pki_der_open(w, DER_CONTEXT | DER_CONSTRUCTED | 0);
    ic_pki_der_put_number(w, 2);
    ic_pki_der_close(w, version);
    ic_pki_der_put_integer(w, i->serial);
    ic_pki_write_algorithm(w, ic_sign_key_id(k->signer));
    if (issuer)
        ic_write_bytes(w, issuer->subject);
    else
        ic_pki_write_subject(w, &i->subject);
    size_t validity = ic_pki_der_open(w, DER_SEQUENCE);
    ic_pki_der_put_time(w, i->not_before);
    ic_pki_der_put_time(w, i->not_after);
    ic_pki_der_close(w, validity);
    ic_pki_write_subject(w, &i->subject);
    if (k->subject_info.len > 0)
        ic_write_bytes(w, k->subject_info);
    else
        ic_pki_write_key_info(w, ic_sign_key_id(k->signer), ic_sign_key_public(k->signer));
    write_extensions(w, i, k);
    ic_pki_der_close(w, body);
}

static ic_err check(const struct ic_pki_issue *i, const struct ic_pki_cert *issuer)
{
    bool root = i->profile == IC_PKI_ROOT;
    if (i->profile < IC_PKI_PERSON || i->profile > IC_PKI_ROOT || root != !issuer)
        return IC_ERR_ARG;
    if (i->serial.len == 0 || i->serial.len > IC_PKI_SERIAL_MAX || i->serial.p[0] == 0 ||
        i->serial.p[0] & 0x80)
        return IC_ERR_ARG;
    return i->not_before <= i->not_after && (root || i->permitted_count == 0) ? IC_OK : IC_ERR_ARG;
}

static ic_err write_whole(const struct ic_pki_issue *i, const struct ic_pki_cert *issuer,
                          const struct keys *k, struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    size_t whole = ic_pki_der_open(&w, DER_SEQUENCE);
    size_t from = out->len;
    write_signed_part(&w, i, issuer, k);
    ic_pki_write_signature(&w, from, k->signer);
    ic_pki_der_close(&w, whole);
    return ic_writer_end(&w);
}

ic_err ic_pki_issue(const struct ic_pki_issue *what, const struct ic_pki_cert *issuer,
                    const struct ic_sign_key *signer, struct ic_buf *out)
{
    struct keys k = {0};
    struct ic_pki_cert made;
    IC_BUF_SCOPE(der, IC_PKI_CERT_MAX);
    IC_TRY(check(what, issuer));
    IC_TRY(find_keys(what, issuer, signer, &k));
    IC_TRY(write_whole(what, issuer, &k, &der));
    if (ic_pki_cert_decode(ic_buf_view(&der), &made, NULL) != IC_OK)
        return IC_ERR_ARG;
    return ic_buf_append(out, ic_buf_view(&der));
}

ic_err ic_pki_key_info_encode(enum ic_sig_id id, struct ic_view public_key, struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    ic_pki_write_key_info(&w, id, public_key);
    return ic_writer_end(&w);
}

ic_err ic_pki_key_info_decode(struct ic_view key_info, enum ic_pki_key_kind *kind,
                              enum ic_sig_id *sig)
{
    struct ic_pki_cert c = {0};
    if (ic_pki_key_read(key_info, &c) != IC_PKI_NONE || !ic_pki_key_serves(&c))
        return IC_ERR_KEY;
    *kind = c.key_kind;
    *sig = c.key_sig;
    return IC_OK;
}
