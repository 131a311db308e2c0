#include "softhsm.h"

#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const places[] = {
    "/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so"};
static const char *module_path;
static char folder[64];

static void remove_folder(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    if (system(command) != 0)
        fprintf(stderr, "%s is left\n", folder);
}

static bool make_token(CK_FUNCTION_LIST *f)
{
    CK_SLOT_ID slot;
    CK_ULONG n = 1;
    CK_SESSION_HANDLE s;
    CK_UTF8CHAR label[32], *so = (CK_UTF8CHAR *)(uintptr_t) "0815",
                           *pin = (CK_UTF8CHAR *)(uintptr_t)SOFTHSM_PIN;
    memset(label, ' ', sizeof label);
    memcpy(label, "test", 4);
    bool ok = f->C_GetSlotList(CK_FALSE, &slot, &n) == CKR_OK && n == 1 &&
              f->C_InitToken(slot, so, 4, label) == CKR_OK;
    /* SoftHSM moves the new token to a slot of its own number, and keeps it reachable at the old one. */
    ok =
        ok && f->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &s) == CKR_OK;
    if (!ok)
        return false;
    ok = f->C_Login(s, CKU_SO, so, 4) == CKR_OK && f->C_InitPIN(s, pin, 4) == CKR_OK;
    f->C_CloseSession(s);
    return ok;
}

bool softhsm_start(void)
{
    static bool made;
    if (made)
        return true;
    for (size_t i = 0; !module_path && i < sizeof places / sizeof *places; i++)
        if (access(places[i], R_OK) == 0)
            module_path = places[i];
    strcpy(folder, "/tmp/ic-softhsm-XXXXXX");
    if (!module_path || !mkdtemp(folder))
        return false;
    atexit(remove_folder);
    char path[100];
    snprintf(path, sizeof path, "%s/softhsm2.conf", folder);
    FILE *f = fopen(path, "we");
    if (!f)
        return false;
    fprintf(f, "directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n",
            folder);
    fclose(f);
    setenv("SOFTHSM2_CONF", path, 1);
    CK_FUNCTION_LIST *m = p11_kit_module_load(module_path, 0);
    made = m && p11_kit_module_initialize(m) == CKR_OK;
    if (made) {
        made = make_token(m);
        p11_kit_module_finalize(m);
    }
    if (m)
        p11_kit_module_release(m);
    return made;
}

const char *softhsm_uri(const char *object)
{
    static char uri[200];
    snprintf(uri, sizeof uri, "pkcs11:token=test;object=%s?module-path=%s", object, module_path);
    return uri;
}
