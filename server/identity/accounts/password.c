#include "identity/accounts/password.h"

#include <argon2.h>
#include <ic/base/secret.h>
#include <stdio.h>
#include <string.h>

enum { HASH_LEN = 32, LANES = 1 };

static size_t characters(struct ic_view v)
{
    size_t n = 0;
    for (size_t i = 0; i < v.len; i++)
        n += (v.p[i] & 0xc0) != 0x80;
    return n;
}

/* "aaaaaaaaaaaa", "abababababab": at least five different bytes. */
static bool is_monotonous(struct ic_view v)
{
    bool seen[256] = {false};
    size_t different = 0;
    for (size_t i = 0; i < v.len; i++) {
        different += !seen[v.p[i]];
        seen[v.p[i]] = true;
    }
    return different < 5;
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool is_same(struct ic_view a, struct ic_view b)
{
    size_t i = 0;
    while (a.len == b.len && i < a.len && lower(a.p[i]) == lower(b.p[i]))
        i++;
    return a.len == b.len && i == a.len;
}

ic_err icd_password_judge(struct ic_view password, struct ic_view email, const char **why)
{
    *why = "a password has at most 256 bytes";
    if (password.len > ICD_PASSWORD_MAX)
        return IC_ERR_RANGE;
    *why = "a password is text without control characters";
    if (!ic_view_is_text(password))
        return IC_ERR_MALFORMED;
    *why = "a password has at least 12 characters";
    if (characters(password) < ICD_PASSWORD_MIN)
        return IC_ERR_RANGE;
    *why = "a password is not the e-mail address, nor a few characters again and again";
    if (is_monotonous(password) || is_same(password, email))
        return IC_ERR_RULE;
    return IC_OK;
}

static ic_err err_of(int rc)
{
    return rc == ARGON2_OK                        ? IC_OK
           : rc == ARGON2_MEMORY_ALLOCATION_ERROR ? IC_ERR_NOMEM
           : rc == ARGON2_VERIFY_MISMATCH         ? IC_ERR_AUTH
                                                  : IC_ERR_RANGE;
}

ic_err icd_password_hash(const struct icd_password_cost *cost,
                         const uint8_t salt[ICD_PASSWORD_SALT], struct ic_view password, char *out)
{
    char phc[ICD_PASSWORD_PHC];
    if (password.len > ICD_PASSWORD_MAX)
        return IC_ERR_RANGE;
    IC_TRY(
        err_of(argon2id_hash_encoded(cost->passes, cost->mib << 10, LANES, password.p, password.len,
                                     salt, ICD_PASSWORD_SALT, HASH_LEN, phc, sizeof phc)));
    memcpy(out, phc, sizeof phc);
    return IC_OK;
}

ic_err icd_password_check(const char *phc, struct ic_view password)
{
    if (password.len > ICD_PASSWORD_MAX)
        return IC_ERR_AUTH;
    ic_err e = err_of(argon2id_verify(phc, password.p, password.len));
    return e == IC_ERR_RANGE ? IC_ERR_AUTH : e;
}

ic_err icd_password_dummy(const struct icd_password_cost *cost, struct ic_view password)
{
    static const uint8_t salt[ICD_PASSWORD_SALT];
    uint8_t hash[HASH_LEN];
    size_t len = password.len <= ICD_PASSWORD_MAX ? password.len : 0;
    ic_err e = err_of(argon2id_hash_raw(cost->passes, cost->mib << 10, LANES, password.p, len, salt,
                                        sizeof salt, hash, sizeof hash));
    ic_wipe(hash, sizeof hash);
    return e == IC_ERR_NOMEM ? e : IC_ERR_AUTH;
}

bool icd_password_is_old(const struct icd_password_cost *cost, const char *phc)
{
    unsigned memory, passes;
    if (sscanf(phc, "$argon2id$v=19$m=%u,t=%u,p=1$", &memory, &passes) != 2)
        return true;
    return memory < cost->mib << 10 || passes < cost->passes;
}
