#include "identity/accounts/oidc.h"

#include <ic/base/text.h>
#include <ic/crypto/hash.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

bool icd_oidc_is_secure(const char *url)
{
    static const char *const here[] = {"http://127.0.0.1", "http://localhost", "http://[::1]"};
    if (begins(url, "https://"))
        return url[8] != '\0' && url[8] != '/';
    for (size_t i = 0; i < sizeof here / sizeof *here; i++) {
        size_t n = strlen(here[i]);
        if (strncmp(url, here[i], n) == 0 && (url[n] == '\0' || url[n] == ':' || url[n] == '/'))
            return !strchr(url, '@');
    }
    return false;
}

/* ---- discovery ---- */

static bool copy_text(const json_t *o, const char *key, char *out, size_t room)
{
    const json_t *v = json_object_get(o, key);
    size_t n = json_string_length(v);
    if (!json_is_string(v) || n == 0 || n >= room ||
        !ic_view_is_text(ic_view(json_string_value(v), n)))
        return false;
    memcpy(out, json_string_value(v), n + 1);
    return true;
}

/* Whether a list has a text; a list that is missing says nothing against it. */
static bool allows(const json_t *o, const char *key, const char *text, bool missing)
{
    const json_t *list = json_object_get(o, key), *item;
    size_t i;
    if (!list)
        return missing;
    json_array_foreach((json_t *)(uintptr_t)list, i, item)
    {
        if (json_is_string(item) && strcmp(json_string_value(item), text) == 0)
            return true;
    }
    return false;
}

/* http is for a provider that is on this machine itself: none elsewhere sends us there. */
static bool may_ask(const char *issuer, const char *url)
{
    return icd_oidc_is_secure(url) && (begins(url, "https://") || begins(issuer, "http://"));
}

static ic_err read_site(const json_t *o, const char *issuer, struct icd_oidc_site *s,
                        const char **why)
{
    *why = "the provider's discovery document lacks an endpoint";
    if (!copy_text(o, "issuer", s->issuer, sizeof s->issuer) ||
        !copy_text(o, "authorization_endpoint", s->authorize, sizeof s->authorize) ||
        !copy_text(o, "token_endpoint", s->token, sizeof s->token) ||
        !copy_text(o, "jwks_uri", s->keys, sizeof s->keys))
        return IC_ERR_MALFORMED;
    *why = "the provider's discovery document is of another issuer";
    if (strcmp(s->issuer, issuer) != 0)
        return IC_ERR_RULE;
    if (!copy_text(o, "userinfo_endpoint", s->userinfo, sizeof s->userinfo))
        s->userinfo[0] = '\0';
    *why = "an endpoint of the provider is not https";
    if (!may_ask(issuer, s->authorize) || !may_ask(issuer, s->token) || !may_ask(issuer, s->keys) ||
        (s->userinfo[0] && !may_ask(issuer, s->userinfo)))
        return IC_ERR_RULE;
    s->names_itself =
        json_is_true(json_object_get(o, "authorization_response_iss_parameter_supported"));
    *why = "the provider has no code flow with PKCE S256";
    if (!allows(o, "response_types_supported", "code", true) ||
        !allows(o, "code_challenge_methods_supported", "S256", true))
        return IC_ERR_RULE;
    s->secret_in_body =
        !allows(o, "token_endpoint_auth_methods_supported", "client_secret_basic", true);
    return IC_OK;
}

ic_err icd_oidc_discovery(const char *issuer, struct ic_view json, struct icd_oidc_site *out,
                          const char **why)
{
    struct icd_oidc_site s = {0};
    json_t *o = json_loadb((const char *)json.p, json.len, JSON_REJECT_DUPLICATES, NULL);
    *why = "the provider's discovery document is no JSON object";
    ic_err e = json_is_object(o) ? read_site(o, issuer, &s, why) : IC_ERR_MALFORMED;
    json_decref(o);
    if (e == IC_OK)
        *out = s;
    return e;
}

ic_err icd_oidc_answers(const struct icd_oidc_site *site, const char *iss, const char **why)
{
    *why = "the answer does not say which provider it is of";
    if (!iss)
        return site->names_itself ? IC_ERR_DENIED : IC_OK;
    *why = "the answer is another provider's";
    return strcmp(iss, site->issuer) == 0 ? IC_OK : IC_ERR_DENIED;
}

/* ---- requests ---- */

static ic_err add(struct ic_buf *out, const char *text)
{
    return ic_buf_append(out, ic_view_cstr(text));
}

static ic_err add_escaped(struct ic_buf *out, struct ic_view v)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (size_t i = 0; i < v.len; i++) {
        char hex[4];
        if (v.p[i] && strchr(plain, v.p[i]))
            IC_TRY(ic_buf_append(out, ic_view(v.p + i, 1)));
        else {
            snprintf(hex, sizeof hex, "%%%02X", v.p[i]);
            IC_TRY(add(out, hex));
        }
    }
    return IC_OK;
}

static ic_err add_pair(struct ic_buf *out, const char *name, struct ic_view value)
{
    IC_TRY(add(out, name)); /* "&name=" */
    return add_escaped(out, value);
}

static ic_err terminate(struct ic_buf *out)
{
    return ic_buf_append(out, IC_VIEW_STR("\0"));
}

ic_err icd_oidc_url(const struct icd_oidc_site *site, const struct icd_oidc_begin *b,
                    struct ic_buf *out)
{
    uint8_t hash[IC_HASH_MAX];
    char challenge[48], age[16];
    ic_hash_once(IC_SHA256, ic_view_cstr(b->verifier), hash);
    ic_base64_encode(IC_BASE64_URL, ic_view(hash, 32), challenge);
    snprintf(age, sizeof age, "%u", b->max_age_s);
    IC_TRY(add(out, site->authorize));
    IC_TRY(add(out, strchr(site->authorize, '?') ? "&" : "?"));
    IC_TRY(add(out, "response_type=code&scope=openid%20email%20profile"));
    IC_TRY(add_pair(out, "&client_id=", ic_view_cstr(b->client_id)));
    IC_TRY(add_pair(out, "&redirect_uri=", ic_view_cstr(b->redirect)));
    IC_TRY(add_pair(out, "&state=", ic_view_cstr(b->state)));
    IC_TRY(add_pair(out, "&nonce=", ic_view_cstr(b->nonce)));
    IC_TRY(add_pair(out, "&code_challenge=", ic_view_cstr(challenge)));
    IC_TRY(add(out, "&code_challenge_method=S256"));
    if (b->max_age_s)
        IC_TRY(add_pair(out, "&max_age=", ic_view_cstr(age)));
    return terminate(out);
}

ic_err icd_oidc_token_body(const struct icd_oidc_site *site, const struct icd_oidc_end *e,
                           struct ic_buf *out)
{
    IC_TRY(add(out, "grant_type=authorization_code"));
    IC_TRY(add_pair(out, "&code=", e->code));
    IC_TRY(add_pair(out, "&redirect_uri=", ic_view_cstr(e->redirect)));
    IC_TRY(add_pair(out, "&code_verifier=", ic_view_cstr(e->verifier)));
    if (!e->secret[0] || site->secret_in_body)
        IC_TRY(add_pair(out, "&client_id=", ic_view_cstr(e->client_id)));
    if (e->secret[0] && site->secret_in_body)
        IC_TRY(add_pair(out, "&client_secret=", ic_view_cstr(e->secret)));
    return IC_OK;
}

/* RFC 6749 section 2.3.1: both are form-encoded before they are joined. */
ic_err icd_oidc_authorization(const struct icd_oidc_site *site, const struct icd_oidc_end *e,
                              struct ic_buf *out)
{
    IC_BUF_SCOPE(pair, 2048);
    if (!e->secret[0] || site->secret_in_body)
        return terminate(out);
    IC_TRY(add_escaped(&pair, ic_view_cstr(e->client_id)));
    IC_TRY(add(&pair, ":"));
    IC_TRY(add_escaped(&pair, ic_view_cstr(e->secret)));
    IC_TRY(add(out, "Basic "));
    uint8_t *p;
    size_t n = ic_base64_len(IC_BASE64_STD, pair.len);
    IC_TRY(ic_buf_extend(out, n + 1, &p));
    ic_base64_encode(IC_BASE64_STD, ic_buf_view(&pair), (char *)p);
    return IC_OK;
}

/* RFC 6750 section 2.1: what may stand in a header. */
static void take_access(const json_t *o, char access[ICD_OIDC_ACCESS_MAX + 1])
{
    if (!copy_text(o, "access_token", access, ICD_OIDC_ACCESS_MAX + 1) ||
        strpbrk(access, " \"\\,;"))
        access[0] = '\0';
}

ic_err icd_oidc_answer(struct ic_view json, struct ic_buf *id_token,
                       char access[ICD_OIDC_ACCESS_MAX + 1], const char **why)
{
    json_t *o = json_loadb((const char *)json.p, json.len, JSON_REJECT_DUPLICATES, NULL);
    const json_t *v = json_object_get(o, "id_token");
    ic_err e = IC_OK;
    if (json_is_string(json_object_get(o, "error"))) {
        *why = "the provider refuses this sign-in";
        e = IC_ERR_DENIED;
    } else if (!json_is_string(v) || json_string_length(v) > ICD_OIDC_TOKEN_MAX) {
        *why = "the provider's answer has no ID token";
        e = IC_ERR_MALFORMED;
    } else {
        e = ic_buf_append(id_token, ic_view(json_string_value(v), json_string_length(v)));
        take_access(o, access);
    }
    json_decref(o);
    return e;
}
