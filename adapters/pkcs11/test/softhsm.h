/* A token of SoftHSM in a folder of its own, made for one test program. */
#ifndef IC_PKCS11_TEST_SOFTHSM_H
#define IC_PKCS11_TEST_SOFTHSM_H

#include <stdbool.h>

#define SOFTHSM_PIN "4711"

/* False where this machine has no SoftHSM. The token is called "test"; the folder goes with the program. */
bool softhsm_start(void);
/* "pkcs11:token=test;object=NAME?module-path=...": in a static buffer. */
const char *softhsm_uri(const char *object);

#endif
