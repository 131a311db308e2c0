/* The key and the certificate on disk. */
#include "owncert/private.h"

#include <errno.h>
#include <fcntl.h>
#include <ic/base/mem.h>
#include <ic/pki/issue.h>
#include <ic/pki/pem.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SCALAR = 32, SERIAL = 16, STAND_IN_S = 86400 };

void icd_owncert_paths(const char *dir, char certificate[ICD_OWNCERT_PATH],
                       char private_key[ICD_OWNCERT_PATH])
{
    snprintf(certificate, ICD_OWNCERT_PATH, "%.300s/cert.pem", dir);
    snprintf(private_key, ICD_OWNCERT_PATH, "%.300s/key.pem", dir);
}

static ic_err say(char *why, const char *path, ic_err e)
{
    snprintf(why, ICD_OWNCERT_WHY, "%s: %s", path, errno ? strerror(errno) : ic_err_text(e));
    return e;
}

ic_err icd_owncert_write(const char *path, struct ic_view content, unsigned mode)
{
    char fresh[ICD_OWNCERT_PATH + 8];
    snprintf(fresh, sizeof fresh, "%s.new", path);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    bool ok = fd >= 0 && fchmod(fd, mode) == 0 &&
              write(fd, content.p, content.len) == (ssize_t)content.len && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    if (ok && rename(fresh, path) == 0)
        return IC_OK;
    unlink(fresh);
    return IC_ERR_IO;
}

/* A new key on P-256, as OpenSSL writes keys. */
static ic_err make_key(const char *path)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    BIO *text = BIO_new(BIO_s_secmem());
    char *p = NULL;
    ic_err e = IC_ERR_CRYPTO;
    if (key && text && PEM_write_bio_PrivateKey(text, key, NULL, NULL, 0, NULL, NULL) == 1) {
        long n = BIO_get_mem_data(text, &p);
        e = n > 0 ? icd_owncert_write(path, ic_view(p, (size_t)n), 0600) : IC_ERR_CRYPTO;
    }
    BIO_free(text);
    EVP_PKEY_free(key);
    return e;
}

ic_err icd_owncert_key(const char *path, struct ic_sign_key **out)
{
    FILE *f = fopen(path, "re");
    EVP_PKEY *key = f ? PEM_read_PrivateKey(f, NULL, NULL, NULL) : NULL;
    BIGNUM *n = NULL;
    uint8_t scalar[SCALAR];
    char group[32] = "";
    size_t len;
    if (f)
        fclose(f);
    ic_err e = key ? IC_ERR_KEY : IC_ERR_IO;
    if (key && EVP_PKEY_get_group_name(key, group, sizeof group, &len) == 1 &&
        strcmp(group, "prime256v1") == 0 &&
        EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &n) == 1 &&
        BN_bn2binpad(n, scalar, SCALAR) == SCALAR)
        e = ic_sign_key_import(IC_ECDSA_P256_SHA256, IC_VIEW_ARRAY(scalar), out);
    ic_wipe(scalar, sizeof scalar);
    BN_clear_free(n);
    EVP_PKEY_free(key);
    return e;
}

bool icd_owncert_next_domain(struct ic_view *rest, struct ic_view *out)
{
    size_t at = 0, end;
    while (at < rest->len && strchr(" ,", rest->p[at]))
        at++;
    for (end = at; end < rest->len && !strchr(" ,", rest->p[end]);)
        end++;
    *out = ic_view_sub(*rest, at, end - at);
    *rest = ic_view_sub(*rest, end, rest->len - end);
    return out->len > 0;
}

/* By the key itself, for a day: nobody trusts it, and it says so. */
static ic_err make_stand_in(const char *path, const struct ic_sign_key *key, uint64_t now_s,
                            const struct ic_rand *rand)
{
    uint8_t serial[SERIAL];
    IC_TRY(ic_rand_fill(rand, serial, sizeof serial));
    serial[0] = (serial[0] & 0x3f) | 0x40;
    const struct ic_pki_issue what = {
        .profile = IC_PKI_ROOT,
        .serial = IC_VIEW_ARRAY(serial),
        .subject = {.common_name = IC_VIEW_STR("In Camera, waiting for its certificate")},
        .not_before = (int64_t)now_s,
        .not_after = (int64_t)now_s + STAND_IN_S};
    IC_BUF_SCOPE(der, IC_PKI_CERT_MAX);
    IC_BUF_SCOPE(pem, 2 * IC_PKI_CERT_MAX);
    IC_TRY(ic_pki_issue(&what, NULL, key, &der));
    IC_TRY(ic_pki_pem_encode("CERTIFICATE", ic_buf_view(&der), &pem));
    return icd_owncert_write(path, ic_buf_view(&pem), 0644);
}

ic_err icd_owncert_prepare(const struct icd_owncert_config *c, const char *dir, uint64_t now_s,
                           const struct ic_rand *rand, char *why)
{
    char certificate[ICD_OWNCERT_PATH], private_key[ICD_OWNCERT_PATH];
    struct ic_sign_key *key = NULL;
    (void)c;
    icd_owncert_paths(dir, certificate, private_key);
    errno = 0;
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return say(why, dir, IC_ERR_IO);
    errno = 0;
    ic_err e = access(private_key, F_OK) == 0 ? IC_OK : make_key(private_key);
    if (e == IC_OK) {
        errno = 0;
        e = icd_owncert_key(private_key, &key);
    }
    if (e != IC_OK)
        return say(why, private_key, e);
    if (access(certificate, F_OK) != 0) {
        errno = 0;
        e = make_stand_in(certificate, key, now_s, rand);
    }
    ic_sign_key_free(key);
    return e == IC_OK ? e : say(why, certificate, e);
}

static bool has_domain(const struct ic_pki_cert *c, struct ic_view domain)
{
    struct ic_reader r = ic_reader(c->names);
    struct ic_pki_name n;
    while (ic_pki_names_next(&r, &n))
        if (n.kind == IC_PKI_NAME_DNS && n.value.len == domain.len &&
            strncasecmp((const char *)n.value.p, (const char *)domain.p, domain.len) == 0)
            return true;
    return false;
}

uint64_t icd_owncert_due_ms(struct ic_view pem, const char *domains, int64_t since_s)
{
    IC_BUF_SCOPE(der, IC_PKI_CERT_MAX);
    struct ic_pki_cert c;
    struct ic_view rest = ic_view_cstr(domains), domain;
    if (ic_pki_pem_next(&pem, "CERTIFICATE", &der) != IC_OK ||
        ic_pki_cert_decode(ic_buf_view(&der), &c, NULL) != IC_OK ||
        ic_pki_name_equal(c.issuer, c.subject)) /* the stand-in */
        return 0;
    while (icd_owncert_next_domain(&rest, &domain))
        if (!has_domain(&c, domain))
            return 0;
    int64_t third = (c.not_after - (since_s > c.not_before ? since_s : c.not_before)) / 3;
    return third < 0 || c.not_after < third ? 0 : (uint64_t)(c.not_after - third) * 1000;
}
