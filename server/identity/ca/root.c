/* The root: made once, when the service first starts; its name says whose it is. */
#include "identity/accounts/accounts.h"
#include "identity/ca/private.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

static ic_err take(struct icd_ca *ca, struct ic_view der)
{
    ca->der = ic_memdup(der.p, der.len);
    if (!ca->der)
        return IC_ERR_NOMEM;
    return ic_pki_cert_decode(ic_view(ca->der, der.len), &ca->root, NULL);
}

static ic_err load(struct icd_identity *id)
{
    struct icd_rows rows;
    IC_TRY(
        icd_store_query(id->store, "SELECT root FROM ca_state WHERE id = 1", &rows, ICD_NO_PARAMS));
    ic_err e = icd_rows_next(&rows) ? take(id->ca, icd_rows_bytes(&rows, 0)) : IC_ERR_NOT_FOUND;
    ic_err end = icd_rows_end(&rows);
    return e == IC_OK ? end : e;
}

ic_err icd_ca_root_known(struct icd_identity *id, bool *out)
{
    int64_t n;
    IC_TRY(icd_store_int(id->store, "SELECT count(*) FROM ca_state", &n, ICD_NO_PARAMS));
    *out = n > 0;
    return IC_OK;
}

/* The host of "https://id.example.org:8443". */
static struct ic_view host_of(const char *url)
{
    const char *at = strstr(url, "://");
    at = at ? at + 3 : url;
    return ic_view(at, strcspn(at, ":/"));
}

/* What people read behind "verified by": the organisation where there is one alone, else the server's host name. */
static struct ic_view name_of(struct icd_identity *id, struct icd_org *room)
{
    int64_t only = 0;
    struct ic_view host = host_of(id->config->base_url);
    ic_err e = icd_store_int(
        id->store, "SELECT CASE WHEN count(*) = 1 THEN max(id) ELSE 0 END FROM organisations",
        &only, ICD_NO_PARAMS);
    if (e == IC_OK && only && icd_accounts_org_get(id, only, room) == IC_OK)
        return ic_view_cstr(room->name);
    return host.len > 0 ? host : IC_VIEW_STR("In Camera");
}

static ic_err make(struct icd_identity *id)
{
    uint8_t serial[ICD_CA_SERIAL_LEN];
    struct icd_org org;
    int64_t now = (int64_t)(id->now_ms / 1000);
    IC_BUF_SCOPE(der, IC_PKI_CERT_MAX);
    IC_TRY(ic_rand_fill(&id->rand, serial, sizeof serial));
    serial[0] = (serial[0] & 0x3f) | 0x40;
    struct ic_pki_issue root = {
        .profile = IC_PKI_ROOT,
        .serial = IC_VIEW_ARRAY(serial),
        .subject = {name_of(id, &org), IC_VIEW_STR("In Camera CA")},
        .not_before = now - ICD_CA_SKEW_S,
        .not_after = now + ICD_CA_ROOT_S,
    };
    IC_TRY(ic_pki_issue(&root, NULL, id->ca->key, &der));
    IC_TRY(icd_id_write(id));
    IC_TRY(icd_store_exec(id->store,
                          "INSERT INTO ca_state(id, root, crl_number, crl_made_s, crl_stale) "
                          "VALUES(1, $1, 0, 0, 1)",
                          NULL, ICD_PARAMS(ICD_BLOB(ic_buf_view(&der)))));
    return take(id->ca, ic_buf_view(&der));
}

static bool is_key_of_root(const struct icd_ca *ca)
{
    return ca->root.key_sig == ic_sign_key_id(ca->key) &&
           ic_view_equal(ca->root.key, ic_sign_key_public(ca->key));
}

ic_err icd_ca_root_open(struct icd_identity *id, char *why)
{
    ic_err e = load(id);
    if (e == IC_ERR_NOT_FOUND)
        e = make(id);
    if (e == IC_OK && !is_key_of_root(id->ca)) {
        snprintf(why, ICD_IDENTITY_WHY,
                 "[identity] ca_key is not the key of the root in identity.db");
        e = IC_ERR_KEY;
    }
    return e;
}
