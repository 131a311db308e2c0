/* OpenID Connect as a client of providers (relying party), the part without a network: documents in, requests
 * and judgements out. Code flow with PKCE S256 (RFC 7636), state and nonce; signatures are cjose's.
 *
 *     IC_TRY(icd_oidc_discovery(issuer, json, &site, &why));
 *     IC_TRY(icd_oidc_url(&site, &begin, &url));                    // where the browser goes
 *     IC_TRY(icd_oidc_token_body(&end, &body));                     // POST to site.token
 *     IC_TRY(icd_oidc_answer(answer_json, &id_token, &why));
 *     IC_TRY(icd_oidc_judge(&expected, id_token, jwks_json, &claims, &why));
 *
 * OpenID Connect Core 1.0 section 3.1.3.7, Discovery 1.0 section 4.3. Pure; any thread.
 */
#ifndef ICD_IDENTITY_OIDC_H
#define ICD_IDENTITY_OIDC_H

#include <ic/base/buf.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>

enum {
    ICD_OIDC_URL_MAX = 512,
    ICD_OIDC_SUBJECT_MAX = 255, /* section 2 */
    ICD_OIDC_TOKEN_MAX = 16384,
    ICD_OIDC_CODE_MAX = 2048,
    ICD_OIDC_ACCESS_MAX = 4096,
    ICD_OIDC_SKEW_S = 60,
};

/* What its discovery document says, and is believed. */
struct icd_oidc_site {
    char issuer[ICD_OIDC_URL_MAX], authorize[ICD_OIDC_URL_MAX], token[ICD_OIDC_URL_MAX],
        keys[ICD_OIDC_URL_MAX];
    char userinfo[ICD_OIDC_URL_MAX]; /* "" where there is none */
    bool secret_in_body;             /* client_secret_post; else client_secret_basic */
    bool names_itself;               /* its answers say whose they are (RFC 9207) */
};
struct icd_oidc_begin {
    const char *client_id, *redirect, *state, *nonce, *verifier;
    uint32_t max_age_s;
};
struct icd_oidc_end {
    const char *client_id, *secret, *redirect, *verifier;
    struct ic_view code;
};
struct icd_oidc_expected {
    const char *issuer, *client_id, *nonce;
    uint64_t now_s;
};
struct icd_oidc_claims {
    char subject[ICD_OIDC_SUBJECT_MAX + 1];
    char email[256];      /* "" where there is none */
    bool email_verified;  /* as the provider says */
    uint64_t auth_time_s; /* when the person proved who they are; 0: not said */
};

/* Whether secrets may go there: https, or http on this machine for tests and neighbours. */
bool icd_oidc_is_secure(const char *url);
/* IC_ERR_MALFORMED, IC_ERR_RULE: of another issuer, not secure (http is only for an http issuer, on this machine), without
 * S256 or the code flow. why: static, here and below. */
ic_err icd_oidc_discovery(const char *issuer, struct ic_view json, struct icd_oidc_site *out,
                          const char **why);
/* NUL-terminated, appended. IC_ERR_LIMIT. */
ic_err icd_oidc_url(const struct icd_oidc_site *site, const struct icd_oidc_begin *b,
                    struct ic_buf *out);
/* Whether an answer is this provider's, before its code goes there (RFC 9207 section 2.4; mix-up, RFC 9700 section 4.4).
 * iss: as the answer says, or NULL; due where the provider says it. IC_ERR_DENIED. */
ic_err icd_oidc_answers(const struct icd_oidc_site *site, const char *iss, const char **why);
/* The form for the token endpoint. Without a secret, or with secret_in_body, the client is named in it. */
ic_err icd_oidc_token_body(const struct icd_oidc_site *site, const struct icd_oidc_end *e,
                           struct ic_buf *out);
/* "Basic ..." for the header Authorization; empty where none is due. NUL-terminated. */
ic_err icd_oidc_authorization(const struct icd_oidc_site *site, const struct icd_oidc_end *e,
                              struct ic_buf *out);
/* The ID token of a token endpoint's answer, appended, and the access token, NUL-terminated, where there is one of at
 * most ICD_OIDC_ACCESS_MAX bytes, else "". IC_ERR_MALFORMED, IC_ERR_DENIED: the provider refuses. */
ic_err icd_oidc_answer(struct ic_view json, struct ic_buf *id_token,
                       char access[ICD_OIDC_ACCESS_MAX + 1], const char **why);
/* What the userinfo endpoint says of the same subject: an e-mail address that the ID token did not have. Core 1.0 section
 * 5.3.2. IC_ERR_MALFORMED, IC_ERR_RULE: of somebody else; then c is as it was. */
ic_err icd_oidc_userinfo(struct ic_view json, struct icd_oidc_claims *c, const char **why);
/* IC_ERR_MALFORMED; IC_ERR_UNSUPPORTED: an algorithm that is not among RS256, PS256, ES256, ES384; IC_ERR_UNKNOWN_KEY: fetch
 * the keys again; IC_ERR_SIGNATURE; IC_ERR_EXPIRED; IC_ERR_RULE: of another issuer, for another client, with another
 * nonce. */
ic_err icd_oidc_judge(const struct icd_oidc_expected *want, struct ic_view id_token,
                      struct ic_view jwks, struct icd_oidc_claims *out, const char **why);

#endif
