#ifndef IC_PKI_SRC_STORE_H
#define IC_PKI_SRC_STORE_H

#include "internal.h"

struct root {
    struct ic_pki_cert cert;
    uint8_t *der;
};

struct ic_pki_store {
    struct ic_pki_policy policy;
    struct root **roots;
    size_t root_count;
    struct ic_pki_cache *cache; /* NULL: none */
};

#endif
