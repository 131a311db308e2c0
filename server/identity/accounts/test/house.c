#include "identity/accounts/test/house.h"
#include "identity/admin/policy.h"

#include <ic/base/test.h>
#include <ic/base/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void house_copy(char *out, const char *text)
{
    snprintf(out, ICD_BEARER_LEN + 1, "%s", text);
}

void house_open(struct house *h)
{
    struct icd_domain d;
    struct icd_policy p;
    memset(h, 0, sizeof *h);
    icd_identity_config_default(&h->w.config);
    strcpy(h->w.config.base_url, "https://id.example.org");
    h->w.config.password_mib = 1;
    world_open_with(&h->w);
    struct icd_identity *id = h->w.id;
    CHECK_OK(icd_accounts_org_add(id, IC_VIEW_STR("Example"), &h->org));
    CHECK_OK(icd_accounts_domain_add(id, h->org, IC_VIEW_STR("example.org"), &d));
    CHECK_OK(icd_accounts_domain_verify(id, h->org, IC_VIEW_STR("example.org")));
    CHECK_OK(icd_accounts_user_add(id, h->org, IC_VIEW_STR("ana@example.org"), IC_VIEW_STR("Ana"),
                                   &h->ana));
    icd_policy_default(&p);
    p.passwords = true;
    CHECK_OK(icd_policy_set(id, h->org, &p));
    icd_identity_flush(id);
}

int house_call(struct house *h, const char *method, const char *path, const char *body)
{
    return world_call(&h->w, method, path, h->session, body);
}

int house_keep(struct house *h, int status)
{
    if (status == 201) {
        house_copy(h->session, world_text(&h->w, "token"));
        house_copy(h->known, world_text(&h->w, "known"));
    }
    return status;
}

int house_invited_in(struct house *h)
{
    char token[ICD_BEARER_LEN + 1], body[128];
    uint64_t end;
    if (icd_accounts_invite(h->w.id, h->ana.id, "server", token, &end) != IC_OK)
        return 0;
    icd_identity_flush(h->w.id);
    snprintf(body, sizeof body, "{\"token\":\"%s\"}", token);
    return house_keep(h, world_call(&h->w, "POST", API "signin/invitation", "", body));
}

int house_by_password(struct house *h, const char *email, const char *password, const char *known)
{
    char body[512];
    snprintf(body, sizeof body, "{\"email\":\"%s\",\"password\":\"%s\",\"known\":\"%s\"}", email,
             password, known);
    return world_call(&h->w, "POST", API "signin/password", "", body);
}

int house_set_password(struct house *h)
{
    return house_call(h, "POST", API "password", "{\"new\":\"" PASSWORD "\"}");
}

const char *house_challenge(const struct house *h)
{
    const json_t *o = json_object_get(h->w.answer, "publicKey");
    const char *text = json_string_value(json_object_get(o, "challenge"));
    return text ? text : "";
}

int house_post_credential(struct house *h, const char *path, const char *token, char *credential)
{
    char *body = NULL;
    if (asprintf(&body, "{\"name\":\"Phone\",\"credential\":%s}", credential) < 0)
        return 0;
    int status = world_call(&h->w, "POST", path, token, body);
    free(credential);
    free(body);
    return status;
}

int house_make_passkey(struct house *h, struct authenticator *a)
{
    IC_BUF_SCOPE(user, 16);
    int status = house_call(h, "POST", API "passkeys/begin", "{}");
    if (status != 200)
        return status;
    if (ic_base64_decode(IC_BASE64_URL, ic_view_cstr(h->ana.id), &user) == IC_OK)
        memcpy(a->user, user.p, 16);
    return house_post_credential(h, API "passkeys/finish", h->session,
                                 authenticator_make(a, house_challenge(h)));
}

char *house_assertion(struct house *h, struct authenticator *a)
{
    world_call(&h->w, "POST", API "signin/passkey/begin", "", "{}");
    return authenticator_login(a, house_challenge(h));
}

int house_by_passkey(struct house *h, struct authenticator *a)
{
    return house_post_credential(h, API "signin/passkey/finish", "", house_assertion(h, a));
}

void house_authenticator(struct authenticator *a)
{
    authenticator_open(a, AUTHENTICATOR_ES256, "id.example.org", "https://id.example.org");
}
