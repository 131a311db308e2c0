/* What a sign-in provider answers. First line: 'd' a discovery document, 'a' an answer of the token or the userinfo endpoint, 't' an ID
 * token, whose next line is the provider's keys. */
#include "identity/accounts/oidc.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void discovery(struct ic_view json)
{
    struct icd_oidc_site site;
    const char *why = NULL;
    if (icd_oidc_discovery("https://login.example.org", json, &site, &why) != IC_OK)
        return;
    if (!icd_oidc_is_secure(site.token) || !icd_oidc_is_secure(site.keys))
        abort();
    struct icd_oidc_begin b = {
        "client", "https://id.example.org/signin", "state", "nonce", "verifier", 300};
    IC_BUF_SCOPE(url, 8192);
    IC_IGNORE(icd_oidc_url(&site, &b, &url));
}

static void answer(struct ic_view json)
{
    const char *why = NULL;
    IC_BUF_SCOPE(token, ICD_OIDC_TOKEN_MAX);
    char access[ICD_OIDC_ACCESS_MAX + 1];
    struct icd_oidc_claims claims = {.subject = "s"};
    IC_IGNORE(icd_oidc_answer(json, &token, access, &why));
    IC_IGNORE(icd_oidc_userinfo(json, &claims, &why));
}

static void token(struct ic_view rest)
{
    const struct icd_oidc_expected want = {"https://login.example.org", "client", "nonce",
                                           1795000000};
    struct icd_oidc_claims claims;
    const char *why = NULL;
    const uint8_t *nl = rest.len ? memchr(rest.p, '\n', rest.len) : NULL;
    size_t n = nl ? (size_t)(nl - rest.p) : rest.len;
    struct ic_view keys =
        nl ? ic_view_sub(rest, n + 1, rest.len - n - 1) : ic_view_sub(rest, rest.len, 0);
    ic_err e = icd_oidc_judge(&want, ic_view_sub(rest, 0, n), keys, &claims, &why);
    if (e == IC_OK ? !claims.subject[0] : !why)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct ic_view rest = ic_view(data + 2, size - 2);
    if (data[0] == 'd')
        discovery(rest);
    else if (data[0] == 'a')
        answer(rest);
    else
        token(rest);
    return 0;
}
