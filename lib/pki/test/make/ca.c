#include "ca.h"

#include <ic/base/mem.h>
#include <stdlib.h>
#include <string.h>

struct ic_pki_issue ca_plan(struct ca *ca, const struct maker_key *key)
{
    static const struct ic_pki_name names[] = {
        {IC_PKI_NAME_EMAIL, IC_VIEW_INIT("ana@ring.example")},
        {IC_PKI_NAME_URI, IC_VIEW_INIT("im:ana@ring.example")},
    };
    IC_BUF_SCOPE(info, 256);
    if (ic_pki_key_info_encode(key->sig, maker_public(key), &info) != IC_OK)
        abort();
    return (struct ic_pki_issue){.profile = IC_PKI_PERSON,
                                 .serial = IC_VIEW_STR("\x12\x34\x56\x78"),
                                 .subject = {IC_VIEW_STR("Ring"), IC_VIEW_STR("Ana Müller")},
                                 .names = names,
                                 .name_count = 2,
                                 .not_before = MAKER_NOW - 60,
                                 .not_after = MAKER_NOW + 7 * 86400,
                                 .key_info = maker_copy(&ca->m, ic_buf_view(&info)),
                                 .crl_url = "http://ca.ring.example/pki/crl.der",
                                 .ocsp_url = "http://ca.ring.example/pki/ocsp"};
}

struct ic_view ca_issue(struct ca *ca, const struct ic_pki_issue *what)
{
    IC_BUF_SCOPE(der, IC_PKI_CERT_MAX);
    bool root = what->profile == IC_PKI_ROOT;
    if (ic_pki_issue(what, root ? NULL : &ca->root, ca->key->key, &der) != IC_OK)
        abort();
    return maker_copy(&ca->m, ic_buf_view(&der));
}

void ca_init(struct ca *ca, uint64_t seed, enum ic_sig_id sig)
{
    *ca = (struct ca){0};
    maker_init(&ca->m, seed);
    ca->key = maker_key(&ca->m, sig);
    ca->ana_key = maker_key(&ca->m, sig);
    struct ic_pki_issue root = {
        .profile = IC_PKI_ROOT,
        .serial = IC_VIEW_STR("\x01"),
        .subject = {IC_VIEW_STR("Ring"), IC_VIEW_STR("In Camera CA")},
        .not_before = MAKER_NOW - 86400,
        .not_after = MAKER_NOW + 3650ll * 86400,
    };
    struct ic_pki_issue ana = ca_plan(ca, ca->ana_key);
    ca->root_der = ca_issue(ca, &root);
    if (ic_pki_cert_decode(ca->root_der, &ca->root, NULL) != IC_OK)
        abort();
    ca->ana_der = ca_issue(ca, &ana);
    if (ic_pki_cert_decode(ca->ana_der, &ca->ana, NULL) != IC_OK)
        abort();
}

void ca_clear(struct ca *ca)
{
    maker_clear(&ca->m);
}

/* Blocks of the exact size, so that a sanitizer sees what is read behind the end. */
static void refused(struct ic_view bytes, ic_err (*fn)(struct ic_view der, void *ctx), void *ctx,
                    const char *how, size_t at)
{
    uint8_t *exact = ic_memdup(bytes.p, bytes.len ? bytes.len : 1);
    if (!exact)
        abort();
    if (fn(ic_view(exact, bytes.len), ctx) == IC_OK)
        ic_test_fail(__FILE__, __LINE__, "%s at %zu is taken", how, at);
    ic_free(exact);
}

void ca_hostile(struct ic_view good, ic_err (*fn)(struct ic_view der, void *ctx), void *ctx)
{
    uint8_t *copy = ic_realloc(NULL, good.len + 1, 1);
    if (!copy)
        abort();
    CHECK_OK(fn(good, ctx));
    for (size_t i = 0; i < good.len; i++)
        refused(ic_view(good.p, i), fn, ctx, "cut", i);
    memcpy(copy, good.p, good.len);
    copy[good.len] = 0;
    refused(ic_view(copy, good.len + 1), fn, ctx, "one more", good.len);
    for (size_t i = 0; i < 8 * good.len; i++) {
        copy[i / 8] ^= (uint8_t)(1 << i % 8);
        refused(ic_view(copy, good.len), fn, ctx, "a turned bit", i);
        copy[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    ic_free(copy);
}
