/* The neighbours as they are: accounts and the authority. */
#include "identity/acme/others.h"

#include "identity/accounts/accounts.h"
#include "identity/ca/ca.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static_assert((int)ICD_ACME_OTHER_ID == (int)ICD_ID_LEN &&
                  (int)ICD_ACME_SERIAL >= (int)ICD_CA_SERIAL_HEX,
              "ids of accounts and serial numbers fit");

static void person_of(const struct icd_user *user, const char *device, struct icd_acme_person *out)
{
    *out = (struct icd_acme_person){0};
    snprintf(out->user, sizeof out->user, "%s", user->id);
    snprintf(out->device, sizeof out->device, "%s", device);
    snprintf(out->email, sizeof out->email, "%s", user->email);
}

static ic_err redeem(struct icd_identity *id, struct ic_view token, struct ic_view thumbprint,
                     struct icd_acme_person *out, const char **why)
{
    struct icd_enrolment e;
    IC_TRY(icd_accounts_redeem(id, token, thumbprint, &e, why));
    person_of(&e.user, e.device, out);
    return IC_OK;
}

static ic_err device_check(struct icd_identity *id, const char *device, struct icd_acme_person *out)
{
    struct icd_user user;
    IC_TRY(icd_accounts_device_check(id, device, &user));
    person_of(&user, device, out);
    return IC_OK;
}

static ic_err domain_owner(struct icd_identity *id, const char *host, int64_t *org)
{
    return icd_accounts_domain_owner(id, ic_view_cstr(host), org);
}

/* ---- issuing ---- */

static ic_err issue_as(struct icd_identity *id, const struct icd_ca_order *order,
                       struct icd_acme_issued *out, const char **why)
{
    struct icd_ca_issued got;
    *why = "a key of this kind or size is not certified";
    IC_TRY(icd_ca_issue(id, order, &got));
    snprintf(out->serial, sizeof out->serial, "%s", got.serial);
    memcpy(out->hash, got.hash, sizeof out->hash);
    out->not_after = got.not_after;
    return IC_OK;
}

/* Name and organisation are those of the account, whatever the request says. */
static ic_err issue_person(struct icd_identity *id, const struct icd_acme_wish *wish,
                           struct icd_acme_issued *out, const char **why)
{
    char im[ICD_ACME_NAME_MAX + 4];
    struct icd_user user;
    struct icd_org org;
    *why = "this device may have no certificate any more";
    IC_TRY(icd_accounts_device_check(id, wish->device, &user));
    IC_TRY(icd_accounts_org_get(id, user.org, &org));
    snprintf(im, sizeof im, "im:%s", wish->names->list[0].text);
    const struct ic_pki_name names[] = {
        {IC_PKI_NAME_EMAIL, ic_view_cstr(wish->names->list[0].text)},
        {IC_PKI_NAME_URI, ic_view_cstr(im)},
    };
    struct icd_ca_order order = {.profile = IC_PKI_PERSON,
                                 .key_info = wish->key_info,
                                 .org = user.org,
                                 .user = user.id,
                                 .device = wish->device,
                                 .organisation = org.name,
                                 .common_name = user.name,
                                 .names = names,
                                 .name_count = 2};
    return issue_as(id, &order, out, why);
}

static ic_err issue_device(struct icd_identity *id, const struct icd_acme_wish *wish,
                           struct icd_acme_issued *out, const char **why)
{
    struct ic_pki_name names[ICD_ACME_NAMES];
    struct icd_org org = {0};
    int64_t owner = 0;
    ic_err e = domain_owner(id, wish->names->list[0].text, &owner);
    if (e == IC_OK)
        e = icd_accounts_org_get(id, owner, &org);
    if (e != IC_OK && e != IC_ERR_NOT_FOUND)
        return e;
    for (size_t i = 0; i < wish->names->count; i++)
        names[i] = (struct ic_pki_name){IC_PKI_NAME_DNS, ic_view_cstr(wish->names->list[i].text)};
    struct icd_ca_order order = {.profile = IC_PKI_DEVICE,
                                 .key_info = wish->key_info,
                                 .org = owner,
                                 .user = "",
                                 .device = "",
                                 .organisation = org.name,
                                 .common_name = wish->names->list[0].text,
                                 .names = names,
                                 .name_count = wish->names->count};
    return issue_as(id, &order, out, why);
}

static ic_err issue(struct icd_identity *id, const struct icd_acme_wish *wish,
                    struct icd_acme_issued *out, const char **why)
{
    return wish->user[0] ? issue_person(id, wish, out, why) : issue_device(id, wish, out, why);
}

/* Who had it reads of it, as of its issuing. */
static ic_err tell_revoked(struct icd_identity *id, const struct icd_ca_row *row,
                           enum ic_pki_revocation reason)
{
    char actor[ICD_WHO_MAX] = "server", subject[ICD_WHO_MAX];
    const char *why = icd_ca_reason_name(reason);
    if (row->user[0])
        snprintf(actor, sizeof actor, "user:%s", row->user);
    snprintf(subject, sizeof subject, "certificate:%s", row->serial);
    json_t *detail = json_pack("{s:s, s:s, s:s, s:s}", "name", row->name, "device", row->device,
                               "reason", why ? why : "unspecified", "by", "acme");
    char *text = detail ? json_dumps(detail, JSON_COMPACT) : NULL;
    json_decref(detail);
    ic_err e = text ? icd_audit_add(id, row->org, actor, "certificate.revoked", subject, text)
                    : IC_ERR_NOMEM;
    free(text);
    return e;
}

static ic_err revoke_serial(struct icd_identity *id, const char *serial, int reason)
{
    struct icd_ca_row row;
    IC_TRY(icd_ca_get(id, serial, &row));
    IC_TRY(icd_ca_revoke(id, serial, (enum ic_pki_revocation)reason));
    return tell_revoked(id, &row, (enum ic_pki_revocation)reason);
}

const struct icd_acme_others icd_acme_others_real = {
    redeem, device_check, domain_owner, issue, icd_ca_chain, revoke_serial,
};
