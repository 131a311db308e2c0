#include "main/devcert.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DAYS = 397, SPARE_S = 7 * 86400, PATH_ROOM = 600, SAN_ROOM = 4096 };

static bool still_good(const char *path)
{
    FILE *f = fopen(path, "re");
    X509 *cert = f ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;
    if (f)
        fclose(f);
    time_t later = time(NULL) + SPARE_S;
    bool good = cert && X509_cmp_time(X509_get0_notAfter(cert), &later) > 0;
    X509_free(cert);
    return good;
}

static bool extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    bool ok = e && X509_add_ext(cert, e, -1) == 1;
    X509_EXTENSION_free(e);
    return ok;
}

static X509 *blank(EVP_PKEY *key, const char *name, X509 *issuer)
{
    uint8_t serial[16];
    X509 *cert = X509_new();
    BIGNUM *number = NULL;
    bool ok = cert && RAND_bytes(serial, sizeof serial) == 1;
    serial[0] &= 0x7f;
    number = ok ? BN_bin2bn(serial, sizeof serial, NULL) : NULL;
    ok = number && X509_set_version(cert, 2) &&
         BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) &&
         X509_gmtime_adj(X509_getm_notBefore(cert), -3600) &&
         X509_gmtime_adj(X509_getm_notAfter(cert), DAYS * 86400L) && X509_set_pubkey(cert, key) &&
         X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8,
                                    (const unsigned char *)name, -1, -1, 0) &&
         X509_set_issuer_name(cert, X509_get_subject_name(issuer ? issuer : cert));
    BN_free(number);
    if (ok)
        return cert;
    X509_free(cert);
    return NULL;
}

static X509 *make_ca(EVP_PKEY *key)
{
    X509 *ca = blank(key, "In Camera development authority", NULL);
    if (ca && extension(ca, ca, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
        extension(ca, ca, NID_key_usage, "critical,keyCertSign,cRLSign") &&
        extension(ca, ca, NID_subject_key_identifier, "hash") && X509_sign(ca, key, EVP_sha256()))
        return ca;
    X509_free(ca);
    return NULL;
}

static bool alt_names(const char *const *hosts, size_t count, char *out)
{
    int at = snprintf(out, SAN_ROOM, "DNS:localhost,IP:127.0.0.1,IP:::1");
    for (size_t i = 0; i < count; i++) {
        uint8_t room[16];
        bool ip =
            inet_pton(AF_INET, hosts[i], room) == 1 || inet_pton(AF_INET6, hosts[i], room) == 1;
        if (strpbrk(hosts[i], ",;\n ") || at + (int)strlen(hosts[i]) + 8 >= SAN_ROOM)
            return false;
        at += snprintf(out + at, (size_t)(SAN_ROOM - at), ",%s:%s", ip ? "IP" : "DNS", hosts[i]);
    }
    return true;
}

static X509 *make_leaf(EVP_PKEY *key, X509 *ca, EVP_PKEY *ca_key, const char *san)
{
    X509 *cert = blank(key, "In Camera development server", ca);
    if (cert && extension(cert, ca, NID_basic_constraints, "critical,CA:FALSE") &&
        extension(cert, ca, NID_key_usage, "critical,digitalSignature") &&
        extension(cert, ca, NID_ext_key_usage, "serverAuth") &&
        extension(cert, ca, NID_subject_alt_name, san) && X509_sign(cert, ca_key, EVP_sha256()))
        return cert;
    X509_free(cert);
    return NULL;
}

static FILE *create(const char *dir, const char *name, mode_t mode)
{
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    return fd < 0 ? NULL : fdopen(fd, "w");
}

static bool write_files(const char *dir, X509 *ca, X509 *cert, EVP_PKEY *key)
{
    FILE *k = create(dir, "key.pem", 0600), *a = create(dir, "ca.pem", 0644);
    FILE *c = create(dir, "cert.pem", 0644);
    bool ok = k && a && c && PEM_write_PrivateKey(k, key, NULL, NULL, 0, NULL, NULL) &&
              PEM_write_X509(a, ca) && PEM_write_X509(c, cert) && PEM_write_X509(c, ca);
    FILE *files[] = {k, a, c};
    for (size_t i = 0; i < 3; i++)
        if (files[i])
            ok = fclose(files[i]) == 0 && ok;
    return ok;
}

ic_err icd_devcert_make(const char *dir, const char *const *hosts, size_t host_count, char *why,
                        size_t why_room)
{
    char path[PATH_ROOM], san[SAN_ROOM];
    snprintf(path, sizeof path, "%s/cert.pem", dir);
    if (still_good(path))
        return IC_OK;
    if (mkdir(dir, 0755) != 0 && errno != EEXIST) {
        snprintf(why, why_room, "%s: %s", dir, strerror(errno));
        return IC_ERR_IO;
    }
    if (!alt_names(hosts, host_count, san)) {
        snprintf(why, why_room, "a host name is not usable in a certificate");
        return IC_ERR_RANGE;
    }
    EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
    X509 *ca = ca_key ? make_ca(ca_key) : NULL;
    X509 *cert = ca && key ? make_leaf(key, ca, ca_key, san) : NULL;
    bool ok = cert && write_files(dir, ca, cert, key);
    if (!ok)
        snprintf(why, why_room, "cannot make a certificate in %s", dir);
    X509_free(cert);
    X509_free(ca);
    EVP_PKEY_free(key);
    EVP_PKEY_free(ca_key);
    return ok ? IC_OK : IC_ERR_IO;
}

ic_err icd_cert_pin(const char *path, uint8_t pin[ICD_PIN_LEN])
{
    FILE *f = fopen(path, "re");
    X509 *cert = f ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;
    if (f)
        fclose(f);
    unsigned char *der = NULL;
    int len = cert ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der) : 0;
    bool ok = len > 0 && EVP_Digest(der, (size_t)len, pin, NULL, EVP_sha256(), NULL) == 1;
    OPENSSL_free(der);
    X509_free(cert);
    return ok ? IC_OK : IC_ERR_IO;
}
