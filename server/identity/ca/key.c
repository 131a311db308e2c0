/* The authority's key: data_dir/ca.key, or where [identity] ca_key says: another file, or an object in a token. */
#include "identity/base/keyfile.h"
#include "identity/ca/private.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIN_MAX = 256, PATH = 400 };

/* The first line of a file that nobody else may read. */
static ic_err read_pin(const char *path, char pin[PIN_MAX], char *why)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 || fstat(fd, &st) != 0 ? -1 : read(fd, pin, PIN_MAX - 1);
    if (fd >= 0)
        close(fd);
    if (n < 0) {
        snprintf(why, ICD_IDENTITY_WHY, "%s: the PIN cannot be read", path);
        return IC_ERR_IO;
    }
    pin[n] = '\0';
    pin[strcspn(pin, "\r\n")] = '\0';
    if (st.st_mode & 077) {
        snprintf(why, ICD_IDENTITY_WHY, "%s: others may read this PIN (chmod 600)", path);
        return IC_ERR_DENIED;
    }
    return IC_OK;
}

static ic_err open_token(struct icd_identity *id, const char *pin, bool make, char *why)
{
    const char *uri = id->config->ca_key;
    char reason[200] = "";
    ic_err e = ic_pkcs11_open(uri, pin, &id->ca->token, reason, sizeof reason);
    if (e == IC_ERR_NOT_FOUND && make)
        e = ic_pkcs11_generate(uri, pin, IC_ECDSA_P256_SHA256, &id->ca->token, reason,
                               sizeof reason);
    if (e == IC_OK)
        e = ic_pkcs11_key(id->ca->token, &id->ca->key);
    if (e != IC_OK)
        snprintf(why, ICD_IDENTITY_WHY, "[identity] ca_key: %s",
                 reason[0] ? reason : ic_err_text(e));
    return e;
}

static ic_err from_token(struct icd_identity *id, bool make, char *why)
{
    char pin[PIN_MAX];
    bool has_pin = id->config->ca_pin_file[0] != '\0';
    ic_err e = has_pin ? read_pin(id->config->ca_pin_file, pin, why) : IC_OK;
    if (e == IC_OK)
        e = open_token(id, has_pin ? pin : NULL, make, why);
    ic_wipe(pin, sizeof pin);
    return e;
}

ic_err icd_ca_key_open(struct icd_identity *id, bool make, char *why)
{
    char path[PATH];
    const char *named = id->config->ca_key;
    if (ic_pkcs11_is_uri(named))
        return from_token(id, make, why);
    if (named[0])
        snprintf(path, sizeof path, "%.399s", named);
    else
        snprintf(path, sizeof path, "%s/ca.key", id->seam.data_dir);
    bool memory = !named[0] && strcmp(id->seam.data_dir, ":memory:") == 0;
    ic_err e = icd_keyfile(memory ? NULL : path, make, &id->rand, &id->ca->key, why);
    if (e == IC_ERR_NOT_FOUND)
        snprintf(why, ICD_IDENTITY_WHY,
                 "%.350s is missing, and the root in identity.db is of that key", path);
    return e;
}
