/* From a URI to a session on the one token that it names. */
#include "private.h"

#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SLOTS_MAX = 256, PIN_MAX = 128 };

ic_err ic_pkcs11_say(const struct ic_pkcs11_why *why, ic_err e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why->text, why->len, format, args);
    va_end(args);
    return e;
}

bool ic_pkcs11_is_uri(const char *text)
{
    return strncmp(text, "pkcs11:", 7) == 0;
}

static ic_err load(struct ic_pkcs11 *p, const struct ic_pkcs11_why *why)
{
    const char *path = p11_kit_uri_get_module_path(p->uri);
    if (!path) {
        p->modules = p11_kit_modules_load_and_initialize(0);
        return p->modules ? IC_OK
                          : ic_pkcs11_say(why, IC_ERR_NOT_FOUND,
                                          "no module of PKCS #11 is registered here; name one with "
                                          "?module-path=/usr/lib/... behind the URI");
    }
    p->single = p11_kit_module_load(path, 0);
    if (!p->single)
        return ic_pkcs11_say(why, IC_ERR_NOT_FOUND, "%s is no module of PKCS #11", path);
    CK_RV rv = p11_kit_module_initialize(p->single);
    if (rv == CKR_OK)
        return IC_OK;
    p11_kit_module_release(p->single);
    p->single = NULL;
    return ic_pkcs11_say(why, IC_ERR_IO, "%s does not start: %s", path, p11_kit_strerror(rv));
}

/* The first token of a module that fits, and how many do. */
static size_t look(struct ic_pkcs11 *p, CK_FUNCTION_LIST *f, size_t found, CK_TOKEN_INFO *out)
{
    CK_SLOT_ID slots[SLOTS_MAX];
    CK_ULONG count = SLOTS_MAX;
    if (f->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK)
        return found;
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO info;
        if (f->C_GetTokenInfo(slots[i], &info) != CKR_OK || !(info.flags & CKF_TOKEN_INITIALIZED) ||
            !p11_kit_uri_match_token_info(p->uri, &info))
            continue;
        if (found++ > 0)
            continue;
        p->f = f;
        p->slot = slots[i];
        *out = info;
    }
    return found;
}

static ic_err choose(struct ic_pkcs11 *p, CK_TOKEN_INFO *info, const struct ic_pkcs11_why *why)
{
    size_t found = 0;
    for (CK_FUNCTION_LIST **m = p->modules; m && *m; m++)
        found = look(p, *m, found, info);
    if (p->single)
        found = look(p, p->single, found, info);
    if (found == 0)
        return ic_pkcs11_say(why, IC_ERR_NOT_FOUND,
                             "no token here is the one that the URI names: is it plugged in?");
    if (found > 1)
        return ic_pkcs11_say(why, IC_ERR_EXISTS,
                             "%zu tokens fit the URI: say which with token= or serial=", found);
    size_t n = p11_kit_space_strlen(info->label, sizeof info->label);
    memcpy(p->label, info->label, n);
    p->label[n] = 0;
    return IC_OK;
}

/* The first line of the URI's pin-source. */
static ic_err read_pin(const char *source, char pin[PIN_MAX], const struct ic_pkcs11_why *why)
{
    const char *path = strncmp(source, "file://", 7) == 0 ? source + 7
                       : strncmp(source, "file:", 5) == 0 ? source + 5
                                                          : source;
    FILE *f = fopen(path, "re");
    bool ok = f && setvbuf(f, NULL, _IONBF, 0) == 0 && fgets(pin, PIN_MAX, f) != NULL;
    if (f)
        fclose(f);
    if (!ok)
        return ic_pkcs11_say(why, IC_ERR_AUTH, "the PIN cannot be read from %s", path);
    pin[strcspn(pin, "\r\n")] = 0;
    return IC_OK;
}

static ic_err log_in(struct ic_pkcs11 *p, const char *pin, const struct ic_pkcs11_why *why)
{
    CK_RV rv =
        p->f->C_Login(p->session, CKU_USER, (CK_UTF8CHAR_PTR)(uintptr_t)pin, pin ? strlen(pin) : 0);
    if (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN)
        return IC_OK;
    const char *what = rv == CKR_PIN_LOCKED      ? "is locked after too many wrong PINs"
                       : rv == CKR_PIN_INCORRECT ? "refuses the PIN"
                       : !pin                    ? "wants a PIN"
                                                 : p11_kit_strerror(rv);
    return ic_pkcs11_say(why, IC_ERR_AUTH, "the token %s %s", p->label, what);
}

static ic_err open_session(struct ic_pkcs11 *p, const char *pin, bool write,
                           const CK_TOKEN_INFO *info, const struct ic_pkcs11_why *why)
{
    CK_FLAGS flags = CKF_SERIAL_SESSION | (write ? CKF_RW_SESSION : 0);
    CK_RV rv = p->f->C_OpenSession(p->slot, flags, NULL, NULL, &p->session);
    if (rv != CKR_OK)
        return ic_pkcs11_say(why, IC_ERR_IO, "the token %s: %s", p->label, p11_kit_strerror(rv));
    p->in_session = true;
    if (!(info->flags & CKF_LOGIN_REQUIRED))
        return IC_OK;
    char line[PIN_MAX] = "";
    const char *source = p11_kit_uri_get_pin_source(p->uri);
    ic_err e = IC_OK;
    if (!pin)
        pin = p11_kit_uri_get_pin_value(p->uri);
    if (!pin && source) {
        e = read_pin(source, line, why);
        pin = line;
    }
    if (e == IC_OK)
        e = log_in(p, pin, why);
    ic_wipe(line, sizeof line);
    return e;
}

ic_err ic_pkcs11_enter(const char *uri, const char *pin, bool write, struct ic_pkcs11 **out,
                       const struct ic_pkcs11_why *why)
{
    struct ic_pkcs11 *p = ic_new(struct ic_pkcs11);
    CK_TOKEN_INFO info;
    ic_err e = IC_OK;
    if (!p)
        return IC_ERR_NOMEM;
    p->uri = p11_kit_uri_new();
    if (!p->uri)
        e = IC_ERR_NOMEM;
    else if (p11_kit_uri_parse(uri, P11_KIT_URI_FOR_ANY, p->uri) != P11_KIT_URI_OK ||
             p11_kit_uri_any_unrecognized(p->uri))
        e = ic_pkcs11_say(why, IC_ERR_MALFORMED,
                          "that is no URI of PKCS #11: it looks like pkcs11:token=NAME;object=KEY");
    if (e == IC_OK)
        e = load(p, why);
    if (e == IC_OK)
        e = choose(p, &info, why);
    if (e == IC_OK)
        e = open_session(p, pin, write, &info, why);
    if (e != IC_OK) {
        ic_pkcs11_free(p);
        return e;
    }
    *out = p;
    return IC_OK;
}

void ic_pkcs11_free(struct ic_pkcs11 *p)
{
    if (!p)
        return;
    if (p->in_session)
        p->f->C_CloseSession(p->session);
    if (p->modules)
        p11_kit_modules_finalize_and_release(p->modules);
    if (p->single) {
        p11_kit_module_finalize(p->single);
        p11_kit_module_release(p->single);
    }
    p11_kit_uri_free(p->uri);
    ic_free(p);
}

const char *ic_pkcs11_token_label(const struct ic_pkcs11 *p)
{
    return p->label;
}
