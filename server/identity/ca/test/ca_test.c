/* The authority over a store in memory: what it issues, takes back and answers, and what it refuses. */
#include "identity/ca/ca.h"

#include "identity/accounts/accounts.h"
#include "identity/ca/private.h"
#include "identity/ca/test/shop.h"
#include "identity/tlog/tlog.h"

#include <ic/base/test.h>
#include <ic/base/text.h>
#include <ic/pki/csr.h>
#include <ic/pki/ocsp.h>
#include <ic/pki/pem.h>
#include <ic/pki/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY = 86400 };

/* What a member says who trusts the root and has the newest list. */
static ic_err judge(struct shop *s, struct ic_view der, struct ic_pki_fault *fault)
{
    struct ic_pki_store *store;
    struct ic_pki_chain chain;
    struct ic_pki_verdict v;
    struct ic_pki_want want = {maker_public(s->ana), NULL, 0};
    struct ic_view certs[] = {der, icd_ca_root(s->w.id)->encoded};
    IC_BUF_SCOPE(bytes, 65536);
    uint64_t now = s->w.now_ms / 1000;
    IC_TRY(ic_pki_chain_encode(certs, 2, &bytes));
    IC_TRY(ic_pki_chain_decode(ic_buf_view(&bytes), 0, &chain, fault));
    if (world_call(&s->w, "GET", "/pki/crl.der", "", "") != 200)
        return IC_ERR_IO;
    IC_TRY(ic_pki_store_new(&(struct ic_pki_policy){.need_purpose = true, .fresh_lists = true},
                            &store));
    ic_err e = ic_pki_store_add_root(store, icd_ca_root(s->w.id)->encoded, fault);
    if (e == IC_OK)
        e = ic_pki_store_add_crl(store, ic_buf_view(&s->w.response.body), now, fault);
    if (e == IC_OK)
        e = ic_pki_validate(store, &chain, &want, now, &v, fault);
    ic_pki_store_free(store);
    return e;
}

TEST(ca_issues_what_members_take)
{
    SHOP_SCOPE(s);
    struct icd_ca_order o = order(&s);
    struct icd_ca_issued c;
    struct ic_pki_cert cert;
    struct ic_pki_fault fault = {0};
    struct icd_ca_row row;
    char text[100];
    CHECK_OK(issue(&s, &o, &c));
    struct ic_view der = der_of(&s, c.serial);
    CHECK_OK(judge(&s, der, &fault));
    CHECK_OK(ic_pki_cert_decode(der, &cert, NULL));
    ic_pki_name_text(cert.subject, text, sizeof text);
    CHECK(strcmp(text, "O=Example, CN=Ana") == 0);
    ic_pki_name_text(cert.issuer, text, sizeof text);
    CHECK(strcmp(text, "O=id.example.org, CN=In Camera CA") == 0);
    CHECK_EQ_INT(cert.not_before, (int64_t)(s.w.now_ms / 1000) - ICD_CA_SKEW_S);
    CHECK_EQ_INT(cert.not_after, (int64_t)(s.w.now_ms / 1000) + 7 * DAY);
    CHECK_BYTES(IC_VIEW_ARRAY(c.hash), IC_VIEW_ARRAY(cert.fingerprint));
    CHECK_OK(icd_ca_get(s.w.id, c.serial, &row));
    CHECK(strcmp(row.user, "user-ana") == 0 && strcmp(row.device, "device-1") == 0);
    CHECK(strcmp(row.subject, "Ana") == 0 && strcmp(row.name, "ana@example.org") == 0);
    CHECK(row.org == 1 && row.kind == IC_PKI_PERSON && row.revoked_ms == 0);
}

/* The certificate and its entry in the log are one: neither is there without the other. */
TEST(ca_issues_nothing_that_is_not_in_the_log)
{
    SHOP_SCOPE(s);
    struct icd_ca_order o = order(&s);
    struct icd_ca_issued c;
    struct ic_merkle_staple staple;
    CHECK_OK(issue(&s, &o, &c));
    CHECK_EQ_INT(c.index, 0);
    CHECK_OK(icd_tlog_staple(s.w.id, IC_VIEW_ARRAY(c.hash), &staple));
    CHECK_EQ_INT(staple.index, 0);
    /* What was rolled back is in neither. */
    CHECK_OK(icd_id_write(s.w.id));
    CHECK_OK(icd_ca_issue(s.w.id, &o, &c));
    icd_store_rollback(s.w.id->store);
    struct icd_ca_row row;
    CHECK_ERR(icd_ca_get(s.w.id, c.serial, &row), IC_ERR_NOT_FOUND);
    CHECK_ERR(icd_tlog_staple(s.w.id, IC_VIEW_ARRAY(c.hash), &staple), IC_ERR_NOT_FOUND);
}

TEST(ca_refuses_orders_that_make_no_sense)
{
    SHOP_SCOPE(s);
    const struct icd_ca_order good = order(&s);
    struct icd_ca_order o = good;
    struct icd_ca_issued c;
    static const struct ic_pki_name bad = {IC_PKI_NAME_EMAIL, IC_VIEW_INIT("nobody")};
    o.profile = IC_PKI_ROOT;
    CHECK_ERR(issue(&s, &o, &c), IC_ERR_ARG);
    o = good;
    o.name_count = 0;
    CHECK_ERR(issue(&s, &o, &c), IC_ERR_ARG);
    o = good;
    o.names = &bad;
    o.name_count = 1;
    CHECK_ERR(issue(&s, &o, &c), IC_ERR_ARG);
    o = good;
    o.common_name = "Ana\nRoot";
    CHECK_ERR(issue(&s, &o, &c), IC_ERR_ARG);
    o = good;
    o.key_info = IC_VIEW_STR("\x30\x00");
    CHECK_ERR(issue(&s, &o, &c), IC_ERR_KEY);
    s.w.now_ms += (uint64_t)ICD_CA_ROOT_S * 1000 + 1000; /* the root's time is over */
    CHECK_ERR(issue(&s, &good, &c), IC_ERR_EXPIRED);
}

TEST(ca_chain_is_leaf_and_root)
{
    SHOP_SCOPE(s);
    struct icd_ca_order o = order(&s);
    struct icd_ca_issued c;
    IC_BUF_SCOPE(pem, ICD_CA_CHAIN_MAX);
    IC_BUF_SCOPE(der, IC_PKI_CERT_MAX);
    CHECK_OK(issue(&s, &o, &c));
    CHECK_OK(icd_ca_chain(s.w.id, c.serial, &pem));
    struct ic_view rest = ic_buf_view(&pem);
    CHECK_OK(ic_pki_pem_next(&rest, "CERTIFICATE", &der));
    CHECK_BYTES(ic_buf_view(&der), der_of(&s, c.serial));
    CHECK_OK(ic_pki_pem_next(&rest, "CERTIFICATE", &der));
    CHECK_BYTES(ic_buf_view(&der), icd_ca_root(s.w.id)->encoded);
    CHECK_ERR(icd_ca_chain(s.w.id, "00", &pem), IC_ERR_NOT_FOUND);
    CHECK_EQ_INT(world_call(&s.w, "GET", "/pki/root.pem", "", ""), 200);
    rest = ic_buf_view(&s.w.response.body);
    CHECK_OK(ic_pki_pem_next(&rest, "CERTIFICATE", &der));
    CHECK_BYTES(ic_buf_view(&der), icd_ca_root(s.w.id)->encoded);
}

/* ---- taking back ---- */

static ic_err take_back(struct shop *s, const char *serial)
{
    s->w.id->now_ms = s->w.now_ms;
    ic_err e = icd_ca_revoke(s->w.id, serial, IC_PKI_REVOKED_KEY_COMPROMISE);
    icd_identity_flush(s->w.id);
    return e;
}

TEST(ca_revoked_certificate_is_refused_from_the_next_list_on)
{
    SHOP_SCOPE(s);
    struct icd_ca_order o = order(&s);
    struct icd_ca_issued c, other;
    struct ic_pki_fault fault;
    CHECK_OK(issue(&s, &o, &c));
    CHECK_OK(issue(&s, &o, &other));
    CHECK_OK(judge(&s, der_of(&s, c.serial), &fault));
    CHECK_OK(take_back(&s, c.serial));
    CHECK_ERR(judge(&s, der_of(&s, c.serial), &fault), IC_ERR_DENIED);
    CHECK_EQ_INT(fault.reason, IC_PKI_REVOKED);
    CHECK_OK(judge(&s, der_of(&s, other.serial), &fault));
    CHECK_ERR(take_back(&s, c.serial), IC_ERR_STATE);
    CHECK_ERR(take_back(&s, "0123"), IC_ERR_NOT_FOUND);
}

TEST(ca_revokes_all_of_a_user_or_of_a_device)
{
    SHOP_SCOPE(s);
    struct icd_ca_order o = order(&s);
    struct icd_ca_issued first, second, device, ben;
    struct ic_pki_fault fault;
    uint64_t n;
    CHECK_OK(issue(&s, &o, &first));
    CHECK_OK(issue(&s, &o, &second));
    o.device = "device-2";
    CHECK_OK(issue(&s, &o, &device));
    o.user = "user-ben";
    o.device = "";
    CHECK_OK(issue(&s, &o, &ben));
    CHECK_OK(icd_ca_revoke_device(s.w.id, "device-2", IC_PKI_REVOKED_CESSATION, &n));
    CHECK_EQ_INT(n, 1);
    CHECK_OK(judge(&s, der_of(&s, first.serial), &fault));
    CHECK_ERR(judge(&s, der_of(&s, device.serial), &fault), IC_ERR_DENIED);
    CHECK_OK(icd_ca_revoke_user(s.w.id, "user-ana", IC_PKI_REVOKED_PRIVILEGE_WITHDRAWN, &n));
    CHECK_EQ_INT(n, 2);
    CHECK_ERR(judge(&s, der_of(&s, first.serial), &fault), IC_ERR_DENIED);
    CHECK_ERR(judge(&s, der_of(&s, second.serial), &fault), IC_ERR_DENIED);
    CHECK_OK(judge(&s, der_of(&s, ben.serial), &fault));
    CHECK_OK(icd_ca_revoke_device(s.w.id, "", IC_PKI_REVOKED_CESSATION, &n)); /* nobody's */
    CHECK_EQ_INT(n, 0);
    icd_identity_flush(s.w.id);
}

static int64_t list(struct shop *s, struct ic_pki_crl *out)
{
    if (world_call(&s->w, "GET", "/pki/crl.der", "", "") != 200)
        abort();
    struct ic_view der = maker_copy(&s->m, ic_buf_view(&s->w.response.body));
    if (ic_pki_crl_decode(der, out, NULL) != IC_OK ||
        ic_pki_crl_verify(out, icd_ca_root(s->w.id), NULL) != IC_OK)
        abort();
    return out->number.p[out->number.len - 1];
}

TEST(ca_list_is_made_anew_after_a_revocation_and_in_time)
{
    SHOP_SCOPE(s);
    struct icd_ca_order o = order(&s);
    struct icd_ca_issued c;
    struct ic_pki_crl crl;
    CHECK_EQ_INT(list(&s, &crl), 1);
    CHECK_EQ_INT(crl.count, 0);
    CHECK_EQ_INT(crl.next_update - crl.this_update, DAY);
    world_pass(&s.w, 1000);
    CHECK_EQ_INT(list(&s, &crl), 1);
    CHECK_OK(issue(&s, &o, &c));
    CHECK_EQ_INT(list(&s, &crl), 1);
    CHECK_OK(take_back(&s, c.serial));
    CHECK_EQ_INT(list(&s, &crl), 2);
    CHECK_EQ_INT(crl.count, 1);
    world_pass(&s.w, (DAY / 4 - 1) * 1000);
    CHECK_EQ_INT(list(&s, &crl), 2);
    world_pass(&s.w, 1000);
    CHECK_EQ_INT(list(&s, &crl), 3);
    /* It stays listed until it has run out, and once more. */
    world_pass(&s.w, (uint64_t)7 * DAY * 1000 - DAY / 4 * 1000);
    CHECK_EQ_INT(list(&s, &crl), 4);
    CHECK_EQ_INT(crl.count, 1);
    world_pass(&s.w, DAY * 1000);
    CHECK_EQ_INT(list(&s, &crl), 5);
    world_pass(&s.w, DAY * 1000);
    CHECK_EQ_INT(list(&s, &crl), 6);
    CHECK_EQ_INT(crl.count, 0);
}

/* ---- OCSP ---- */

static ic_err ask(struct shop *s, const struct ic_pki_cert *cert, bool by_get,
                  struct ic_pki_ocsp_state *out, struct ic_pki_fault *fault)
{
    struct ic_pki_ocsp a;
    IC_BUF_SCOPE(req, IC_PKI_OCSP_REQUEST_MAX);
    char path[2048] = "/pki/ocsp/", text[1024];
    IC_TRY(
        ic_pki_ocsp_request_make(cert, icd_ca_root(s->w.id), IC_VIEW_STR("a nonce of mine"), &req));
    ic_base64_encode(IC_BASE64_STD, ic_buf_view(&req), text);
    size_t n = strlen(path);
    for (const char *p = text; *p; p++)
        n += (size_t)snprintf(path + n, sizeof path - n, strchr("+/=", *p) ? "%%%02X" : "%c",
                              (unsigned)*p);
    int status = by_get ? world_call(&s->w, "GET", path, "", "")
                        : world_call_bytes(&s->w, "POST", "/pki/ocsp", "",
                                           "application/ocsp-request", ic_buf_view(&req));
    if (status != 200)
        return IC_ERR_IO;
    struct ic_view der = ic_buf_view(&s->w.response.body);
    IC_TRY(ic_pki_ocsp_decode(der, &a, fault));
    IC_TRY(ic_pki_ocsp_verify(&a, icd_ca_root(s->w.id), fault));
    if (!ic_view_equal(a.nonce, IC_VIEW_STR("a nonce of mine")))
        return IC_ERR_REPLAY;
    return ic_pki_ocsp_find(&a, cert, icd_ca_root(s->w.id), s->w.now_ms / 1000, out, fault);
}

TEST(ca_answers_ocsp_by_post_and_get)
{
    SHOP_SCOPE(s);
    struct icd_ca_order o = order(&s);
    struct icd_ca_issued c;
    struct ic_pki_cert cert;
    struct ic_pki_ocsp_state state;
    struct ic_pki_fault fault;
    CHECK_OK(issue(&s, &o, &c));
    CHECK_OK(ic_pki_cert_decode(der_of(&s, c.serial), &cert, NULL));
    for (int by_get = 0; by_get < 2; by_get++) {
        CHECK_OK(ask(&s, &cert, by_get, &state, &fault));
        CHECK_EQ_INT(state.status, IC_PKI_OCSP_GOOD);
    }
    CHECK_OK(take_back(&s, c.serial));
    CHECK_OK(ask(&s, &cert, true, &state, &fault));
    CHECK_EQ_INT(state.status, IC_PKI_OCSP_REVOKED);
    CHECK_EQ_INT(state.reason, IC_PKI_REVOKED_KEY_COMPROMISE);
    CHECK_EQ_INT(state.revoked_at, (int64_t)(s.w.now_ms / 1000));
    /* A number that was never given out is not good. */
    cert.serial = IC_VIEW_STR("\x41\x42");
    CHECK_OK(ask(&s, &cert, false, &state, &fault));
    CHECK_EQ_INT(state.status, IC_PKI_OCSP_UNKNOWN);
}

static int outcome(const struct shop *s)
{
    struct ic_pki_ocsp a;
    return ic_pki_ocsp_decode(ic_buf_view(&s->w.response.body), &a, NULL) == IC_OK ? (int)a.outcome
                                                                                   : -1;
}

/* Signing costs: so anybody has a number of them a minute, and what was said without a nonce is said again. */
static struct ic_view asked(struct shop *s, const struct ic_buf *req)
{
    world_call_bytes(&s->w, "POST", "/pki/ocsp", "", "application/ocsp-request", ic_buf_view(req));
    return ic_buf_view(&s->w.response.body);
}

TEST(ca_signs_no_more_for_one_address_than_it_must)
{
    SHOP_SCOPE(s);
    struct icd_ca_order o = order(&s);
    struct icd_ca_issued c;
    struct ic_pki_cert cert;
    struct ic_pki_ocsp_state state;
    IC_BUF_SCOPE(req, IC_PKI_OCSP_REQUEST_MAX);
    IC_BUF_SCOPE(first, IC_PKI_OCSP_MAX);
    CHECK_OK(issue(&s, &o, &c));
    CHECK_OK(ic_pki_cert_decode(der_of(&s, c.serial), &cert, NULL));
    CHECK_OK(ic_pki_ocsp_request_make(&cert, icd_ca_root(s.w.id), ic_view(NULL, 0), &req));
    CHECK_OK(ic_buf_append(&first, asked(&s, &req)));
    for (int i = 0; i < 2 * ICD_CA_OCSP_PER_MIN; i++)
        CHECK_BYTES(asked(&s, &req), ic_buf_view(&first));
    world_pass(&s.w, 900000);
    CHECK(!ic_view_equal(asked(&s, &req), ic_buf_view(&first)));
    ic_buf_reset(&first);
    CHECK_OK(ic_buf_append(&first, asked(&s, &req)));
    CHECK_OK(take_back(&s, c.serial));
    CHECK(!ic_view_equal(asked(&s, &req), ic_buf_view(&first)));
    /* With a nonce each is signed. */
    int n = 0;
    while (n <= ICD_CA_OCSP_PER_MIN && ask(&s, &cert, n & 1, &state, NULL) == IC_OK)
        n++;
    CHECK(n >= ICD_CA_OCSP_PER_MIN / 2 && n < ICD_CA_OCSP_PER_MIN);
    CHECK_EQ_INT(outcome(&s), IC_PKI_OCSP_TRY_LATER);
    asked(&s, &req); /* which is kept */
    CHECK_EQ_INT(outcome(&s), IC_PKI_OCSP_SUCCESSFUL);
    s.w.peer[0] ^= 1;
    CHECK_OK(ask(&s, &cert, false, &state, NULL));
    CHECK_EQ_INT(state.status, IC_PKI_OCSP_REVOKED);
}

TEST(ca_refuses_what_is_no_request_or_not_for_it)
{
    SHOP_SCOPE(s);
    struct maker_key *key = maker_key(&s.m, IC_ECDSA_P256_SHA256);
    struct ic_pki_cert other;
    IC_BUF_SCOPE(req, IC_PKI_OCSP_REQUEST_MAX);
    struct maker_spec spec = {.subject = "CN=Elsewhere", .key = key, .ca = true};
    const char *type = "application/ocsp-request";
    CHECK_EQ_INT(world_call_bytes(&s.w, "POST", "/pki/ocsp", "", type, IC_VIEW_STR("\x30\x00")),
                 200);
    CHECK_EQ_INT(outcome(&s), IC_PKI_OCSP_MALFORMED_REQUEST);
    CHECK_EQ_INT(world_call(&s.w, "GET", "/pki/ocsp/%4", "", ""), 200);
    CHECK_EQ_INT(outcome(&s), IC_PKI_OCSP_MALFORMED_REQUEST);
    CHECK_OK(ic_pki_cert_decode(maker_cert(&s.m, &spec), &other, NULL));
    CHECK_OK(ic_pki_ocsp_request_make(&other, &other, ic_view(NULL, 0), &req));
    CHECK_EQ_INT(world_call_bytes(&s.w, "POST", "/pki/ocsp", "", type, ic_buf_view(&req)), 200);
    CHECK_EQ_INT(outcome(&s), IC_PKI_OCSP_UNAUTHORIZED);
    CHECK_EQ_INT(world_call_bytes(&s.w, "POST", "/pki/ocsp", "", "text/plain", ic_buf_view(&req)),
                 415);
}

static ic_err count_rows(void *ctx, const struct icd_audit_row *row)
{
    *(int *)ctx += ic_view_equal(row->action, IC_VIEW_STR("certificate.issued"));
    return IC_OK;
}

/* Who can sign in as somebody can enrol as him; but not without his seeing it. */
TEST(ca_issuing_stands_in_the_persons_own_audit_log)
{
    SHOP_SCOPE(s);
    struct icd_ca_order o = order(&s);
    struct icd_ca_issued c;
    int n = 0;
    CHECK_OK(issue(&s, &o, &c));
    CHECK_OK(icd_audit_list(
        s.w.id, &(struct icd_audit_query){.org = 1, .who = "user:user-ana", .limit = 10},
        count_rows, &n));
    CHECK_EQ_INT(n, 1);
}

TEST(ca_tells_what_to_trust)
{
    SHOP_SCOPE(s);
    int64_t org;
    CHECK_EQ_INT(world_call(&s.w, "GET", "/api/v1/identity/trust", "", ""), 200);
    CHECK(strcmp(world_text(&s.w, "organisation"), "") == 0);
    CHECK_OK(icd_id_write(s.w.id));
    CHECK_OK(icd_accounts_org_add(s.w.id, IC_VIEW_STR("Example GmbH"), &org));
    icd_identity_flush(s.w.id);
    CHECK_EQ_INT(world_call(&s.w, "GET", "/api/v1/identity/trust", "", ""), 200);
    CHECK(strcmp(world_text(&s.w, "organisation"), "Example GmbH") == 0);
    CHECK(strcmp(world_text(&s.w, "crl"), "https://id.example.org/pki/crl.der") == 0);
    CHECK(strcmp(world_text(&s.w, "ocsp"), "https://id.example.org/pki/ocsp") == 0);
    CHECK_EQ_INT(json_array_size(json_object_get(s.w.answer, "logs")), 1);
    const char *pem = json_string_value(json_array_get(json_object_get(s.w.answer, "roots"), 0));
    struct ic_view rest = ic_view_cstr(pem);
    IC_BUF_SCOPE(der, IC_PKI_CERT_MAX);
    CHECK_OK(ic_pki_pem_next(&rest, "CERTIFICATE", &der));
    CHECK_BYTES(ic_buf_view(&der), icd_ca_root(s.w.id)->encoded);
}

/* ---- the list of what was issued ---- */

struct seen {
    char serials[8][ICD_CA_SERIAL_HEX + 1];
    size_t n;
};

static ic_err see(void *ctx, const struct icd_ca_row *row)
{
    struct seen *s = ctx;
    strcpy(s->serials[s->n++ % 8], row->serial);
    return IC_OK;
}

TEST(ca_lists_what_it_issued_newest_first_and_by_page)
{
    SHOP_SCOPE(s);
    struct icd_ca_order o = order(&s);
    struct icd_ca_issued c[3];
    struct seen seen = {0};
    struct icd_ca_row row;
    for (int i = 0; i < 3; i++) {
        o.user = i == 1 ? "user-ben" : "user-ana";
        CHECK_OK(issue(&s, &o, &c[i]));
    }
    CHECK_OK(icd_ca_list(s.w.id, &(struct icd_ca_query){.org = 1, .limit = 2}, see, &seen));
    CHECK_EQ_INT(seen.n, 2);
    CHECK(strcmp(seen.serials[0], c[2].serial) == 0 && strcmp(seen.serials[1], c[1].serial) == 0);
    CHECK_OK(icd_ca_get(s.w.id, c[1].serial, &row));
    CHECK_OK(icd_ca_list(s.w.id, &(struct icd_ca_query){.org = 1, .before = row.seq, .limit = 2},
                         see, &seen));
    CHECK_EQ_INT(seen.n, 3);
    CHECK(strcmp(seen.serials[2], c[0].serial) == 0);
    CHECK_OK(icd_ca_list(s.w.id, &(struct icd_ca_query){.org = 1, .user = "user-ana", .limit = 9},
                         see, &seen));
    CHECK_EQ_INT(seen.n, 5);
    CHECK_OK(icd_ca_list(s.w.id, &(struct icd_ca_query){.org = 2, .limit = 9}, see, &seen));
    CHECK_EQ_INT(seen.n, 5);
}

TEST(ca_reasons_have_names)
{
    enum ic_pki_revocation reason;
    CHECK(icd_ca_reason_find("superseded", &reason) && reason == IC_PKI_REVOKED_SUPERSEDED);
    CHECK(strcmp(icd_ca_reason_name(IC_PKI_REVOKED_CESSATION), "cessationOfOperation") == 0);
    CHECK(!icd_ca_reason_find("because", &reason));
}
