/* The authority in a service in memory, and an order of Ana's: what its tests begin with. */
#ifndef ICD_CA_TEST_SHOP_H
#define ICD_CA_TEST_SHOP_H

#include "identity/ca/ca.h"
#include "identity/test/world.h"

#include <ic/pki/csr.h>
#include <maker.h>
#include <stdlib.h>

struct shop {
    struct world w;
    struct maker m;
    struct maker_key *ana;
};

static void shop_open(struct shop *s)
{
    world_open(&s->w);
    maker_init(&s->m, 7);
    s->ana = maker_key(&s->m, IC_ECDSA_P256_SHA256);
}

static void shop_close(struct shop *s)
{
    maker_clear(&s->m);
    world_close(&s->w);
}
#define SHOP_SCOPE(name)                                                                           \
    __attribute__((cleanup(shop_close))) struct shop name;                                         \
    shop_open(&name)

static const struct ic_pki_name ana_names[] = {
    {IC_PKI_NAME_EMAIL, IC_VIEW_INIT("ana@example.org")},
    {IC_PKI_NAME_URI, IC_VIEW_INIT("im:ana@example.org")},
};

static struct icd_ca_order order(struct shop *s)
{
    IC_BUF_SCOPE(info, 256);
    if (ic_pki_key_info_encode(s->ana->sig, maker_public(s->ana), &info) != IC_OK)
        abort();
    return (struct icd_ca_order){.profile = IC_PKI_PERSON,
                                 .key_info = maker_copy(&s->m, ic_buf_view(&info)),
                                 .org = 1,
                                 .user = "user-ana",
                                 .device = "device-1",
                                 .organisation = "Example",
                                 .common_name = "Ana",
                                 .names = ana_names,
                                 .name_count = 2};
}

/* As a handler does: what it wrote is undone where it fails. */
static ic_err issue(struct shop *s, const struct icd_ca_order *o, struct icd_ca_issued *out)
{
    s->w.id->now_ms = s->w.now_ms;
    ic_err e = icd_ca_issue(s->w.id, o, out);
    if (e != IC_OK && icd_store_in_transaction(s->w.id->store))
        icd_store_rollback(s->w.id->store);
    icd_identity_flush(s->w.id);
    return e;
}

static struct ic_view der_of(struct shop *s, const char *serial)
{
    IC_BUF_SCOPE(der, IC_PKI_CERT_MAX);
    if (icd_ca_der(s->w.id, serial, &der) != IC_OK)
        abort();
    return maker_copy(&s->m, ic_buf_view(&der));
}

#endif
