/* Who we are by X.509, and whom this device believes: certificates in DER from the room in. */
#include "glue.h"

#include <ic/meeting/json.h>
#include <ic/pki/chain.h>
#include <ic/pki/store.h>

enum { EXTERNAL = 1 };

static struct ic_pki_store **roots(int kind)
{
    return kind == EXTERNAL ? &icw.external_roots : &icw.internal_roots;
}

ICW_EXPORT void icw_certificates_clear(void)
{
    ic_buf_reset(&icw.certificates);
    ic_buf_reset(&icw.staple);
}

/* The proof that the first of them stands in its authority's log. */
ICW_EXPORT int icw_staple_set(int len)
{
    ic_buf_reset(&icw.staple);
    return -(int)ic_buf_append(&icw.staple, icw_given(len));
}

/* One more of our own chain, ours first, which must certify the key that is loaded. */
ICW_EXPORT int icw_certificate_add(int len)
{
    struct ic_view der = icw_given(len);
    struct ic_pki_cert c;
    ic_err e = ic_pki_cert_decode(der, &c, NULL);
    if (e == IC_OK && icw.certificates.len == 0 &&
        (!icw.identity || !ic_view_equal(c.key, ic_sign_key_public(icw.identity))))
        e = IC_ERR_KEY;
    if (e == IC_OK)
        e = ic_pki_chain_encode(&der, 1, &icw.certificates);
    return -(int)e;
}

/* kind 1: of other organisations; 2: our own organisation's. */
ICW_EXPORT int icw_root_add(int kind, int len)
{
    struct ic_pki_store **store = roots(kind);
    ic_err e = *store ? IC_OK : ic_pki_store_new(&(struct ic_pki_policy){0}, store);
    if (e == IC_OK)
        e = ic_pki_store_add_root(*store, icw_given(len), NULL);
    return -(int)(e == IC_ERR_EXISTS ? IC_OK : e);
}

/* A list of revoked certificates of our own organisation's authority: 1 where it says something new, and everybody is
 * judged anew; 0 where it is the one that was known. */
ICW_EXPORT int icw_crl_add(int len, double now_ms)
{
    if (!icw.internal_roots)
        return 0;
    ic_err e = ic_pki_store_add_crl(icw.internal_roots, icw_given(len),
                                    (int64_t)(icw_ms(now_ms) / 1000), NULL);
    if (e == IC_OK && icw.meeting)
        ic_meeting_identity_changed(icw.meeting, icw_ms(now_ms));
    return e == IC_OK ? 1 : e == IC_ERR_EXISTS ? 0 : -(int)e;
}

/* The answer: the i-th of the lists that are known, to be kept for another page; 0: there are no more. */
ICW_EXPORT int icw_crl_list(int i)
{
    const struct ic_pki_store *s = icw.internal_roots;
    if (!s || i < 0 || (size_t)i >= ic_pki_store_crl_count(s))
        return 0;
    return icw_done(ic_buf_append(icw_answer(), ic_pki_store_crl(s, (size_t)i)));
}

/* In mid-meeting: the chain and staple that are loaded now take the place of those that our leaf has. */
ICW_EXPORT int icw_renew(double now_ms)
{
    ICW_MEETING(m);
    return -(int)ic_meeting_renew(m, ic_buf_view(&icw.certificates), ic_buf_view(&icw.staple),
                                  icw_ms(now_ms));
}

/* Between meetings: a meeting borrows them. */
ICW_EXPORT int icw_roots_clear(void)
{
    if (icw.meeting)
        return -IC_ERR_STATE;
    ic_pki_store_free(icw.external_roots);
    ic_pki_store_free(icw.internal_roots);
    icw.external_roots = icw.internal_roots = NULL;
    return 0;
}

static void add_emails(struct ic_json *j, const struct ic_pki_cert *c)
{
    struct ic_reader r = ic_reader(c->names);
    struct ic_pki_name n;
    ic_json_array(j, "emails");
    while (ic_pki_names_next(&r, &n))
        if (n.kind == IC_PKI_NAME_EMAIL)
            ic_json_text(j, NULL, n.value);
    ic_json_array_end(j);
}

/* What a certificate says, for the list of authorities and for our own: JSON to the room out. */
ICW_EXPORT int icw_certificate_look(int len)
{
    struct ic_pki_cert c;
    char text[512];
    ic_err e = ic_pki_cert_decode(icw_given(len), &c, NULL);
    if (e != IC_OK)
        return -(int)e;
    struct ic_json j = ic_json(icw_answer());
    ic_json_object(&j, NULL);
    ic_pki_common_name(c.subject, text, sizeof text);
    ic_json_cstr(&j, "name", text);
    ic_pki_name_text(c.subject, text, sizeof text);
    ic_json_cstr(&j, "subject", text);
    ic_pki_common_name(c.issuer, text, sizeof text);
    if (!text[0])
        ic_pki_name_text(c.issuer, text, sizeof text);
    ic_json_cstr(&j, "issuer", text);
    ic_pki_organisation(c.issuer, text, sizeof text);
    ic_json_cstr(&j, "organisation", text);
    ic_pki_name_text(c.issuer, text, sizeof text);
    ic_json_cstr(&j, "issued_by", text);
    ic_json_int(&j, "not_before", c.not_before);
    ic_json_int(&j, "not_after", c.not_after);
    ic_json_hex(&j, "fingerprint", IC_VIEW_ARRAY(c.fingerprint));
    ic_json_bool(&j, "authority", c.is_ca);
    add_emails(&j, &c);
    ic_json_object_end(&j);
    return icw_done(ic_json_end(&j));
}

/* The event `certificate` of a leaf, to the room out. */
ICW_EXPORT int icw_certificate_of(double leaf, double now_ms)
{
    ICW_MEETING(m);
    return icw_done(
        ic_meeting_certificate_json(m, (uint32_t)icw_ms(leaf), icw_ms(now_ms), icw_answer()));
}
