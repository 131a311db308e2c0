/* A new key for an account: RFC 8555 section 7.3.5. */
#include "identity/acme/private.h"

#include <string.h>

/* Steps 5 to 8 of the section: the inner request, by the new key, names this account and its old key. */
static ic_err check_inner(struct icd_acme_request *r, const struct icd_acme_jws *inner)
{
    struct icd_acme_key old;
    char url[ICD_ACME_URL];
    struct ic_view v = ic_buf_view(&inner->payload);
    if (strcmp(inner->url, r->jws.url) != 0)
        return icd_acme_refuse(&r->problem, ICD_ACME_E_MALFORMED,
                               "the inner url is not the outer one");
    json_t *o = json_loadb((const char *)v.p, v.len, JSON_REJECT_DUPLICATES, NULL);
    const char *account = json_string_value(json_object_get(o, "account"));
    icd_acme_url(r->id, url, "acct/%s", r->account.id);
    ic_err e = IC_OK;
    if (!account || strcmp(account, url) != 0)
        e = icd_acme_refuse(&r->problem, ICD_ACME_E_MALFORMED,
                            "account: the URL of the account that signs");
    else if (icd_acme_key_read(json_object_get(o, "oldKey"), &old, &r->problem) != IC_OK ||
             strcmp(old.thumbprint, r->account.key.thumbprint) != 0)
        e = icd_acme_refuse(&r->problem, ICD_ACME_E_MALFORMED, "oldKey: the account's present key");
    json_decref(o);
    return e;
}

/* RFC 8555 section 7.3.5: 409, with the URL of the account that has the key. */
static ic_err check_free(struct icd_acme_request *r, const struct icd_acme_key *key)
{
    struct icd_acme_account other;
    char url[ICD_ACME_URL];
    ic_err e = icd_acme_account_by_key(r->id, key->thumbprint, &other);
    if (e == IC_ERR_NOT_FOUND)
        return IC_OK;
    IC_TRY(e);
    icd_acme_url(r->id, url, "acct/%s", other.id);
    icd_acme_location(r, url);
    return icd_acme_refuse_as(&r->problem, ICD_ACME_E_MALFORMED, 409,
                              "the new key is an account's already");
}

static ic_err change(struct icd_acme_request *r, const struct icd_acme_jws *inner)
{
    if (inner->kid)
        return icd_acme_refuse(&r->problem, ICD_ACME_E_MALFORMED, "the inner JWS has a jwk");
    IC_TRY(icd_acme_jws_verify(inner, &inner->key, &r->problem));
    IC_TRY(check_inner(r, inner));
    IC_TRY(check_free(r, &inner->key));
    IC_TRY(icd_id_write(r->id));
    IC_TRY(icd_store_exec(r->id->store,
                          "UPDATE acme_accounts SET key = $1, thumbprint = $2 WHERE id = $3", NULL,
                          ICD_PARAMS(ICD_TEXT(ic_view_cstr(inner->key.json)),
                                     ICD_TEXT(ic_view_cstr(inner->key.thumbprint)),
                                     ICD_TEXT(ic_view_cstr(r->account.id)))));
    return icd_acme_answer(r, 200, json_object());
}

static ic_err key_change(struct icd_acme_request *r)
{
    struct icd_acme_jws inner;
    IC_TRY(icd_acme_want_payload(r));
    IC_TRY(icd_acme_jws_open(ic_buf_view(&r->jws.payload), ICD_ACME_INNER, &inner, &r->problem));
    ic_err e = change(r, &inner);
    icd_acme_jws_clear(&inner);
    return e;
}

void icd_acme_on_key_change(struct icd_identity *id, struct icd_call *c)
{
    icd_acme_serve(id, c, ICD_ACME_BY_ACCOUNT, key_change);
}
