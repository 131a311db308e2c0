#ifndef IC_PKI_SRC_STORE_H
#define IC_PKI_SRC_STORE_H

#include <ic/pki/crl.h>

#include "internal.h"

struct root {
    struct ic_pki_cert cert;
    uint8_t *der;
};

/* A list of revoked certificates, and whose. */
struct ic_pki_list {
    struct ic_pki_crl crl;
    uint8_t *der;
    struct ic_view *serials; /* of der, sorted */
    uint8_t *key;            /* the issuer's SubjectPublicKeyInfo */
    size_t key_len;
    bool of_root;
};

struct ic_pki_store {
    struct ic_pki_policy policy;
    struct root **roots;
    size_t root_count;
    struct ic_pki_list **lists;
    size_t list_count;
    struct ic_pki_cache *cache; /* NULL: none */
};

void ic_pki_lists_free(struct ic_pki_store *s);
void ic_pki_lists_prune(struct ic_pki_store *s);
/* No certificate of the path is revoked; the root is not asked for. */
enum ic_pki_reason ic_pki_path_revocation(const struct ic_pki_store *s,
                                          const struct ic_pki_path *path, int64_t now, int64_t skew,
                                          int32_t *index);

#endif
